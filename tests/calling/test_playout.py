"""The buffer of a phone, in its own time: nothing here waits."""

import numpy as np
import pytest

from centralino.calling.playout import Playout


@pytest.fixture
def ear():
    return Playout(8000)


def test_sound_sent_ahead_plays_in_real_time(ear, tone):
    half_second = tone(500, rate_hz=8000).pcm
    ear.sound(1000, half_second)
    ear.sound(1010, half_second)
    assert ear.ends_ms == 2000
    assert [(burst.start_ms, burst.end_ms, burst.arrived_ms) for burst in ear.bursts] == [(1000, 2000, 1000)]


def test_leading_silence_is_heard_before_the_speech(ear, tone):
    ear.sound(1000, tone(200, lead_ms=100, rate_hz=8000).pcm)
    assert ear.bursts[0].start_ms == 1100
    assert ear.bursts[0].arrived_ms == 1000


def test_a_mark_is_due_when_the_sound_before_it_was_played(ear, tone):
    ear.sound(1000, tone(500, rate_hz=8000).pcm)
    ear.mark(1001, "one")
    ear.sound(1002, tone(300, rate_hz=8000).pcm)
    ear.mark(1003, "two")
    assert ear.next_mark_ms == 1500
    assert ear.played_marks(1499) == []
    assert ear.played_marks(1500) == ["one"]
    assert ear.played_marks(5000) == ["two"]
    assert ear.next_mark_ms is None


def test_a_mark_on_an_empty_buffer_is_due_at_once(ear):
    ear.mark(700, "now")
    assert ear.played_marks(700) == ["now"]


def test_clear_drops_what_was_not_played_and_returns_the_marks(ear, tone):
    ear.sound(1000, tone(2000, rate_hz=8000).pcm)
    ear.mark(1001, "one")
    ear.mark(1002, "two")
    assert ear.clear(1400) == ["one", "two"]
    assert ear.played_marks(9999) == []
    assert ear.silent_from_ms() == 1400
    heard = ear.samples(1000, 3000)
    assert np.abs(heard[: 8 * 390]).max() > 5000
    assert not heard[8 * 400 :].any()


def test_what_follows_a_clear_starts_at_once_and_is_a_new_burst(ear, tone):
    ear.sound(1000, tone(2000, rate_hz=8000).pcm)
    ear.clear(1400)
    ear.sound(1500, tone(100, rate_hz=8000).pcm)
    assert [(burst.start_ms, burst.end_ms) for burst in ear.bursts] == [(1000, 1400), (1500, 1600)]
    assert ear.stutters == 0


def test_short_pauses_belong_to_a_burst_and_long_ones_do_not(ear, tone):
    ear.sound(1000, tone(200, tail_ms=200, rate_hz=8000).pcm)
    ear.sound(1001, tone(200, tail_ms=400, rate_hz=8000).pcm)
    ear.sound(1002, tone(200, rate_hz=8000).pcm)
    assert [(burst.start_ms, burst.end_ms) for burst in ear.bursts] == [(1000, 1600), (2000, 2200)]


def test_a_buffer_that_runs_dry_in_the_middle_of_speech_stutters(ear, tone):
    ear.sound(1000, tone(100, rate_hz=8000).pcm)
    ear.sound(1103, tone(100, rate_hz=8000).pcm)
    assert ear.stutters == 0
    ear.sound(1250, tone(100, rate_hz=8000).pcm)
    assert ear.stutters == 1
    ear.sound(2250, tone(100, rate_hz=8000).pcm)
    assert ear.stutters == 1


def test_silent_chunks_are_no_speech(ear):
    ear.sound(1000, bytes(16000))
    assert ear.bursts == []
    assert ear.ends_ms == 2000
