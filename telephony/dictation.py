"""Speech that is only written down: cut into utterances by its pauses, recognised as it comes. No call, no dialog.

Time is that of the sound itself, so a file may be heard as fast as its recognizer can.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from voice.listening.endpointing import Endpointing, Turn, TurnTracker
from voice.listening.narrowband import widener
from voice.listening.recognizer import Recognizer
from voice.listening.vad import CHUNK_BYTES, CHUNK_MS, VoiceDetector

PIECE_MS = 160
"""Sound that is looked at in one go: 3 ms of work on the event loop."""


@dataclass(frozen=True)
class SpokenWord:
    """Times count from the first sample of the stream. confidence: 0..1."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True)
class Utterance:
    """text: '' when nothing was understood. words: none from engines that tell no times. confidence: 0..1 or None."""

    text: str
    words: tuple[SpokenWord, ...] = ()
    confidence: float | None = None


class Dictation:
    """One stream of PCM16 mono at `rate_hz`. The recognizer belongs to it; every method raises RecognizerLost."""

    def __init__(self, recognizer: Recognizer, rate_hz: int) -> None:
        self._recognizer = recognizer
        self._piece_bytes = rate_hz * PIECE_MS // 500
        self._widening = widener(rate_hz, recognizer)
        self._detector = VoiceDetector()
        limits = Endpointing()
        self._turns = TurnTracker(limits)
        self._leading: deque[bytes] = deque(maxlen=(limits.leading_ms + limits.start_ms) // CHUNK_MS)
        self._rest = b""
        self._heard_ms = 0
        self._began_ms = 0

    async def hear(self, pcm: bytes) -> list[Utterance]:
        """More sound, of any length; the utterances that ended in it. Raises ValueError for half a sample."""
        ended: list[Utterance] = []
        for at in range(0, len(pcm), self._piece_bytes):
            ended += await self._hear(self._widening.feed(pcm[at : at + self._piece_bytes]))
            await asyncio.sleep(0)
        return ended

    async def partial(self) -> str:
        """The words so far of the utterance that goes on; '' between two, and from engines that have none so early."""
        return (await self._recognizer.partial()).text if self._turns.speaking else ""

    async def finish(self) -> list[Utterance]:
        """The utterances that end because the sound does; more may follow all the same."""
        ended = await self._hear(self._widening.flush())
        if self._turns.stop():
            await self._recognizer.accept(self._rest)
            ended.append(await self._final())
        self._rest = b""
        return ended

    def lost(self) -> None:
        """The recognizer's worker died: what it heard of an utterance is gone, the next one begins afresh."""
        self._turns.stop()

    async def _hear(self, sound: bytes) -> list[Utterance]:
        """sound: at the recognizer's rate."""
        self._rest += sound
        ended: list[Utterance] = []
        speech: list[bytes] = []
        used = len(self._rest) // CHUNK_BYTES * CHUNK_BYTES
        chunks, self._rest = (
            [self._rest[at : at + CHUNK_BYTES] for at in range(0, used, CHUNK_BYTES)],
            self._rest[used:],
        )
        for chunk in chunks:
            self._heard_ms += CHUNK_MS
            turn = self._turns.sound(self._detector.probability(chunk), CHUNK_MS, self._heard_ms)
            if turn is Turn.STARTED:
                self._began_ms = self._heard_ms - CHUNK_MS * (len(self._leading) + 1)
                speech += [*self._leading, chunk]
                self._leading.clear()
            elif turn is Turn.ENDED:
                await self._recognizer.accept(b"".join(speech))
                speech.clear()
                ended.append(await self._final())
            elif self._turns.speaking:
                speech.append(chunk)
            else:
                self._leading.append(chunk)
        if speech:
            await self._recognizer.accept(b"".join(speech))
        return ended

    async def _final(self) -> Utterance:
        said, before_ms = await self._recognizer.final(), self._began_ms
        words = (
            SpokenWord(word.text, before_ms + word.start_ms, before_ms + word.end_ms, word.confidence)
            for word in said.words
        )
        return Utterance(said.text, tuple(words), said.confidence)
