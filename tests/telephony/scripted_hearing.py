"""Recognizers that know a few clips by how long their speech lasts: the words are certain, all else of hearing is real.

For tests of what lies around the recognizer, with many calls at once. Voice activity, endpointing and interruptions
work on the real sound as it came through a door.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import cast

from centralino.calling import Clip
from centralino.calling.sound import BELOW_LOUDEST_DB, block_levels_dbfs, speech_spans
from voice.listening.recognizer import Recognition
from voice.listening.worker_link import WorkerStats
from voice.listening.workers import Recognizers
from voice.models import EngineChoice

RATE_HZ = 16000
ALIKE_MS = 250
"""How far the length of what was heard may lie from a clip's: ends of words get lost on the way."""


class ScriptedRecognizer:
    """words: by the length of their speech, in ms."""

    engine, rate_hz, streaming = "scripted", RATE_HZ, False

    def __init__(self, words: dict[float, str]) -> None:
        self._words = words
        self._sound = b""

    async def accept(self, pcm: bytes) -> None:
        self._sound += pcm

    async def partial(self) -> Recognition:
        return Recognition("", is_final=False)

    async def glance(self) -> Recognition | None:
        return Recognition("", is_final=False)

    async def look(self, pcm: bytes = b"") -> Recognition:
        self._sound += pcm
        return Recognition(self._heard(), is_final=False, confidence=0.9)

    async def final(self, pcm: bytes = b"") -> Recognition:
        self._sound += pcm
        text, self._sound = self._heard(), b""
        return Recognition(text, is_final=True, confidence=0.9)

    def _heard(self) -> str:
        levels = block_levels_dbfs(self._sound, RATE_HZ)
        spans = speech_spans(self._sound, RATE_HZ, float(levels.max()) - BELOW_LOUDEST_DB) if levels.size else []
        if not spans:
            return ""
        lasted_ms = spans[-1][1] - spans[0][0]
        nearest = min(self._words, key=lambda length_ms: abs(length_ms - lasted_ms))
        return (
            self._words[nearest] if abs(nearest - lasted_ms) < ALIKE_MS else f"({lasted_ms:.0f} ms of something else)"
        )

    async def expect(self, phrases: Sequence[str]) -> None:
        """Knows its clips only."""

    async def close(self) -> None:
        """Has nothing to free."""


class _Scripted:
    def __init__(self, clips: Iterable[Clip]) -> None:
        self._words = {clip.spans[-1][1] - clip.spans[0][0]: clip.text for clip in clips}
        lengths = sorted(self._words)
        assert all(b - a > 2 * ALIKE_MS for a, b in pairwise(lengths)), lengths

    def choice(self, language: str) -> EngineChoice:
        return EngineChoice(language, ScriptedRecognizer.engine, "clips", "it knows the test's clips")

    async def open(self, language: str) -> ScriptedRecognizer:
        return ScriptedRecognizer(self._words)

    def prosody(self, language: str) -> None:
        """None: words come at once."""

    def stats(self) -> list[WorkerStats]:
        return []


def recognizers_of(clips: Iterable[Clip]) -> Recognizers:
    """Recognizers that know these clips, whose speech must differ in length by more than twice `ALIKE_MS`."""
    return cast(Recognizers, _Scripted(clips))
