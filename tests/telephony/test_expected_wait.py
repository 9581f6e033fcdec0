"""How long a caller will wait, from made-up afternoons of a queue; all times in minutes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialogs.queueing import LONGEST_MINUTES, spoken_wait
from telephony.operators.expected_wait import Answered, AnswerTimes, expected_wait_ms, foremost_ms

MIN = 60_000


def answered(*times: tuple[float, float]) -> list[Answered]:
    """(entered, answered), in minutes."""
    return [Answered(round(entered * MIN), round(at * MIN)) for entered, at in times]


def minutes(place: int, past: list[Answered], foremost_since: float, now: float) -> float | None:
    found = expected_wait_ms(place, past, round(foremost_since * MIN), round(now * MIN))
    return None if found is None else found / MIN


BUSY = answered((0, 4), (0, 8), (0, 12), (0, 16))
"""One operator who talks four minutes each time, with callers waiting all along."""


def test_who_stood_foremost_for_how_long() -> None:
    assert [ms / MIN for ms in foremost_ms(BUSY)] == [4, 4, 4, 4]
    assert [ms / MIN for ms in foremost_ms(answered((0, 0.1), (30, 30.1), (60, 60.1)))] == [0.1, 0.1, 0.1]


def test_each_place_takes_as_long_as_those_before() -> None:
    assert minutes(1, BUSY, foremost_since=16, now=16) == 4
    assert minutes(3, BUSY, foremost_since=16, now=16) == 12
    assert minutes(3, BUSY, foremost_since=16, now=18) == 10


def test_who_waits_longer_than_usual_is_not_told_that_it_is_over() -> None:
    assert minutes(1, BUSY, foremost_since=16, now=40) == 1


def test_too_little_or_too_old_says_nothing() -> None:
    assert minutes(1, BUSY[:2], 8, 8) is None
    assert minutes(1, BUSY, foremost_since=16, now=16 + 121) is None
    assert AnswerTimes().expected_wait_ms("aiuto", 1, 0, 0) is None


def test_one_long_conversation_does_not_frighten_everybody() -> None:
    past = answered((0, 3), (0, 6), (0, 60), (57, 63), (60, 66))
    assert minutes(1, past, foremost_since=66, now=66) == 3


def test_each_queue_has_its_own_past() -> None:
    times = AnswerTimes()
    for minute in (2, 4, 6):
        times.answered("aiuto", 0, minute * MIN)
    assert times.expected_wait_ms("aiuto", 2, 0, 6 * MIN) == 4 * MIN
    assert times.expected_wait_ms("ordini", 2, 0, 6 * MIN) is None


@given(st.integers(0, 10**9))
def test_what_is_said_of_a_wait_is_never_silly(wait_ms: int) -> None:
    said = spoken_wait(wait_ms)
    if said.minutes is None:
        assert said.key == ("queue_wait_short" if wait_ms <= MIN else "queue_wait_long")
    else:
        assert 2 <= said.minutes <= LONGEST_MINUTES
        assert said.minutes <= 10 or said.minutes % 5 == 0
        assert said.minutes * MIN >= wait_ms
