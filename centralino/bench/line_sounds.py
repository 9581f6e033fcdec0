"""What lines and rooms add to a voice: noises of known loudness beside it, and callers who are too loud or too soft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voice.audio import float_to_pcm, pcm_to_float

Samples = NDArray[np.float64]
_BLOCK = 320
_PAUSE = 0.05
"""Blocks softer than this share of the loudest one are pauses, which do not count for a voice's level."""


@dataclass(frozen=True)
class Condition:
    """noise: a name in `NOISES`, '' for none, `below_db` under the voice. gain_db: of voice and noise together, before
    the line clips and codes them."""

    name: str
    noise: str = ""
    below_db: float = 0.0
    gain_db: float = 0.0


CONDITIONS = (
    Condition("as recorded"),
    *(Condition(f"white noise {db} dB below the voice", "white", db) for db in (40, 30, 20, 10)),
    Condition("pink noise 20 dB below", "pink", 20),
    Condition("car 10 dB below", "car", 10),
    Condition("hum 10 dB below", "hum", 10),
    Condition("10 dB louder, which clips", gain_db=10),
    Condition("20 dB softer", gain_db=-20),
    Condition("30 dB softer", gain_db=-30),
)


def on_the_line(pcm: bytes, condition: Condition, rate_hz: int) -> bytes:
    """The voice (PCM16) as it comes to the telephone. The same every time. Raises ValueError on half a sample."""
    voice = pcm_to_float(pcm).astype(np.float64)
    if condition.noise:
        noise = made(condition.noise, len(voice), rate_hz)
        voice = voice + noise * _level(voice) * 10 ** (-condition.below_db / 20)
    return float_to_pcm(np.asarray(voice * 10 ** (condition.gain_db / 20), dtype=np.float32))


def made(noise: str, count: int, rate_hz: int) -> Samples:
    """So many samples of a noise whose root mean square is 1."""
    sound = NOISES[noise](np.random.default_rng(1).normal(size=count), rate_hz)
    return np.asarray(sound / np.sqrt(np.mean(np.square(sound))))


def _shaped(white: Samples, rate_hz: int, gain: Callable[[Samples], Samples]) -> Samples:
    spectrum = np.fft.rfft(white)
    hz = np.asarray(np.fft.rfftfreq(len(white), 1 / rate_hz), dtype=np.float64)
    return np.asarray(np.fft.irfft(spectrum * gain(hz), len(white)))


def _hum(white: Samples, rate_hz: int) -> Samples:
    at_s = np.arange(len(white)) / rate_hz
    return np.asarray(sum(np.sin(100 * np.pi * k * at_s + k) / k for k in range(1, 16)))


NOISES: dict[str, Callable[[Samples, int], Samples]] = {
    "white": lambda white, rate_hz: white,
    "pink": lambda white, rate_hz: _shaped(white, rate_hz, lambda hz: 1 / np.sqrt(np.maximum(hz, 20))),
    "car": lambda white, rate_hz: _shaped(white, rate_hz, lambda hz: 1 / (1 + (hz / 250) ** 2)),
    "hum": _hum,
}
"""Each makes a noise of white noise: hiss, a room, a car at speed, 50 Hz mains with its overtones."""


def _level(voice: Samples) -> float:
    """Root mean square of what is no pause; 1 of silence."""
    energy = np.mean(np.square(voice[: len(voice) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)), axis=1)
    loud = energy[energy > energy.max() * _PAUSE**2] if len(energy) and energy.max() > 0 else np.ones(1)
    return float(np.sqrt(np.mean(loud)))
