"""The band that a telephone line cuts off, put back before a recognizer that was trained with it.

A line carries 200-3600 Hz. Recognizers for 16 kHz hear up to 7.6 kHz, and an empty upper band misleads them more than
anything that a caller does (docs/phone-band.md). What was there can be guessed well enough: its envelope, band by band,
follows from what came through, and only its envelope counts. A small perceptron guesses it each 10 ms; a fixed sound
of even spectrum, shaped by that envelope, fills the band. Trained by scripts/train_narrowband.py.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from voice.audio import Resampler, float_to_pcm, pcm_to_float
from voice.listening.doubling import REACH, doubled
from voice.listening.recognizer import Recognizer

Floats = NDArray[np.float32]

NARROW_HZ = 8_000
WIDE_HZ = 16_000
HOP = NARROW_HZ // 100
"""10 ms, the recognizers' own step, in samples of the line."""
WINDOW = 256
"""32 ms of the line's sound are looked at for each envelope."""
AHEAD = 112
"""Of them, this much lies after the moment that the envelope is for: 14 ms (with 10 it is guessed 4 % worse)."""
PAST = (0, 1, 2, 3, 5, 7)
"""The looks from which an envelope is guessed, counted back from now in hops."""
ENVELOPE_WINDOW = WIDE_HZ // 40
"""25 ms, the recognizers' own window."""
INSIDE_MS = 24
"""Sound that stays inside, at most: the hop under way and AHEAD. After packets of 20 ms it is 20 ms."""
SILENT = -18.4
"""The level (ln of energy) of a band in which there is nothing; keeps logarithms finite."""

_WEIGHTS = Path(__file__).with_name("narrowband_weights.npz")
_PERIOD = 256
"""Samples of the filling's period: a line each 62.5 Hz, so that every window of a recognizer holds the same energy."""
_SOFTER = 1.5
"""The filling is 6.5 dB (in ln of energy) softer than guessed: what is put in the wrong place does more harm than what
is missing. CER 0.20 against 0.31 as guessed (docs/phone-band.md)."""
_BEFORE = WINDOW - HOP - AHEAD


def _bands(low_hz: float, high_hz: float, number: int, size: int, rate_hz: int) -> Floats:
    """Triangles evenly spaced in mel, as recognizers have them: one row for each, over the bins of an FFT."""

    def mel(hz: NDArray[np.floating]) -> NDArray[np.floating]:
        return np.asarray(1127 * np.log1p(hz / 700))

    bins = mel(np.fft.rfftfreq(size, 1 / rate_hz))
    low, high = mel(np.array([low_hz, high_hz]))
    edges = np.linspace(low, high, number + 2)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(0, np.minimum(rising, falling)), dtype=np.float32)


_HEARD = _bands(150, 3_700, 24, WINDOW, NARROW_HZ)
_FILLED_HZ = (3_300, 7_800, 12)
_FILLED = _bands(*_FILLED_HZ, 512, WIDE_HZ)
_HEARD_SHAPE = np.hanning(WINDOW).astype(np.float32)
_FILLED_SHAPE = np.hanning(ENVELOPE_WINDOW).astype(np.float32)


def heard_levels(window: Floats) -> Floats:
    """ln of the energy in each band of the line, of WINDOW samples at 8 kHz (or of each row of them)."""
    return _levels(np.fft.rfft(window * _HEARD_SHAPE), _HEARD)


def filled_levels(window: Floats) -> Floats:
    """ln of the energy in each band to be filled, of ENVELOPE_WINDOW samples at 16 kHz (or of each row)."""
    return _levels(np.fft.rfft(window * _FILLED_SHAPE, 512), _FILLED)


def _levels(spectrum: NDArray[np.complexfloating], bands: Floats) -> Floats:
    energy = np.square(np.abs(spectrum)).astype(np.float32)
    return np.asarray(np.log(energy @ bands.T + np.float32(np.exp(SILENT))), dtype=np.float32)


class Widening(Protocol):
    """A stream of PCM16 mono on its way to the recognizer's rate."""

    def feed(self, pcm: bytes) -> bytes: ...

    def flush(self) -> bytes: ...


def widener(rate_hz: int, recognizer: Recognizer) -> Widening:
    """What brings a caller's sound to the 16 kHz of a recognizer.

    The band is filled for streaming engines (Vosk) only: Whisper was trained with telephone speech too and reads it as
    well without (docs/phone-band.md).
    """
    if rate_hz == NARROW_HZ and recognizer.streaming:
        return BandExtension()
    return Resampler(rate_hz, WIDE_HZ)


class BandExtension:
    """One caller's sound from 8 to 16 kHz with the upper band filled: chunks of any length in, what is ready out.

    The same sound gives the same bytes, however it is cut into chunks. About 0.1 ms of work for 10 ms of sound.
    """

    def __init__(self) -> None:
        self._guess = _guess()
        self._sound: Floats
        self._fed: int
        self._given: int
        self._start()

    def feed(self, pcm: bytes) -> bytes:
        """The next chunk: PCM16 at 8 kHz; returns PCM16 at 16 kHz. Raises ValueError on half a sample."""
        self._sound = np.concatenate([self._sound, pcm_to_float(pcm)])
        self._fed += len(pcm) // 2
        ready = []
        while len(self._sound) >= _BEFORE + HOP + AHEAD:
            ready.append(self._step())
            self._sound = self._sound[HOP:]
        return float_to_pcm(np.concatenate(ready)) if ready else b""

    def flush(self) -> bytes:
        """What is still inside, so that twice the samples came out that went in; afterwards it is as new."""
        owed = 2 * self._fed - self._given
        rest = self.feed(bytes(2 * (HOP + AHEAD + HOP))) if owed else b""
        self._start()
        return rest[: 2 * owed]

    def _start(self) -> None:
        self._sound = np.zeros(_BEFORE, dtype=np.float32)
        self._looks = [np.full(len(_HEARD), SILENT, dtype=np.float32)] * (PAST[-1] + 1)
        self._envelope = np.full(len(_FILLED), SILENT, dtype=np.float32)
        self._fed = 0
        self._given = 0

    def _step(self) -> Floats:
        """The next 10 ms; `_sound` begins `_BEFORE` samples before them."""
        self._looks = [heard_levels(self._sound[:WINDOW]), *self._looks[:-1]]
        before, self._envelope = self._envelope, self._guess.envelope([self._looks[past] for past in PAST])
        low = doubled(self._sound[_BEFORE - REACH : _BEFORE + HOP + REACH])
        high = self._guess.filling(before, self._envelope, self._given)
        self._given += 2 * HOP
        return low + high


class _Guess:
    """The perceptron, and the sound that fills the bands; shared by all calls, never changed."""

    def __init__(self, weights: Path) -> None:
        with np.load(weights) as stored:
            arrays = [stored[name].astype(np.float32) for name in ("w0", "b0", "w1", "b1", "w2", "b2")]
        self._w0, self._b0, self._w1, self._b1, self._w2, self._b2 = arrays
        phases = np.exp(2j * np.pi * np.random.default_rng(1).random(_PERIOD // 2 + 1))
        bands = _bands(*_FILLED_HZ, _PERIOD, WIDE_HZ)
        self._filling = np.fft.irfft(phases * np.sqrt(bands), _PERIOD).astype(np.float32).T
        starts = range(0, _PERIOD, 8)
        long = np.tile(self._filling, (3, 1))
        energies = [
            np.mean([np.exp(filled_levels(row[start : start + ENVELOPE_WINDOW])[band]) for start in starts])
            for band, row in enumerate(long.T)
        ]
        self._level = (np.log(energies) + _SOFTER).astype(np.float32)
        self._ramp = (np.arange(2 * HOP, dtype=np.float32) / (2 * HOP))[:, None]

    def envelope(self, looks: list[Floats]) -> Floats:
        """The levels of the missing bands, from the looks at PAST."""
        first = np.maximum(0, np.concatenate(looks) @ self._w0 + self._b0)
        second = np.maximum(0, first @ self._w1 + self._b1)
        return np.asarray(second @ self._w2 + self._b2, dtype=np.float32)

    def filling(self, before: Floats, after: Floats, given: int) -> Floats:
        """10 ms whose levels go from the one envelope to the other. given: samples of sound before them."""
        gains = np.exp((before - self._level + (after - before) * self._ramp) / 2)
        place = (given + np.arange(2 * HOP)) % _PERIOD
        return np.asarray(np.einsum("tb,tb->t", gains, self._filling[place]), dtype=np.float32)


@cache
def _guess() -> _Guess:
    return _Guess(_WEIGHTS)
