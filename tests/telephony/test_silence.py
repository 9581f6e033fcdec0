"""When a caller has been silent for too long."""

from dialogs.events import Listen
from telephony.silence import SilenceClock

QUESTION = Listen(timeout_ms=7000, key_timeout_ms=3000)


def test_time_runs_from_the_end_of_the_prompt() -> None:
    clock = SilenceClock()
    clock.expect(QUESTION)
    assert not clock.ran_out(60_000)  # the prompt still plays
    clock.quiet(61_000)
    assert not clock.ran_out(67_999)
    assert clock.ran_out(68_000)


def test_it_runs_out_once() -> None:
    clock = SilenceClock()
    clock.expect(QUESTION)
    clock.quiet(0)
    assert clock.ran_out(7000)
    assert not clock.ran_out(8000)


def test_speech_stops_it_until_it_is_quiet_again() -> None:
    clock = SilenceClock()
    clock.expect(QUESTION)
    clock.quiet(0)
    clock.speech()
    assert not clock.ran_out(100_000)
    clock.quiet(100_000)
    assert clock.ran_out(107_000)


def test_a_key_shortens_it() -> None:
    clock = SilenceClock()
    clock.expect(QUESTION)
    clock.quiet(0)
    clock.key()
    clock.quiet(1000)
    assert not clock.ran_out(3999)
    assert clock.ran_out(4000)


def test_the_next_question_has_its_whole_time_again() -> None:
    clock = SilenceClock()
    clock.expect(QUESTION)
    clock.key()  # the last digit that was asked for
    clock.expect(QUESTION)
    clock.quiet(0)
    assert not clock.ran_out(6999)
    assert clock.ran_out(7000)


def test_nobody_is_expected_to_speak_when_the_dialog_does_not_listen() -> None:
    clock = SilenceClock()
    clock.quiet(0)
    assert not clock.ran_out(1_000_000)
    clock.expect(QUESTION)
    clock.forget()
    clock.quiet(0)
    assert not clock.ran_out(1_000_000)
