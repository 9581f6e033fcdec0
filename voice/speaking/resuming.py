"""Where does a prompt go on after it was paused? At the beginning of the sentence in which it stopped."""

from __future__ import annotations

import numpy as np

_SILENCE_MS = 180
"""Sentences are joined with 250 ms of silence (`rendering.PAUSE_MS`); pauses within them are shorter."""
_WINDOW_MS = 10
_QUIET = 60
"""Highest sample of such silence, of 32767; resampling and fades leave a little."""
_LEAD_MS = 40
"""Of the silence before the sentence, so that its first sound is not cut."""


def resume_at_ms(pcm: bytes, rate_hz: int, played_ms: int) -> int:
    """The start of the sentence that was playing at `played_ms`, found by the silence before it; 0 in the first one.

    pcm: the prompt, PCM16 mono.
    """
    window = rate_hz * _WINDOW_MS // 1000
    samples = np.frombuffer(pcm, dtype="<i2")[: rate_hz * played_ms // 1000].astype(np.int32)
    whole = len(samples) // window
    quiet = np.abs(samples[: whole * window]).reshape(whole, window).max(axis=1) <= _QUIET if whole else np.zeros(0)
    run, start_ms = 0, 0
    for number, is_quiet in enumerate(quiet):
        if is_quiet:
            run += _WINDOW_MS
            continue
        if run >= _SILENCE_MS:
            start_ms = number * _WINDOW_MS - _LEAD_MS
        run = 0
    return max(0, start_ms)
