"""When what a caller tells is told in confidence."""

from __future__ import annotations

from telephony.confiding import TAIL_MS, Confiding


class Clock:
    ms = 0

    def __call__(self) -> int:
        return self.ms


def looked(confiding: Confiding, clock: Clock, *moments: tuple[int, bool, bool, bool]) -> None:
    for clock.ms, asked, spoken, voice in moments:
        confiding.look(asked, spoken, voice)


def test_it_lasts_from_the_question_until_a_moment_after_the_value_was_read_back() -> None:
    confiding = Confiding(clock := Clock())
    looked(confiding, clock, (1000, False, False, False), (2000, True, False, True), (5000, False, True, False))
    looked(confiding, clock, (8000, False, False, False), (8000 + TAIL_MS, False, False, False))
    assert not confiding.active
    assert list(confiding.stretches()) == [(2000, 8000 + TAIL_MS)]
    assert not confiding.covers(0, 1999)
    assert confiding.covers(1500, 2000)
    assert confiding.covers(9400, 20_000)
    assert not confiding.covers(9501, 20_000)


def test_a_caller_who_goes_on_speaking_is_still_masked() -> None:
    confiding = Confiding(clock := Clock())
    looked(confiding, clock, (0, True, False, True), (1000, False, False, True), (2400, False, False, True))
    looked(confiding, clock, (3800, False, False, True), (5400, False, False, False))
    assert list(confiding.stretches()) == [(0, 5300)]


def test_an_operator_can_want_it() -> None:
    confiding = Confiding(clock := Clock())
    confiding.wanted = True
    looked(confiding, clock, (100, False, False, False))
    clock.ms = 60_000
    assert confiding.covers(59_000, 60_000)
    confiding.wanted = False
    looked(confiding, clock, (60_000, False, False, False), (62_000, False, False, False))
    assert not confiding.active
