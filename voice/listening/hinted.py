"""A recognizer whose whole utterances are corrected by the words that its line expects."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from voice.listening.hints import Hints
from voice.listening.recognizer import Recognition, Recognizer

log = structlog.get_logger()


class HintedRecognizer:
    """Corrects what `look` and `final` return; partials stay as they are, for there are many and they soon change."""

    def __init__(self, recognizer: Recognizer, hints: Hints) -> None:
        self.engine = recognizer.engine
        self.rate_hz = recognizer.rate_hz
        self.streaming = recognizer.streaming
        self._recognizer = recognizer
        self._hints = hints
        self._last = Recognition("", is_final=False)
        self._last_corrected = self._last

    async def accept(self, pcm: bytes) -> None:
        await self._recognizer.accept(pcm)

    async def partial(self) -> Recognition:
        return await self._recognizer.partial()

    async def glance(self) -> Recognition | None:
        return await self._recognizer.glance()

    async def look(self, pcm: bytes = b"") -> Recognition:
        return self._corrected(await self._recognizer.look(pcm))

    async def final(self, pcm: bytes = b"") -> Recognition:
        return self._corrected(await self._recognizer.final(pcm))

    async def expect(self, phrases: Sequence[str]) -> None:
        await self._recognizer.expect(phrases)

    async def close(self) -> None:
        await self._recognizer.close()

    def _corrected(self, said: Recognition) -> Recognition:
        if said != self._last:
            self._last, self._last_corrected = said, self._hints.corrected(said)
            if self._last_corrected.heard:
                log.info("listener.corrected", letters=len(said.text))  # the words are in the history
        return self._last_corrected
