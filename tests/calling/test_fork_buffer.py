"""mod_audio_fork's buffers and marks, as our far end of it has them from the module's source."""

import numpy as np
import pytest

from centralino.calling.fork_buffer import MOST_MARKS, ForkBuffer
from centralino.calling.playout import Playout

RATE_HZ = 8000


@pytest.fixture
def buffer():
    return ForkBuffer(Playout(RATE_HZ))


def sound(ms, value=1000):
    return np.full(RATE_HZ * ms // 1000, value, dtype="<i2").tobytes()


def played_ms(buffer):
    return buffer._playout.ends_ms


def test_sound_waits_until_there_is_enough_of_it(buffer):
    buffer.sound(0, sound(80))
    assert played_ms(buffer) == 0
    buffer.sound(10, sound(80))
    assert played_ms(buffer) == 10 + 160
    buffer.sound(20, sound(60))
    assert played_ms(buffer) == 10 + 160
    buffer.sound(30, sound(20))
    assert played_ms(buffer) == 10 + 240


def test_a_mark_at_the_end_is_told_when_all_was_played(buffer):
    buffer.sound(0, sound(160))
    buffer.mark("a")
    assert buffer.played(100) == []
    assert buffer.played(160) == ["a"]
    assert buffer.played(180) == []


def test_a_mark_within_the_sound_is_told_when_its_sample_is_played(buffer):
    buffer.sound(0, sound(160))
    buffer.mark("a")
    buffer.sound(0, sound(160))
    assert buffer.played(150) == []
    assert buffer.played(160) == ["a"]
    assert buffer.faults == []


def test_a_sample_of_minus_one_lets_a_mark_fire_early(buffer):
    buffer.sound(0, sound(80) + sound(80, -1))
    buffer.mark("a")
    buffer.sound(0, sound(160))
    assert buffer.played(90) == ["a"]
    assert "sample of -1" in buffer.faults[0]


def test_a_kill_tells_what_it_cleared_and_keeps_what_was_not_passed_on(buffer):
    buffer.sound(0, sound(160))
    buffer.mark("a")
    buffer.sound(0, sound(160))
    buffer.mark("b")
    assert buffer.kill(50) == ["a", "b"]
    assert played_ms(buffer) == 50


@pytest.mark.parametrize(("owed", "told"), [(0, []), (1, ["c"])])
def test_after_a_kill_the_module_waits_for_the_sample_of_a_mark_that_it_dropped(buffer, owed, told):
    buffer.sound(0, sound(160))
    buffer.mark("a")
    buffer.sound(0, sound(160))
    buffer.kill(50)
    buffer.sound(100, b"\xff\xff" * owed + sound(160))
    buffer.mark("c")
    assert buffer.played(400) == told
    assert buffer.faults == []


def test_clearing_the_marks_too_makes_it_wait_for_samples_that_never_were(buffer):
    buffer.sound(0, sound(160))
    buffer.mark("a")
    buffer.clear_marks()
    assert buffer.kill(50) == []
    buffer.sound(100, sound(160))
    buffer.mark("b")
    assert buffer.played(400) == []


def test_what_a_server_should_not_do_is_told(buffer):
    buffer.sound(0, sound(20))
    buffer.mark("early")
    for n in range(MOST_MARKS):
        buffer.mark(f"m{n}")
    assert [fault.split(" before")[0] for fault in buffer.faults[:1]] == ["20 ms of sound"]
    assert "one more than the 30" in buffer.faults[-1]
