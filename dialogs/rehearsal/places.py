"""The places of a flowbook that a call can come by, and how they are told to people."""

from __future__ import annotations

from collections.abc import Iterator

from dialogs.flowbook import Flowbook
from dialogs.problems import Path, place
from dialogs.walking import every_step, split, step_at

_COMMANDS = ("operator", "repeat", "cancel", "correct", "opt_out", "kb")


def steps_of(book: Flowbook) -> Iterator[Path]:
    """Every step, in the order of the file."""
    for at, _ in every_step(book.flows):
        yield "flows", *at


def ways_of(book: Flowbook) -> Iterator[Path]:
    """Every branch: ways out of steps, rungs of ladders, what `always` understands, ways out of queues, messages left
    on answering machines, flows that calls are given back at."""
    for at, step in every_step(book.flows):
        for way in step.ways():
            yield "flows", *at, *way
    for kind in ("no_input", "no_match"):
        for number in range(len(getattr(book.repair, kind))):
            yield "repair", kind, number
    yield "repair", "call_budget"
    for command in _COMMANDS:
        if getattr(book.always, command) is not None:
            yield "always", command
    for intent in book.always.intents:
        yield "always", "intents", intent
    for name, queue in book.queues.items():
        if queue.calendar:
            yield "queues", name, "when_closed"
        yield "queues", name, "when_full"
    for flow, known in book.outgoing.items():
        if known.message:
            yield "outgoing", flow, "message"
    for flow in book.handback:
        yield "handback", flow


def in_words(book: Flowbook, path: Path) -> str:
    """ "flow 'order_status', step 2, else 1: say order_shipped", or "repair.no_match, rung 2"."""
    if path[0] != "flows":
        if isinstance(path[-1], int):
            return f"{'.'.join(map(str, path[:-1]))}, rung {path[-1] + 1}"
        return ".".join(map(str, path))
    at, below = split(path)
    step = step_at(book.flows, at[1:])
    words = [f"{place(at)}: {step.keyword}"]
    if below:
        own = [str(part + 1 if isinstance(part, int) else part) for part in below if part != step.keyword]
        words.append("→ " + " ".join(own))
    return " ".join(words)
