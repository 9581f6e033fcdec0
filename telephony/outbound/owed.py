"""Call-backs that are owed: which may be dialled now. Pure.

A person is dialled when an operator of their queue is free, and hears first who calls; operators hear no ringing and no
answering machines. Nobody overtakes: callers who wait on the line and people who wait to be called back are served in
the order in which they asked, and never more are dialled than there are operators left for. See docs/outbound.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

TaskStatus = Literal["waiting", "taken", "calling", "done", "failed"]
"""waiting: for an operator to be free, or for the next try. taken: an operator deals with it. calling: we dial or
talk. failed: no try is left; people may still take it."""

Key = tuple[str, int]
"""The interaction in which it was asked for, and the seq of the request."""


@dataclass(frozen=True)
class Task:
    """What was done about a call-back so far. holder: the operator who took it."""

    status: TaskStatus = "waiting"
    holder: str = ""
    tried: int = 0
    outcome: str = ""
    due_at: datetime | None = None
    claimed_until: datetime | None = None
    call_id: str = ""

    def free(self, now: datetime) -> bool:
        """Whether nobody has it: it waits, or who took it let the time pass."""
        if self.status == "taken":
            return self.claimed_until is not None and self.claimed_until <= now
        return self.status == "waiting"


@dataclass(frozen=True)
class Owed:
    """number: as the history has it, '' for a withheld one, which only a person can make something of."""

    key: Key
    queue: str
    number: str
    asked_at: datetime
    slots: Mapping[str, str] = field(default_factory=dict)
    task: Task = Task()


@dataclass(frozen=True)
class InLine:
    """A caller who waits on the line; since: when they entered the queue."""

    queue: str
    since: datetime


def may_dial(
    owed: Iterable[Owed],
    in_line: Iterable[InLine],
    operators: Sequence[frozenset[str]],
    reserved: Iterable[str],
    now: datetime,
) -> list[Owed]:
    """operators: the queues of each who is free, empty for all; reserved: queues of people whom we are dialling."""
    left = list(operators)
    for queue in reserved:
        _seat(left, queue)
    due = [
        one for one in owed if one.number and one.task.free(now) and (one.task.due_at is None or one.task.due_at <= now)
    ]
    waiting: list[tuple[datetime, int, str, Owed | None]] = [
        (one.asked_at, n, one.queue, one) for n, one in enumerate(due)
    ]
    waiting += [(one.since, -1, one.queue, None) for one in in_line]
    dialled: list[Owed] = []
    for _, _, queue, one in sorted(waiting, key=lambda item: item[:2]):
        twice = one is not None and any(one.number == other.number for other in dialled)
        if not twice and _seat(left, queue) and one is not None:
            dialled.append(one)
    return dialled


def _seat(left: list[frozenset[str]], queue: str) -> bool:
    """Whether somebody who is left serves this queue; they are then taken: those with fewest other queues first."""
    able = sorted((queues for queues in left if not queues or queue in queues), key=lambda queues: len(queues) or 1000)
    if able:
        left.remove(able[0])
    return bool(able)
