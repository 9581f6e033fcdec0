"""Is this voice our own, coming back over the line? Told by its waveform: an echo is a copy of what was sent.

A telephone line sends back part of what it carries, 15 to 35 dB softer and up to some hundred milliseconds later. To a
voice detector that is a voice like any other, so that a greeting would interrupt itself. Somebody else's voice is no
copy, and neither is that of a caller who speaks over an echo, as it is the louder one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from voice.audio import pcm_to_float, resample
from voice.listening.vad import CHUNK_MS, RATE_HZ

HEARD_MS = 128
"""Sound that is looked for in what was sent: a barge-in is noticed after as much."""
SENT_MS = 3_000
"""How far back it is looked for: what waits in the far end's buffer, the way there and back."""
ALIKE = 0.45
"""Correlation from which sound is an echo. Measured in 32 ms of voice, echoes softer by 15 to 32 dB and smeared over 4
and 12 ms: one moment in fifty is less alike; of other voices one in fifty is more (docs/turn-taking.md)."""
_HEARD = HEARD_MS * RATE_HZ // 1000
_QUIETEST = 1e-9

Floats = NDArray[np.float32]


class Echo:
    """One call's. rate_hz: of the sound that is sent, PCM16 mono."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._most_bytes = rate_hz * SENT_MS // 500
        self._sent = bytearray()
        self._silent_ms = SENT_MS
        """Since something was sent."""
        self._heard = np.zeros(_HEARD, dtype=np.float32)

    def sent(self, pcm: bytes) -> None:
        """Sound on its way to the caller."""
        self._sent += pcm
        del self._sent[: -self._most_bytes]
        self._silent_ms = 0

    def heard(self, samples: Floats) -> None:
        """The caller's next sound, `CHUNK_MS` at `RATE_HZ`."""
        self._heard = np.concatenate((self._heard, samples))[-_HEARD:]
        self._silent_ms += CHUNK_MS

    @property
    def is_heard(self) -> bool:
        """The last sound heard is a copy of something sent. 3 ms of work, while there is such: ask for voices only."""
        if self._silent_ms >= SENT_MS:
            return False
        sent = pcm_to_float(resample(bytes(self._sent), self._rate_hz, RATE_HZ))
        return alike(self._heard, sent) >= ALIKE


def alike(heard: Floats, sent: Floats) -> float:
    """How well `heard` fits into `sent` where it fits best, 0..1: the correlation of their waveforms' differences.

    Of differences, as a vowel is a hum in which every other hum finds itself again.
    """
    if len(sent) < len(heard):
        return 0.0
    heard, sent = np.diff(heard, prepend=heard[:1]), np.diff(sent, prepend=sent[:1])
    size = 1 << (len(sent) + len(heard)).bit_length()
    correlations = np.fft.irfft(np.fft.rfft(sent, size) * np.conj(np.fft.rfft(heard, size)), size)
    energies = np.cumsum(np.concatenate(([0.0], np.square(sent, dtype=np.float64))))
    energy = energies[len(heard) :] - energies[: -len(heard)]
    loud = energy > 1e-4 * float(energy.max()) + _QUIETEST
    if not loud.any():
        return 0.0
    loudness = float(np.square(heard, dtype=np.float64).sum())
    fits = np.abs(correlations[: len(energy)][loud]) / np.sqrt(energy[loud] * loudness + _QUIETEST**2)
    return float(fits.max())
