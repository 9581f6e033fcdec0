"""Finding one's way through the steps of a flow by their addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dialogs.state import Address
from dialogs.steps.step import Step

if TYPE_CHECKING:
    from dialogs.flowbook import Flowbook


def block_at(book: Flowbook, at: Address) -> tuple[Step, ...]:
    """The steps among which the step at `at` stands. Raises LookupError for an address that is none."""
    block = book.flows[str(at[0])]
    for index, name in zip(at[1:-1:2], at[2:-1:2], strict=True):
        block = block[int(index)].blocks()[str(name)]
    return block


def step_at(book: Flowbook, at: Address) -> Step:
    """The step at `at`. Raises LookupError when there is none."""
    return block_at(book, at)[int(at[-1])]


def after(book: Flowbook, at: Address) -> Address | None:
    """The step that follows, out of nested blocks where needed; None at the end of a flow."""
    following = int(at[-1]) + 1
    if following < len(block_at(book, at)):
        return (*at[:-1], following)
    return after(book, at[:-2]) if len(at) > 2 else None


def first_of(book: Flowbook, at: Address, block: str) -> Address | None:
    """The first step of a nested block, or what follows when the block is empty."""
    return (*at, block, 0) if step_at(book, at).blocks().get(block) else after(book, at)


def every_step(book: Flowbook) -> Iterator[tuple[Address, Step]]:
    """All steps of all flows with their addresses, in the order of the file."""

    def walk(prefix: Address, block: tuple[Step, ...]) -> Iterator[tuple[Address, Step]]:
        for index, step in enumerate(block):
            at = (*prefix, index)
            yield at, step
            for name, nested in step.blocks().items():
                yield from walk((*at, name), nested)

    for flow, block in book.flows.items():
        yield from walk((flow,), block)
