"""What every synthesizer offers, whatever its engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Voice:
    """Who speaks.

    engine: 'pyttsx3' | 'kokoro' | a third party's. name: the engine's own, '' for its default of the language.
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
    """The engine could not speak a text, retries included. Says which text, which engine, why."""


class Synthesizer(Protocol):
    """Turns text into sound; callable from one event loop, never blocks it."""

    engine: str
    version: str
    """Of the engine and its model: changes when the same text would sound different. Part of the cache key."""
    languages: frozenset[str]
    """The languages it was tried in."""

    async def synthesize(self, text: str, voice: Voice) -> Sound:
        """The spoken text, at 16 kHz. Raises SynthesisFailed."""
        ...

    async def close(self) -> None: ...
