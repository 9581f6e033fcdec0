"""A line's sound at twice its rate, almost at once: for voice detection, which every turn and barge-in waits for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from voice.audio import float_to_pcm, pcm_to_float

Floats = NDArray[np.float32]

REACH = 24
"""Samples on either side that the doubling looks at."""
INSIDE_MS = 3
"""Sound that stays inside a `Doubler`: REACH samples at 8 kHz."""
CROSSING_HZ = 3_550
"""At 8 kHz: below it the line's sound is kept; above it there is but a remnant."""
_NARROW_HZ = 8_000


class Doubler:
    """A stream of PCM16 from 8 to 16 kHz: chunks of any length in, what is ready out."""

    def __init__(self) -> None:
        self._before = np.zeros(2 * REACH, dtype=np.float32)

    def feed(self, pcm: bytes) -> bytes:
        """The next chunk, 3 ms late. Raises ValueError on half a sample."""
        sound = np.concatenate([self._before, pcm_to_float(pcm)])
        self._before = sound[-2 * REACH :]
        return float_to_pcm(doubled(sound)) if pcm else b""

    def flush(self) -> bytes:
        """What is still inside; afterwards it is as new."""
        rest = self.feed(bytes(2 * REACH))
        self._before = np.zeros(2 * REACH, dtype=np.float32)
        return rest


def doubled(sound: Floats) -> Floats:
    """Sound at twice the rate, without the REACH samples at either end."""
    twice = np.empty((len(sound) - 2 * REACH, 2), dtype=np.float32)
    twice[:, 0] = np.convolve(sound, _EVEN, "valid")[1 : len(twice) + 1]
    twice[:, 1] = np.convolve(sound, _ODD, "valid")[1 : len(twice) + 1]
    return twice.ravel()


def _low_pass() -> Floats:
    """Windowed sinc, 4 * REACH - 1 taps; twice as strong, as every second sample is a zero."""
    place = np.arange(1 - 2 * REACH, 2 * REACH)
    cut = CROSSING_HZ / _NARROW_HZ
    return np.asarray(2 * cut * np.sinc(cut * place) * np.hamming(len(place)), dtype=np.float32)


_EVEN, _ODD = _low_pass()[1::2], _low_pass()[0::2]
