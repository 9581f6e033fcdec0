"""Finding one's way through the steps of a flow by their addresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dialogs.problems import Path
from dialogs.state import Address
from dialogs.steps.step import Step

Flows = Mapping[str, tuple[Step, ...]]


def block_at(flows: Flows, at: Address) -> tuple[Step, ...]:
    """The steps among which the step at `at` stands. Raises LookupError for an address that is none."""
    block = flows[str(at[0])]
    for index, name in zip(at[1:-1:2], at[2:-1:2], strict=True):
        block = block[int(index)].blocks()[str(name)]
    return block


def step_at(flows: Flows, at: Address) -> Step:
    """The step at `at`. Raises LookupError when there is none."""
    return block_at(flows, at)[int(at[-1])]


def after(flows: Flows, at: Address) -> Address | None:
    """The step that follows, out of nested blocks where needed; None at the end of a flow."""
    following = int(at[-1]) + 1
    if following < len(block_at(flows, at)):
        return (*at[:-1], following)
    return after(flows, at[:-2]) if len(at) > 2 else None


def first_of(flows: Flows, at: Address, block: str) -> Address | None:
    """The first step of a nested block, or what follows when the block is empty."""
    return (*at, block, 0) if step_at(flows, at).blocks().get(block) else after(flows, at)


def every_step(flows: Flows) -> Iterator[tuple[Address, Step]]:
    """All steps of all flows with their addresses, in the order of the file."""

    def walk(prefix: Address, block: tuple[Step, ...]) -> Iterator[tuple[Address, Step]]:
        for index, step in enumerate(block):
            at = (*prefix, index)
            yield at, step
            for name, nested in step.blocks().items():
                yield from walk((*at, name), nested)

    for flow, block in flows.items():
        yield from walk((flow,), block)


def split(path: Path) -> tuple[Path, Path]:
    """A place below `flows`: the step's own place, and what stands below it."""
    end = 3
    while len(path) >= end + 2 and isinstance(path[end + 1], int) and path[end] in ("then", "else"):
        end += 2
    return path[:end], path[end:]


def told_walk(way: Iterable[Path], at: Address) -> dict[str, Any]:
    """Which way a dialog went, as it is written in a history: the steps it came to, the branches that it took (by their
    paths in the file), and the step at which it stands."""
    steps: list[str] = []
    ways: list[str] = []
    for path in way:
        is_step = path[0] == "flows" and not split(path)[1]
        (steps if is_step else ways).append(".".join(map(str, path)))
    told = {"at": ".".join(map(str, ("flows", *at))) if at else "", "steps": steps, "ways": ways}
    return {name: value for name, value in told.items() if value}
