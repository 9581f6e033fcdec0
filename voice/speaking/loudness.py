"""From an engine's raw samples to sound ready for a phone: silence trimmed, one loudness, 16 kHz, no clipping."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import soxr

from voice.audio import float_to_pcm, pcm_to_float
from voice.speaking.synthesizer import Sound

RATE_HZ = 16_000
LEVEL_DBFS = -16.0
"""RMS while speaking: the loud end of what telephone prompts are mastered at (-16 to -20), for callers in noise."""
PEAK = 0.89
"""Highest sample (-1 dBFS): room for the overshoot of a later resampling to 8 kHz."""
_KNEE = 0.6
_FRAME_MS = 10
_LEAD_MS = 20
_TAIL_MS = 60
"""Silence that is left before and after a phrase: its first and last sounds are softer than what counts as speech."""

Samples = npt.NDArray[np.float32]


def spoken_frames(samples: Samples, rate_hz: int, below_peak_db: float = 40.0) -> npt.NDArray[np.bool_]:
    """For each 10 ms of sound: does it speak, that is, is its RMS within `below_peak_db` of the loudest 10 ms?"""
    size = rate_hz * _FRAME_MS // 1000
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    if not len(frames):
        return np.zeros(0, dtype=np.bool_)
    rms = np.sqrt(np.mean(np.square(frames), axis=1))
    loudest = float(rms.max())
    if loudest < 1e-4:
        return np.zeros(len(frames), dtype=np.bool_)
    return np.asarray(rms > loudest * 10 ** (-below_peak_db / 20))


def spoken_ms(samples: Samples, rate_hz: int) -> int:
    """From the first to the last spoken frame; 0 for silence alone."""
    spoken = np.flatnonzero(spoken_frames(samples, rate_hz))
    return int(spoken[-1] - spoken[0] + 1) * _FRAME_MS if len(spoken) else 0


def trimmed(samples: Samples, rate_hz: int, lead_ms: int, tail_ms: int, below_peak_db: float = 40.0) -> Samples:
    """The sound with at most `lead_ms` before the first spoken and `tail_ms` after the last spoken frame.

    Silence alone gives an empty array.
    """
    spoken = np.flatnonzero(spoken_frames(samples, rate_hz, below_peak_db))
    if not len(spoken):
        return samples[:0]
    first = max(0, spoken[0] * _FRAME_MS - lead_ms) * rate_hz // 1000
    last = ((spoken[-1] + 1) * _FRAME_MS + tail_ms) * rate_hz // 1000
    return samples[first:last]


def levelled(samples: Samples, rate_hz: int, level_dbfs: float = LEVEL_DBFS) -> Samples:
    """The sound at `level_dbfs` RMS while speaking; above -4.4 dBFS it is bent below -1 dBFS, never clipped."""
    size = rate_hz * _FRAME_MS // 1000
    spoken = np.repeat(spoken_frames(samples, rate_hz, below_peak_db=30.0), size)
    if not spoken.any():
        return samples
    rms = float(np.sqrt(np.mean(np.square(samples[: len(spoken)][spoken]))))
    loud = samples * (10 ** (level_dbfs / 20) / rms)
    magnitude = np.abs(loud)
    room = PEAK - _KNEE
    bent = _KNEE + room * np.tanh((magnitude - _KNEE) / room)
    return np.asarray(np.where(magnitude > _KNEE, np.sign(loud) * bent, loud), dtype=np.float32)


def resampled(samples: Samples, from_hz: int, to_hz: int = RATE_HZ) -> Samples:
    if from_hz == to_hz:
        return samples
    return np.asarray(soxr.resample(samples, from_hz, to_hz, quality="HQ"), dtype=np.float32)


def finished(raw: Sound, gain_db: float = 0.0) -> Sound:
    """An engine's sound at 16 kHz, `gain_db` above the level of all prompts, with little silence at its ends."""
    spoken = trimmed(pcm_to_float(raw.pcm), raw.rate_hz, _LEAD_MS, _TAIL_MS)
    sound = levelled(resampled(spoken, raw.rate_hz), RATE_HZ, LEVEL_DBFS + gain_db)
    return Sound(float_to_pcm(sound), RATE_HZ)
