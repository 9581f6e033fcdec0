"""What a telephone line makes of speech: 8 kHz, 200-3600 Hz, eight bits of μ-law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr

from voice.audio import float_to_pcm, pcm_to_float
from voice.g711 import mulaw_to_pcm, pcm_to_mulaw

WIDE_HZ = 16_000
LINE_HZ = 8_000


@dataclass(frozen=True)
class Line:
    """The band that a line lets through: a Butterworth band-pass of this order between two frequencies (-3 dB).

    The defaults fall by about 24 dB an octave at the lower end: a line of average kind.
    """

    low_hz: float = 200
    high_hz: float = 3_600
    order: int = 4


LINE = Line()


def through_the_phone(pcm: bytes, line: Line = LINE) -> bytes:
    """PCM16 at 16 kHz as it arrives: PCM16 at 8 kHz, half as long, not delayed. Raises ValueError on half a sample."""
    narrow = soxr.resample(pcm_to_float(pcm), WIDE_HZ, LINE_HZ)
    length = len(narrow) // 2 * 2 + LINE_HZ // 10  # Room for the filter to die away in.
    # Digital filters bend the frequency axis like this (bilinear transform); the edges of the band stay in place.
    bent = np.tan(np.pi * np.fft.rfftfreq(length, 1 / LINE_HZ)[1:-1] / LINE_HZ)
    low, high = (np.tan(np.pi * edge / LINE_HZ) for edge in (line.low_hz, line.high_hz))
    off_centre = (bent**2 - low * high) / (bent * (high - low))
    gain = np.concatenate([[0.0], 1 / np.sqrt(1 + off_centre ** (2 * line.order)), [0.0]])
    filtered = np.fft.irfft(np.fft.rfft(narrow, length) * gain)[: len(narrow)]
    return mulaw_to_pcm(pcm_to_mulaw(float_to_pcm(np.asarray(filtered, dtype=np.float32))))
