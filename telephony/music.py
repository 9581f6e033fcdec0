"""What callers hear while nobody speaks to them: a wav file of the company, or a soft pattern of our own.

Sound is PCM16 mono in a loop without a seam, kept once for each rate that is asked for.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voice.audio import float_to_pcm, level_db, resample

LEVEL_DB = -30.0
"""Of the music: some 10 dB softer than prompts, so that words stand out and a recognizer is not woken by its echo."""
LONGEST_S = 600
"""Of a file: 10 minutes are 20 MB at 16 kHz, kept in memory for each rate in use."""
OWN_RATE_HZ = 16_000

_BEAT_S = 1.6
_CHORDS = ((220.0, 261.63, 329.63), (174.61, 220.0, 261.63), (196.0, 246.94, 293.66), (164.81, 207.65, 246.94))
"""A minor, F, G, E: the fundamentals of each, in Hz: their overtones carry them over a phone line."""
_BEATS_A_CHORD = 4


class MusicUnreadable(ValueError):
    """The file cannot be played; says which, why and what can be."""


class Music:
    """A loop of sound at any rate. pcm, rate_hz: of the whole loop. Raises MusicUnreadable when it is empty."""

    def __init__(self, pcm: bytes, rate_hz: int) -> None:
        if len(pcm) < rate_hz // 5:
            raise MusicUnreadable("music on hold must last a tenth of a second at least")
        self._at_rate = {rate_hz: pcm}
        self._own_hz = rate_hz

    @classmethod
    def built_in(cls) -> Music:
        """Soft plucked chords, 25.6 s, made here and now (a few milliseconds)."""
        return cls(_level(_pattern(OWN_RATE_HZ)), OWN_RATE_HZ)

    @classmethod
    def load(cls, path: Path) -> Music:
        """A wav file with 16 bits a sample, any rate, mono or stereo, brought to the level of ours. Raises
        MusicUnreadable."""
        try:
            with wave.open(str(path), "rb") as file:
                if file.getsampwidth() != 2:
                    raise MusicUnreadable(f"{path}: {8 * file.getsampwidth()} bits a sample; 16 are needed")
                if file.getnframes() > LONGEST_S * file.getframerate():
                    raise MusicUnreadable(f"{path}: longer than {LONGEST_S // 60} minutes")
                rate_hz, channels = file.getframerate(), file.getnchannels()
                samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        except (OSError, EOFError, wave.Error) as error:
            raise MusicUnreadable(f"{path}: no wav file that can be read ({error})") from None
        whole = samples[: len(samples) // channels * channels].reshape(-1, channels)
        mono = whole.mean(axis=1).astype(np.float32) / np.float32(32768)
        try:
            return cls(resample(_level(mono), rate_hz, OWN_RATE_HZ), OWN_RATE_HZ)
        except MusicUnreadable as error:
            raise MusicUnreadable(f"{path}: {error}") from None

    def loop(self, rate_hz: int) -> bytes:
        """All of it at this rate, made the first time it is asked for: ask before a call waits for it."""
        if rate_hz not in self._at_rate:
            self._at_rate[rate_hz] = resample(self._at_rate[self._own_hz], self._own_hz, rate_hz)
        return self._at_rate[rate_hz]

    def frame(self, rate_hz: int, position: int, size: int) -> bytes:
        """`size` bytes (even) from the byte `position` (even) on; after its end it begins again."""
        loop = self.loop(rate_hz)
        start = position % len(loop)
        found = loop[start : start + size]
        while len(found) < size:
            found += loop[: size - len(found)]
        return found


def _level(samples: NDArray[np.float32]) -> bytes:
    gain = 10 ** ((LEVEL_DB - level_db(float_to_pcm(samples))) / 20)
    return float_to_pcm((samples * np.float32(gain)).astype(np.float32))


def _pattern(rate_hz: int) -> NDArray[np.float32]:
    """Each chord is plucked note by note, up and down; notes ring on over the seam."""
    beats = len(_CHORDS) * _BEATS_A_CHORD
    total = round(beats * _BEAT_S * rate_hz)
    sound = np.zeros(total, dtype=np.float64)
    for beat in range(beats):
        chord = _CHORDS[beat // _BEATS_A_CHORD]
        note_hz = 2 * (*chord, chord[1])[beat % _BEATS_A_CHORD]
        at = (np.arange(_note(note_hz, rate_hz).size) + round(beat * _BEAT_S * rate_hz)) % total
        sound[at] += _note(note_hz, rate_hz)
    return np.asarray(sound / np.abs(sound).max(), dtype=np.float32)


def _note(hz: float, rate_hz: int) -> NDArray[np.float64]:
    """Three overtones that die away within some three seconds, with a beginning that does not click."""
    seconds = np.arange(round(3.0 * rate_hz)) / rate_hz
    tone = sum(np.sin(2 * np.pi * hz * n * seconds) * np.exp(-seconds * (1.2 + n * 0.6)) / n**2 for n in (1, 2, 3))
    return np.asarray(tone * np.minimum(1.0, seconds / 0.03) * np.minimum(1.0, (3.0 - seconds) / 0.2))
