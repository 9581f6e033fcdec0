"""How long a caller will wait, from how long those before them did. Pure; times in ms of one clock.

A queue moves by one place whenever its foremost caller is answered. How long a caller stands foremost is therefore the
time that one place takes: it is short while operators are free, and about a conversation divided by the operators when
they are not. The median of the last ones is taken, because one long conversation says little about the next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

FEWEST = 3
"""Answers from which something can be said at all."""
REMEMBERED = 20
LONGEST_AGO_MS = 2 * 60 * 60 * 1000
"""What was two hours ago says nothing about now."""


@dataclass(frozen=True)
class Answered:
    """A caller of a queue who entered it and was answered."""

    entered_ms: int
    at_ms: int


def foremost_ms(answered: Iterable[Answered]) -> list[int]:
    """How long each of them stood foremost: from the answer before, or from their coming when nobody was there."""
    times = []
    before_ms: int | None = None
    for one in sorted(answered, key=lambda one: one.at_ms):
        since_ms = one.entered_ms if before_ms is None else max(one.entered_ms, before_ms)
        times.append(max(0, one.at_ms - since_ms))
        before_ms = one.at_ms
    return times


def expected_wait_ms(place: int, answered: Iterable[Answered], foremost_since_ms: int, now_ms: int) -> int | None:
    """What is left of the wait of who stands at `place` (1 = next); None when too little is known to say anything.

    foremost_since_ms: since when the foremost caller of the queue is that.
    """
    recent = [one for one in answered if now_ms - one.at_ms <= LONGEST_AGO_MS][-REMEMBERED:]
    if len(recent) < FEWEST:
        return None
    one_place_ms = median(foremost_ms(recent))
    # Who has waited longer than is usual is not told that it is over: a quarter of the usual time is always left.
    first_ms = max(one_place_ms - (now_ms - foremost_since_ms), one_place_ms / 4)
    return round((place - 1) * one_place_ms + first_ms)


class AnswerTimes:
    """The last answers of each queue."""

    def __init__(self) -> None:
        self._of: dict[str, deque[Answered]] = {}

    def answered(self, queue: str, entered_ms: int, at_ms: int) -> None:
        self._of.setdefault(queue, deque(maxlen=REMEMBERED)).append(Answered(entered_ms, at_ms))

    def expected_wait_ms(self, queue: str, place: int, foremost_entered_ms: int, now_ms: int) -> int | None:
        answered = self._of.get(queue, ())
        last_ms = max((one.at_ms for one in answered), default=foremost_entered_ms)
        return expected_wait_ms(place, answered, max(last_ms, foremost_entered_ms), now_ms)
