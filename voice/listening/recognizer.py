"""What every recognizer offers, whatever its engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Word:
    """A recognised word; times count from the first sample of its utterance. confidence: 0..1."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True)
class Recognition:
    """Words so far (`is_final` False) or of a whole utterance. confidence: 0..1, None when the engine gives none.

    heard: the engine's own text where hints corrected it, else ''.
    """

    text: str
    is_final: bool
    confidence: float | None = None
    words: tuple[Word, ...] = ()
    heard: str = ""


class RecognizerLost(RuntimeError):
    """The worker of this recognizer died. The next call on it works again, on a fresh worker and an empty utterance."""


class Recognizer(Protocol):
    """Turns one caller's speech into words; one owner, one utterance at a time. Sound is PCM16 mono little-endian.

    Every method raises `RecognizerLost` when its worker died (once for each death).
    """

    engine: str
    """'vosk' or 'whisper' (or a third party's name)."""
    rate_hz: int
    """The sample rate that `accept` wants."""
    streaming: bool
    """True: `partial` is cheap and grows as speech arrives. False: words come with `final` only."""

    async def accept(self, pcm: bytes) -> None:
        """More speech of the current utterance."""
        ...

    async def partial(self) -> Recognition:
        """The words so far, for streaming engines; the others return an empty text at once."""
        ...

    async def glance(self) -> Recognition | None:
        """The words so far of an engine that is not streaming, only to be shown; None when there is no time for that.

        Makes nobody wait (`glancing.py`), and may go on beside the other methods. Never raises RecognizerLost.
        """
        ...

    async def look(self, pcm: bytes = b"") -> Recognition:
        """Recognise the utterance so far, `pcm` its latest sound, without ending it (a decode ahead of the endpoint).

        Streaming engines may return their partial. `is_final` True: if no sound comes after this, `final` would say the
        same.
        """
        ...

    async def final(self, pcm: bytes = b"") -> Recognition:
        """End the utterance, `pcm` its last sound: its words. The next `accept` begins a new one."""
        ...

    async def expect(self, phrases: Sequence[str]) -> None:
        """Constrain the next utterance to these phrases (empty: free speech). Engines that cannot ignore it."""
        ...

    async def close(self) -> None:
        """Free it. Idempotent; never raises."""
        ...
