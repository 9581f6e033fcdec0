"""The sound of one text, which may be played while the rest of it is still being made."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from voice.speaking.phrases import Phrase
from voice.speaking.played import words_played

_LEAD_MS = 40
"""Of the silence before a sentence that is said again."""


class Speech:
    """Arrives phrase by phrase, PCM16 at `rate_hz`. Belongs to one event loop.

    text: as it was written. on_news: called whenever there is more of it, or there will be no more.
    """

    def __init__(self, text: str, phrases: Sequence[Phrase], rate_hz: int) -> None:
        self.text, self.rate_hz = text, rate_hz
        self.on_news: Callable[[], None] = lambda: None
        self.failure = ""
        """Why the rest of it will never come."""
        self.unwanted = False
        """Nobody will play the rest of it."""
        self._phrases = tuple(phrases)
        self._spans_ms: list[tuple[int, int]] = []
        """From where to where each phrase that is here is spoken."""
        self._pcm = bytearray()
        self._add_pause()

    @property
    def missing(self) -> Phrase | None:
        """The phrase to `add` next; None when all are here."""
        number = len(self._spans_ms)
        return self._phrases[number] if number < len(self._phrases) else None

    @property
    def finished(self) -> bool:
        """No more of it will come."""
        return self.missing is None or bool(self.failure)

    @property
    def begun(self) -> bool:
        """Some of it is here."""
        return bool(self._spans_ms)

    @property
    def duration_ms(self) -> int:
        """Of what is here."""
        return len(self._pcm) * 500 // self.rate_hz

    def add(self, pcm: bytes) -> None:
        """The sound of the phrase that was missing; the pause behind it comes with it."""
        start_ms = self.duration_ms
        self._pcm += pcm
        self._spans_ms.append((start_ms, self.duration_ms))
        self._add_pause()
        self.on_news()

    def fail(self, why: str) -> None:
        self.failure = why
        self.on_news()

    def frame(self, position: int, size: int) -> bytes:
        """`size` bytes from `position` on; fewer at the end only, none when they are not here (yet)."""
        if not self.begun or (position + size > len(self._pcm) and not self.finished):
            return b""
        return bytes(self._pcm[position : position + size])

    def heard(self, played_ms: int) -> str:
        """The words that a caller heard when `played_ms` of it had been played, without tags."""
        shares = []
        for number, phrase in enumerate(self._phrases):
            start_ms, end_ms = self._spans_ms[number] if number < len(self._spans_ms) else (played_ms, played_ms + 1)
            share = (played_ms - start_ms) / max(1, end_ms - start_ms)
            if phrase.text:
                shares.append((phrase.text, max(0.0, min(1.0, share))))
        return words_played(self.text, shares)

    def resume_at_ms(self, played_ms: int) -> int:
        """Where it goes on after a pause at `played_ms`: at the beginning of the sentence that was being spoken; at
        the next one, if it stopped between the two."""
        at_ms = 0
        for phrase, (start_ms, _), (_, before_ms) in zip(
            self._phrases[1:], self._spans_ms[1:], self._spans_ms, strict=False
        ):
            if played_ms >= before_ms and phrase.pause_ms:
                at_ms = start_ms - min(_LEAD_MS, phrase.pause_ms)
        return at_ms

    def _add_pause(self) -> None:
        if self.missing:
            self._pcm += bytes(self.rate_hz * self.missing.pause_ms // 1000 * 2)
