"""A caller's sound as voice detection sees it: 32 ms at a time, with as little delay as there can be.

The recognizer's sound takes another way, which may take its time (`narrowband.py`): what a turn's end and a barge-in
wait for is only this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voice.audio import Resampler, pcm_to_float
from voice.listening import doubling, vad

_RESAMPLER_MS = 30
"""Sound that stays inside a `Resampler`."""
_QUIETEST = 1e-5
"""Below the smallest sample of 16 bits: keeps logarithms finite."""


@dataclass(frozen=True)
class Moment:
    """`vad.CHUNK_MS` of sound. probability: that it is voice, 0..1; level_db: RMS, dB of full scale; at_ms: the clock
    when its last sample arrived. samples: of its sound at `vad.RATE_HZ`, -1..1."""

    probability: float
    level_db: float
    at_ms: int
    samples: NDArray[np.float32]


class Detection:
    """One stream's moments."""

    def __init__(self, rate_hz: int) -> None:
        self._detector = vad.VoiceDetector()
        self._raising, self._inside_ms = _raised(rate_hz)
        self._rest = b""
        self._heard_ms = 0

    def feed(self, pcm: bytes, at_ms: int) -> Iterator[Moment]:
        """The moments that this sound completes. at_ms: the clock when it arrived.

        0.1 ms of work for each. Raises ValueError on half a sample.
        """
        sound = self._rest + self._raising.feed(pcm)
        used = len(sound) // vad.CHUNK_BYTES * vad.CHUNK_BYTES
        self._rest = sound[used:]
        for start in range(0, used, vad.CHUNK_BYTES):
            chunk = sound[start : start + vad.CHUNK_BYTES]
            later_ms = (len(sound) - start - vad.CHUNK_BYTES) * 500 // vad.RATE_HZ + self._inside_ms
            self._heard_ms = max(self._heard_ms, at_ms - later_ms)
            samples = pcm_to_float(chunk)
            level_db = 20 * float(np.log10(np.sqrt(np.mean(np.square(samples))) + _QUIETEST))
            yield Moment(self._detector.probability(chunk), level_db, self._heard_ms, samples)


def _raised(rate_hz: int) -> tuple[doubling.Doubler | Resampler, int]:
    """What brings a caller's sound to `vad.RATE_HZ`, and the milliseconds that it keeps inside."""
    if rate_hz * 2 == vad.RATE_HZ:
        return doubling.Doubler(), doubling.INSIDE_MS
    return Resampler(rate_hz, vad.RATE_HZ), _RESAMPLER_MS if rate_hz != vad.RATE_HZ else 0
