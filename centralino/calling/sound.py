"""A caller's sound: clips from wav files, cut into frames, and where speech is in them."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voice.audio import resample
from voice.speaking.synthesizer import Sound

FRAME_MS = 20
"""What phone networks send at a time."""
BLOCK_MS = 10
SPEECH_DBFS = -45.0
"""A block of a far end's sound that is louder is speech: comfort noise lies under -55 dBFS, prompts around -20."""
QUIETEST_SPEECH_DBFS = -60.0
BELOW_LOUDEST_DB = 30.0
"""In a clip, whose level is not known beforehand, speech is what lies less than this under its loudest block."""

Span = tuple[float, float]
"""From, to; in milliseconds."""


class BadClip(ValueError):
    """A sound file that a caller cannot play. Names the file and what to do."""


def block_levels_dbfs(pcm: bytes, rate_hz: int) -> npt.NDArray[np.float64]:
    """The level (RMS, dB below full scale) of each block of 10 ms; the last block may be shorter."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    if not samples.size:
        return np.zeros(0)
    starts = np.arange(0, samples.size, rate_hz * BLOCK_MS // 1000)
    lengths = np.diff(np.append(starts, samples.size))
    power = np.add.reduceat(samples * samples, starts) / lengths
    return np.asarray(20 * np.log10(np.sqrt(power) / 32768 + 1e-9))


def speech_spans(pcm: bytes, rate_hz: int, floor_dbfs: float = SPEECH_DBFS) -> list[Span]:
    """Where the sound is louder than the floor, to 10 ms; neighbouring blocks are one span."""
    total_ms = len(pcm) * 500 / rate_hz
    spans: list[Span] = []
    for block in np.flatnonzero(block_levels_dbfs(pcm, rate_hz) > floor_dbfs):
        start, end = float(block * BLOCK_MS), min(float((block + 1) * BLOCK_MS), total_ms)
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


@dataclass(frozen=True)
class Clip:
    """Something to say. pcm: PCM16 mono little-endian; text: the words, '' when unknown."""

    name: str
    pcm: bytes
    rate_hz: int
    text: str = ""

    @property
    def words(self) -> str:
        """What it says, as well as is known."""
        return self.text or self.name

    @property
    def duration_ms(self) -> float:
        return len(self.pcm) * 500 / self.rate_hz

    @cached_property
    def spans(self) -> list[Span]:
        """Where speech is in the clip; empty for a silent clip."""
        levels = block_levels_dbfs(self.pcm, self.rate_hz)
        if not levels.size:
            return []
        return speech_spans(self.pcm, self.rate_hz, max(QUIETEST_SPEECH_DBFS, float(levels.max()) - BELOW_LOUDEST_DB))

    @property
    def last_voiced_ms(self) -> float | None:
        """The end of the last speech in the clip, counted from its first sample; None for a silent clip."""
        return self.spans[-1][1] if self.spans else None

    def at(self, rate_hz: int) -> Clip:
        """The same clip at another rate."""
        if rate_hz == self.rate_hz:
            return self
        return Clip(self.name, resample(self.pcm, self.rate_hz, rate_hz), rate_hz, self.text)

    def frames(self) -> list[bytes]:
        """The clip in frames of 20 ms; the last is filled up with silence."""
        size = frame_bytes(self.rate_hz)
        return [self.pcm[at : at + size].ljust(size, b"\0") for at in range(0, len(self.pcm), size)]


def frame_bytes(rate_hz: int) -> int:
    return rate_hz * FRAME_MS // 1000 * 2


def load_clip(path: Path, text: str = "") -> Clip:
    """A wav file: PCM16, mono, 8 to 48 kHz. Raises BadClip."""
    try:
        with wave.open(str(path), "rb") as file:
            shape = (file.getnchannels(), file.getsampwidth())
            rate_hz, pcm = file.getframerate(), file.readframes(file.getnframes())
    except (OSError, wave.Error, EOFError) as error:
        raise BadClip(f"{path}: cannot be read as a wav file ({error or 'it ends too early'})") from error
    if shape != (1, 2) or not 8000 <= rate_hz <= 48000:
        raise BadClip(
            f"{path}: {shape[0]} channel(s) of {8 * shape[1]} bits at {rate_hz} Hz; a caller needs a mono wav of "
            f"16 bits at 8000 to 48000 Hz: `ffmpeg -i {path.name} -ac 1 -ar 16000 -c:a pcm_s16le out.wav`"
        )
    if not pcm:
        raise BadClip(f"{path}: the file holds no sound")
    return Clip(path.stem, pcm, rate_hz, text)


def clip_of(text: str, sound: Sound) -> Clip:
    """What a synthesizer spoke, as a clip."""
    return Clip(name=text, pcm=sound.pcm, rate_hz=sound.rate_hz, text=text)
