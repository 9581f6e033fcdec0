"""A caller's own ears: a recognizer that writes down what the other end said."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from centralino.calling.conversation import Tell
from centralino.calling.pacing import CallClock
from centralino.calling.playout import Playout
from voice.audio import resample
from voice.listening.recognizer import Recognizer

UTTERANCE_GAP_MS = 700
LONGEST_UTTERANCE_MS = 25_000
"""What recognizers of whole utterances (Whisper: 30 s) take at once."""
MARGIN_MS = 200
LOOK_S = 0.25


@dataclass(frozen=True)
class Heard:
    """What the other end said, in a recognizer's words. Times count from the answer."""

    start_ms: float
    end_ms: float
    text: str
    confidence: float | None


class Hearing:
    """Transcribes finished utterances of a playout, in order. The recognizer is not closed: it stays its owner's."""

    def __init__(self, playout: Playout, recognizer: Recognizer, tell: Tell) -> None:
        self.heard: list[Heard] = []
        self._playout, self._recognizer, self._tell = playout, recognizer, tell
        self._done_until_ms = 0.0

    async def catch_up(self, now_ms: float) -> None:
        """Transcribe what ended before now."""
        for start_ms, end_ms in self._utterances(now_ms):
            self._done_until_ms = end_ms
            samples = self._playout.samples(max(0.0, start_ms - MARGIN_MS), end_ms + MARGIN_MS)
            await self._recognizer.accept(resample(samples.tobytes(), self._playout.rate_hz, self._recognizer.rate_hz))
            words = await self._recognizer.final()
            self.heard.append(Heard(round(start_ms, 1), round(end_ms, 1), words.text, words.confidence))
            self._tell("heard", words.text, start_ms=round(start_ms))

    async def live(self, clock: CallClock, over: asyncio.Event) -> None:
        """Transcribe while the call goes on, until it is over. Takes time from a server on the same machine."""
        while not over.is_set():
            await self.catch_up(clock.now_ms())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), LOOK_S)

    def _utterances(self, now_ms: float) -> list[tuple[float, float]]:
        spans: list[tuple[float, float]] = []
        for burst in self._playout.bursts:
            if burst.start_ms < self._done_until_ms:
                continue
            near = bool(spans) and burst.start_ms - spans[-1][1] < UTTERANCE_GAP_MS
            if near and burst.end_ms - spans[-1][0] <= LONGEST_UTTERANCE_MS:
                spans[-1] = (spans[-1][0], burst.end_ms)
            else:
                spans.append((burst.start_ms, burst.end_ms))
        return [span for span in spans if span[1] + UTTERANCE_GAP_MS <= now_ms]
