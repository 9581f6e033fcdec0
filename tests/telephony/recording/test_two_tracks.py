"""A call's sound on one clock: what was heard, when it was heard."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from telephony.recording.two_tracks import SETTLE_MS, TwoTracks

RATE = 1000  # one sample a millisecond: positions read as times


def tone(ms: int, value: int = 7) -> bytes:
    return np.full(ms, value, dtype=np.int16).tobytes()


def heard_at(samples: np.ndarray) -> list[tuple[int, int]]:
    """From where to where something is not silent."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (samples != 0).astype(int), [0]))))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def test_silence_between_is_kept_and_both_sides_are_on_one_clock() -> None:
    tracks = TwoTracks(RATE, began_ms=500)
    for now_ms in range(1520, 2020, 20):  # half a second of voice, a frame each 20 ms
        tracks.heard(tone(20), now_ms)
    tracks.sent(tone(300), 2500)
    tracks.heard(tone(20), 4000)
    both = tracks.take(5500)
    assert len(both) == 5000
    assert heard_at(both[:, 0]) == [(1000, 1500), (3480, 3500)]
    assert heard_at(both[:, 1]) == [(2000, 2300)]


def test_frames_that_come_unevenly_make_no_holes() -> None:
    tracks = TwoTracks(RATE, began_ms=0)
    for number, late_ms in enumerate((0, 60, 15, 100, 0)):
        tracks.heard(tone(20), 1000 + 20 * number + late_ms)
    assert heard_at(tracks.take(3000)[:, 0]) == [(980, 1080)]


def test_what_is_sent_ahead_is_heard_in_its_time_and_what_a_barge_in_drops_was_not_heard() -> None:
    tracks = TwoTracks(RATE, began_ms=0)
    for now_ms in range(1000, 1600, 20):  # 20 ms frames sent 400 ms ahead of the clock
        tracks.sent(tone(20 if now_ms > 1000 else 420), now_ms)
    tracks.cleared(1610)
    tracks.sent(tone(100, 9), 2000)
    both = tracks.take(3000)
    assert heard_at(both[:, 1]) == [(1000, 1610), (2000, 2100)]


def test_stretches_told_in_confidence_are_silent_on_both_sides() -> None:
    tracks = TwoTracks(RATE, began_ms=100)
    tracks.heard(tone(1000), 1100)
    tracks.sent(tone(1000), 100)
    first = tracks.take(600, [(400, 800)])
    second = tracks.take(1100, [(400, 800), (1050, 9000)])
    for side in (0, 1):
        assert heard_at(np.concatenate((first, second))[:, side]) == [(0, 300), (700, 950)]


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 300), st.integers(0, 300), st.booleans()), max_size=40))
def test_whatever_comes_the_sound_is_as_long_as_the_clock_says(steps: list[tuple[int, int, int, bool]]) -> None:
    tracks, now_ms, length = TwoTracks(RATE, began_ms=0), 0, 0
    for pause_ms, caller_ms, bot_ms, clear in steps:
        now_ms += pause_ms
        tracks.heard(tone(caller_ms), now_ms)
        tracks.sent(tone(bot_ms), now_ms)
        if clear:
            tracks.cleared(now_ms)
        length += len(tracks.take(now_ms - SETTLE_MS))
        assert length == max(0, now_ms - SETTLE_MS)
    assert length + len(tracks.take(now_ms)) == now_ms
