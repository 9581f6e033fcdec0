"""Is it the caller who speaks, or somebody farther from the phone? Told by how loud: the caller's own level is learned.

Recorded and Kokoro's voices are less than 9 dB softer than their mean level for 99 % of their voiced sound, taken as
the loudest 32 ms of 320. What the margin brings, and what it costs: docs/turn-taking.md.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from voice.listening.vad import CHUNK_MS


@dataclass(frozen=True)
class Nearness:
    """Whose voice counts.

    softer_db: a voice so much softer than the caller's own level is somebody else's. after_ms: it goes on counting for
    this long after a loud moment: the last syllables of a sentence are soft. known_ms: voice heard until the caller's
    level is known.
    """

    softer_db: float = 10.0
    after_ms: int = 256
    known_ms: int = 512


_LOUDEST_OF = 10
"""Moments: the loudest of 320 ms stands for the level, as syllables rise and fall."""
_RISE_MS, _FALL_MS = 500, 4_000
"""How fast the level learned follows: quickly up, so that it is that of the loud parts; slowly down."""


class OwnVoice:
    """One caller's level, learned from their turns; `forget` when it may have become another."""

    def __init__(self, rule: Nearness | None = None) -> None:
        self._rule = rule or Nearness()
        self._recent: deque[float] = deque(maxlen=_LOUDEST_OF)
        self._voiced_ms = 0
        self._counts_ms = 0
        self.level_db: float | None = None
        """The caller's; None: nothing was heard of them yet."""

    def counts(self, level_db: float, speaking: bool) -> bool:
        """Whether a voiced moment of this level is the caller's. speaking: within a turn of theirs."""
        self._recent.append(level_db)
        known = self.level_db is not None and self._voiced_ms >= self._rule.known_ms
        if not known or self.level_db is None or level_db >= self.level_db - self._rule.softer_db:
            self._counts_ms = self._rule.after_ms
            return True
        self._counts_ms -= CHUNK_MS
        return speaking and self._counts_ms >= 0

    def unvoiced(self, level_db: float) -> None:
        """A moment without any voice."""
        self._recent.append(level_db)

    def learn(self) -> None:
        """The moment last told was the caller's."""
        level_db = max(self._recent)
        self._voiced_ms += CHUNK_MS
        if self.level_db is None:
            self.level_db = level_db
            return
        pace_ms = _RISE_MS if level_db > self.level_db else _FALL_MS
        self.level_db += (level_db - self.level_db) * CHUNK_MS / min(pace_ms, max(self._voiced_ms, CHUNK_MS))

    def forget(self) -> None:
        """Whoever speaks next is the caller."""
        self._voiced_ms, self.level_db = 0, None
