"""PCM16 mono little-endian, the sound of this house: to and from floats, other sample rates, and its level."""

from __future__ import annotations

import math

import numpy as np
import soxr
from numpy.typing import NDArray

SILENCE_DB = -96.0
"""The level of digital silence: below the smallest sample of 16 bits."""


def pcm_to_float(pcm: bytes) -> NDArray[np.float32]:
    """Samples in -1..1. Raises ValueError on half a sample."""
    return _samples(pcm).astype(np.float32) / np.float32(32768)


def float_to_pcm(samples: NDArray[np.float32]) -> bytes:
    """PCM16 of samples in -1..1; what lies outside is clipped."""
    return bytes(np.clip(np.rint(samples * 32768.0), -32768, 32767).astype("<i2").tobytes())


def level_db(pcm: bytes) -> float:
    """Root mean square in dB of full scale: 0 for a full-scale square wave, SILENCE_DB for silence and for no sound."""
    samples = _samples(pcm)
    if not len(samples):
        return SILENCE_DB
    rms = math.sqrt(float(np.mean(np.square(samples.astype(np.float64))))) / 32768
    return max(SILENCE_DB, 20 * math.log10(rms)) if rms else SILENCE_DB


def duration_ms(pcm: bytes, rate_hz: int) -> int:
    """How long it plays."""
    return len(pcm) * 500 // rate_hz


def resample(pcm: bytes, from_hz: int, to_hz: int) -> bytes:
    """A whole clip at another rate."""
    if from_hz == to_hz:
        return pcm
    return float_to_pcm(soxr.resample(pcm_to_float(pcm), from_hz, to_hz))


class Resampler:
    """A stream of sound at another rate: chunks of any length in, what is ready out.

    About 30 ms stay inside (measured at 8 → 16 kHz) until more arrives or `flush`. soxr's variable-rate engine is used
    because its fixed-rate one keeps 100 ms inside, which every turn of a call would pay for; and its floats, because
    with 16 bits it adds dither, so that the same sound would never give the same bytes twice.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self.from_hz = from_hz
        self.to_hz = to_hz
        self._stream = self._new()

    def feed(self, pcm: bytes) -> bytes:
        """The next chunk. Raises ValueError on half a sample."""
        if self._stream is None:
            return pcm
        return float_to_pcm(self._stream.resample_chunk(pcm_to_float(pcm)))

    def flush(self) -> bytes:
        """What is still inside; afterwards the resampler is as new."""
        if self._stream is None:
            return b""
        rest = self._stream.resample_chunk(np.zeros(0, dtype=np.float32), last=True)
        self._stream = self._new()
        return float_to_pcm(rest)

    def _new(self) -> soxr.ResampleStream | None:
        if self.from_hz == self.to_hz:
            return None
        return soxr.ResampleStream(self.from_hz, self.to_hz, 1, dtype="float32", vr=True)


def _samples(pcm: bytes) -> NDArray[np.int16]:
    if len(pcm) % 2:
        raise ValueError(f"PCM16 needs an even number of bytes, got {len(pcm)}")
    return np.frombuffer(pcm, dtype="<i2").astype(np.int16)
