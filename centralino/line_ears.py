"""What the lines' recognizers hear in a clip, for the console."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from console.api.simulated_speech import RATE_HZ, CannotHear, Words
from telephony.lines import Line
from voice.listening.heard import Heard, ListenerEvent, RecognizerRestarted
from voice.listening.hinted import HintedRecognizer
from voice.listening.listener import Listener
from voice.listening.workers import Recognizers, RecognizersUnavailable

PIECE_BYTES = RATE_HZ * 160 // 1000 * 2
"""Sound that is looked at in one go: under 1 ms of work on the event loop."""
QUIET_MS = 300
"""Before and after a clip: whoever records stops in the middle of things, a phone line does not."""


class ServedEars:
    """`console.api.simulated_speech.Ears`. lines: asked at each clip."""

    def __init__(self, recognizers: Recognizers, lines: Callable[[], Iterable[Line]]) -> None:
        self._recognizers, self._lines = recognizers, lines

    async def hear(self, pcm: bytes, language: str, flowbook: str, expected: Sequence[str]) -> Words:
        """As calls hear it: with the line's conditioning, pauses and expected words. What pauses part is one answer."""
        line = self._line(language, flowbook)
        try:
            recognizer = await self._recognizers.open(language)
        except RecognizersUnavailable as error:
            raise CannotHear(str(error)) from error
        told: list[ListenerEvent] = []
        listener = Listener(
            HintedRecognizer(recognizer, line.hints) if line and line.hints else recognizer,
            rate_hz=RATE_HZ,
            emit=told.append,
            endpointing=line.endpointing if line else None,
            conditioning=line.conditioning if line else None,
        )
        try:
            listener.expect(expected)
            await _feed(listener, pcm)
        finally:
            await listener.close()
        if any(isinstance(one, RecognizerRestarted) and one.lost_speech for one in told):
            raise CannotHear("the recognizer had to be started again; say it once more")
        heard = [one for one in told if isinstance(one, Heard) and one.is_final and one.text]
        sure = [one.confidence for one in heard if one.confidence is not None]
        return Words(" ".join(one.text for one in heard), min(sure, default=None))

    def _line(self, language: str, flowbook: str) -> Line | None:
        lines = [line for line in self._lines() if line.language == language]
        return next((line for line in lines if line.book.id == flowbook), next(iter(lines), None))


async def _feed(listener: Listener, pcm: bytes) -> None:
    """At the speed of the recognizer: the clock is the sound's own."""
    quiet = bytes(RATE_HZ * QUIET_MS // 1000 * 2)
    sound = quiet + pcm + quiet
    at_ms = 0
    for at in range(0, len(sound), PIECE_BYTES):
        piece = sound[at : at + PIECE_BYTES]
        at_ms += len(piece) * 1000 // (2 * RATE_HZ)
        listener.feed(piece, at_ms)
        await asyncio.sleep(0)
    await listener.finish(at_ms)
