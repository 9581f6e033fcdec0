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


def test_a_sound_holds_it_up_but_does_not_wind_it_up_again() -> None:
    clock = SilenceClock()
    clock.expect(QUESTION)
    clock.quiet(0)
    clock.speech(5000)
    assert not clock.ran_out(100_000)
    clock.quiet(100_000)
    assert not clock.ran_out(101_999)
    assert clock.ran_out(102_000)


def test_noise_again_and_again_does_not_put_off_the_reprompt_for_ever() -> None:
    clock = SilenceClock()
    clock.expect(QUESTION)
    heard_ms = [start_ms for start_ms in range(0, 60_000, 1500) if _noise_until(clock, start_ms)]
    assert heard_ms
    assert heard_ms[0] < 15_000


def _noise_until(clock: SilenceClock, start_ms: int) -> bool:
    """1.1 s of quiet, 0.4 s of noise; whether the time ran out meanwhile."""
    clock.quiet(start_ms)
    if clock.ran_out(start_ms + 1100):
        return True
    clock.speech(start_ms + 1100)
    return False


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


def test_a_caller_on_hold_is_waited_for_and_asked_soon_after_the_music() -> None:
    clock = SilenceClock()
    clock.expect(QUESTION)
    clock.quiet(0)
    clock.music_plays(True, 4000)
    assert not clock.ran_out(33_999)
    clock.music_plays(False, 20_000)
    assert not clock.ran_out(21_999)
    assert clock.ran_out(22_000)


def test_music_without_end_does_not_put_off_a_question_for_ever() -> None:
    clock = SilenceClock()
    clock.expect(QUESTION)
    clock.quiet(0)
    clock.music_plays(True, 4000)
    assert clock.ran_out(34_000)
    clock.expect(QUESTION)
    clock.quiet(36_000)
    assert not clock.ran_out(65_999)
    assert clock.ran_out(66_000)


def test_music_that_stops_while_the_bot_speaks_leaves_the_next_question_its_time() -> None:
    clock = SilenceClock()
    clock.expect(QUESTION)
    clock.music_plays(True, 1000)
    clock.music_plays(False, 5000)
    clock.quiet(6000)
    assert not clock.ran_out(12_999)
    assert clock.ran_out(13_000)
