"""Where a call can get in a flowbook: ends that are missing, steps that are never reached, loops without input."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from dialogs.flowbook import Flowbook
from dialogs.frame import CALL_BACK
from dialogs.problems import Path, Problem, of_rule
from dialogs.steps.handoff import HandoffStep
from dialogs.steps.jump import JumpStep, ReturnStep
from dialogs.steps.step import Step
from dialogs.walking import every_step


@of_rule("unreachable")
def lint_paths(book: Flowbook, begins_with: Collection[str] = ()) -> Iterator[Problem]:
    """Flows that run off their end, steps and flows that are never reached, loops that never ask the caller."""
    for name, block in book.flows.items():
        if not block:
            yield Problem(("flows", name), "the flow has no steps")
        elif block[-1].goes_on:
            where: Path = ("flows", name, len(block) - 1)
            yield Problem(where, "the flow stops here in mid-call; add a goto, handoff or end after it")
        yield from _dead_steps(("flows", name), block)
    for name in book.flows.keys() - _reached(book, begins_with):
        yield Problem(("flows", name), "no step leads to this flow", is_warning=True)
    yield from _spinning(book)
    yield from _lost_returns(book, begins_with)


def _dead_steps(path: Path, block: tuple[Step, ...]) -> Iterator[Problem]:
    for index, step in enumerate(block):
        for name, nested in step.blocks().items():
            yield from _dead_steps((*path, index, name), nested)
        if not step.goes_on and index + 1 < len(block):
            yield Problem((*path, index + 1), "this step is never reached", is_warning=True)


def _reached(book: Flowbook, begins_with: Collection[str]) -> set[str]:
    leads: dict[str, set[str]] = {name: set() for name in book.flows}
    for at, step in every_step(book.flows):
        leads[str(at[0])].update(step.flows())
    also = [book.always.cancel.goto] if book.always.cancel else []
    waiting = [book.start, *book.outgoing, *book.handback, *begins_with, *also]
    waiting += book.always.intents
    waiting += [way for queue in book.queues.values() for way in (queue.when_closed, queue.when_full)]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in leads and name not in reached:
            reached.add(name)
            waiting.extend(leads[name])
    return reached


@of_rule("return")
def _lost_returns(book: Flowbook, begins_with: Collection[str]) -> Iterator[Problem]:
    """Flows with a `return` that a call can come to without a jump that it could go back to."""
    cancel = book.always.cancel
    waiting = [book.start, *book.outgoing, *book.handback, *begins_with, *([cancel.goto] if cancel else [])]
    waiting += [way for queue in book.queues.values() for way in (queue.when_closed, queue.when_full)]
    steps: dict[str, list[tuple[Path, Step]]] = {name: [] for name in book.flows}
    for at, step in every_step(book.flows):
        steps[str(at[0])].append((at, step))
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in steps or name in reached:
            continue
        reached.add(name)
        for at, step in steps[name]:
            if isinstance(step, ReturnStep):
                why = f"a call can come to {name!r} without a jump, and then there is nothing to return to"
                yield Problem(("flows", *at), why)
            if not isinstance(step, JumpStep):
                waiting += step.flows()


@of_rule("loop")
def _spinning(book: Flowbook) -> Iterator[Problem]:
    """Flows that lead back to their own beginning without a step that waits for the caller."""
    leads = {name: dict(_silent_gotos(book, ("flows", name), block)[0]) for name, block in book.flows.items()}
    told: set[str] = set()
    for name in book.flows:
        trail = _way_back(name, leads)
        if trail and not told & set(trail):
            told.update(trail)
            way = " → ".join([*trail, trail[0]])
            yield Problem(leads[trail[-1]][trail[0]], f"a loop that never listens to the caller: {way}")


def _way_back(name: str, leads: dict[str, dict[str, Path]]) -> list[str]:
    trails = [[name]]
    seen: set[str] = set()
    while trails:
        trail = trails.pop()
        for target in leads.get(trail[-1], {}):
            if target == name:
                return trail
            if target not in seen:
                seen.add(target)
                trails.append([*trail, target])
    return []


def _closed_ways(book: Flowbook, step: Step) -> Iterator[str]:
    """Where a hand-off leads when its queue is closed."""
    queue = book.queues.get(step.handoff) if isinstance(step, HandoffStep) else None
    if queue and queue.calendar and queue.when_closed not in ("", CALL_BACK):
        yield queue.when_closed


def _silent_gotos(book: Flowbook, path: Path, block: tuple[Step, ...]) -> tuple[dict[str, Path], bool]:
    """(flow → the step that goes there, for all that can be reached without input; whether the block's end can)."""
    found: dict[str, Path] = {}
    for index, step in enumerate(block):
        if step.takes_input:
            return found, False
        here = (*path, index)
        for flow in (*step.flows(), *_closed_ways(book, step)):
            found.setdefault(flow, here)
        ends = []
        for name, nested in step.blocks().items():
            inner, goes_on = _silent_gotos(book, (*here, name), nested)
            found.update({flow: where for flow, where in inner.items() if flow not in found})
            ends.append(goes_on)
        if not step.goes_on or (ends and not any(ends)):
            return found, False
    return found, True
