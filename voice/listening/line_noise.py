"""The steady noise of a line (hiss, hum, a fan, a car): learned while nobody speaks, taken out of what is said.

The Korean Vosk model reads a telephone caller whose hiss is 30 dB below the voice four times as badly as a clean one;
filtered, half as badly again at most (docs/recognition.md). The gain of each band is that of Ephraim and Malah's
log-spectral amplitude estimator (IEEE Trans. ASSP 33(2), 1985) with their decision-directed estimate of the voice.
"""

from __future__ import annotations

from collections import deque
from functools import cache

import numpy as np
from numpy.typing import NDArray

from voice.audio import float_to_pcm, pcm_to_float

Floats = NDArray[np.float32]

INSIDE_MS = 24
"""Sound that stays inside a `NoiseFilter`, at most: one window."""
HOP_MS = 12
_CLEAN_DB = -64.0
"""A line whose noise is softer than this is left alone: it costs nothing there, and nothing is to be won."""
_KNOWN_AFTER = 8
"""Moments (32 ms each) without a voice until the noise is believed to be known."""
_MEMORY = 48
"""Moments that are remembered: 1.5 s, so that a window that is opened is soon heard."""
_STEADY_DB = 6.0
"""A moment louder by this than the quietest quarter is no noise of the line but a breath, a rustle, the end of a word:
on a clean line there is nothing else, and filtered as noise they take the voice with them (CER 0.27 became 0.46)."""
_SMOOTHING = 0.95
"""Of the voice's estimate from one hop to the next; 0.98, the usual value, blurs what recognizers look at."""
_LEAST_VOICE = 10**-2.5
_LEAST_GAIN = 10**-1.5
"""-30 dB: with less taken out, what is left in the pauses is still heard as words."""


class LineNoise:
    """What a line sounds like while nobody speaks."""

    def __init__(self, rate_hz: int) -> None:
        self._shape = _shape(rate_hz)
        self._power: Floats = np.zeros(len(self._shape) // 2 + 1, dtype=np.float32)
        self._moments = 0
        self._levels: deque[float] = deque(maxlen=_MEMORY)

    def learn(self, chunk: bytes, level_db: float) -> None:
        """`vad.CHUNK_MS` of PCM16 without a voice, and its level (dB of full scale). 0.03 ms of work; next to none on a
        line that is, and was, silent."""
        self._levels.append(level_db)
        if level_db < _CLEAN_DB or level_db > self._quiet_db + _STEADY_DB:
            return
        window = pcm_to_float(chunk)[: len(self._shape)]
        if len(window) < len(self._shape):
            return
        power = np.square(np.abs(np.fft.rfft(window * self._shape))).astype(np.float32)
        self._moments = min(self._moments + 1, _MEMORY)
        self._power += (power - self._power) / np.float32(self._moments)

    @property
    def level_db(self) -> float | None:
        """In dB of full scale; None: nothing that deserves the name."""
        if self._moments < _KNOWN_AFTER or self._quiet_db < _CLEAN_DB:
            return None
        # Parseval: twice the one-sided sum, over the window's energy and the number of samples.
        mean = 2 * float(self._power.sum()) / (len(self._shape) * float(np.square(self._shape).sum()))
        return 10 * float(np.log10(mean + 1e-12))

    @property
    def power(self) -> Floats | None:
        """Of each band of a window, for a `NoiseFilter`; None where there is nothing to take out."""
        return None if self.level_db is None else self._power.copy()

    @property
    def _quiet_db(self) -> float:
        """The level of the quietest quarter of what is remembered."""
        return sorted(self._levels)[len(self._levels) // 4]


class NoiseFilter:
    """A stream of PCM16 with `noise` (a `LineNoise.power`) taken out: chunks of any length in, what is ready out.

    The same sound gives the same bytes, however it is cut into chunks. 0.05 ms of work for 12 ms of sound.
    """

    def __init__(self, rate_hz: int, noise: Floats) -> None:
        self._shape = _shape(rate_hz)
        self._hop = len(self._shape) // 2
        self._noise = noise + np.float32(1e-9)
        self._voice = np.zeros_like(noise)
        self._sound: Floats = np.zeros(self._hop, dtype=np.float32)
        self._tail: Floats = np.zeros(self._hop, dtype=np.float32)
        self._owed = 0
        """Bytes that went in and did not come out."""
        self._early = self._hop
        """Samples still to come out that are of before the beginning."""

    def feed(self, pcm: bytes) -> bytes:
        """The next chunk. Raises ValueError on half a sample."""
        self._owed += len(pcm)
        self._sound = np.concatenate([self._sound, pcm_to_float(pcm)])
        hops = len(self._sound) // self._hop - 1
        if hops < 1:
            return b""
        windows = np.lib.stride_tricks.sliding_window_view(self._sound, 2 * self._hop)[:: self._hop][:hops]
        spectra = np.fft.rfft(windows * self._shape)
        gains = self._gains(np.square(np.abs(spectra)).astype(np.float32))
        filtered = (np.fft.irfft(spectra * gains, 2 * self._hop) * self._shape).astype(np.float32)
        ready = np.concatenate([self._tail, filtered[:-1, self._hop :].ravel()]) + filtered[:, : self._hop].ravel()
        self._tail = filtered[-1, self._hop :]
        self._sound = self._sound[hops * self._hop :]
        ready, self._early = ready[self._early :], max(0, self._early - len(ready))
        self._owed -= 2 * len(ready)
        return float_to_pcm(ready)

    def flush(self) -> bytes:
        """What is still inside: as much came out then as went in. Nothing may be fed afterwards."""
        owed = self._owed
        return self.feed(bytes(6 * self._hop))[:owed]

    def _gains(self, powers: Floats) -> Floats:
        """One row for each hop: how much of each band is voice."""
        gains = np.empty_like(powers)
        above = np.maximum(powers / self._noise, np.float32(1e-6))
        for hop, posterior in enumerate(above):
            voice = self._voice * _SMOOTHING + (1 - _SMOOTHING) * np.maximum(posterior - 1, 0)
            share = np.maximum(voice, _LEAST_VOICE)
            share /= 1 + share
            gain = share * np.interp(np.log(share * posterior), *_boost())
            gains[hop] = np.clip(gain, _LEAST_GAIN, 1)
            self._voice = np.square(gains[hop]) * posterior
        return gains


@cache
def _shape(rate_hz: int) -> Floats:
    """The window, 24 ms: its square adds up to 1 at every sample when half of it overlaps."""
    size = rate_hz * HOP_MS // 1000 * 2
    return np.sqrt(np.hanning(size + 1)[:-1]).astype(np.float32)


@cache
def _boost() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """exp(E1(v) / 2) over ln v, where E1 is the exponential integral; below v = 0.001 the first value holds."""
    log_v = np.linspace(np.log(1e-3), np.log(40.0), 2_000)
    # With t = e^u, E1(v) is the integral of exp(-e^u) over u from ln v on.
    heights = np.exp(-np.exp(log_v))
    pieces = (heights[1:] + heights[:-1]) / 2 * np.diff(log_v)
    integral = np.concatenate([np.cumsum(pieces[::-1])[::-1], [0.0]])
    return log_v, np.exp(integral / 2)
