"""What every synthesizer offers, whatever its engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Voice:
    """Who speaks.

    engine: 'pyttsx3' | 'kokoro' | 'piper' | a third party's. name: the engine's own, '' for its default of the
    language.
    """

    engine: str
    language: str
    name: str = ""

    @property
    def key(self) -> str:
        """One string that tells this voice from every other, for caches and logs."""
        return f"{self.engine}:{self.language}:{self.name or 'default'}"


@dataclass(frozen=True)
class Sound:
    """PCM16 mono little-endian."""

    pcm: bytes
    rate_hz: int

    @property
    def duration_ms(self) -> int:
        return len(self.pcm) * 500 // self.rate_hz


class SynthesisFailed(RuntimeError):
    """The engine could not speak a text, retries included. Says how long a text, which engine, why: the text itself may
    hold what a caller said, and errors are logged."""


def failed(text: str, voice: Voice, why: str) -> SynthesisFailed:
    """The error that says which engine could not speak, and why."""
    return SynthesisFailed(f"{voice.engine} could not speak {len(text)} characters as {voice.key}: {why}")


class Synthesizer(Protocol):
    """Turns a sentence into sound; callable from one event loop, never blocks it.

    Pauses, volume, loudness, sample rate and caching are not its business (`voice.speaking.prompts`), nor are numbers
    and the like: it gets words.
    """

    engine: str
    version: str
    """Of the engine and its model: changes when the same text would sound different. Part of the cache key."""
    languages: frozenset[str]
    """The languages that it speaks without a voice being named."""

    async def synthesize(self, sentence: str, voice: Voice, pace: float = 1.0) -> Sound:
        """The spoken sentence as the engine makes it, at any rate and level, with any silence at its ends.

        pace: times the engine's own (0.5 to 2). Raises SynthesisFailed.
        """
        ...

    async def close(self) -> None: ...
