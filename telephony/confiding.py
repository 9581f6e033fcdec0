"""When a caller tells something in confidence: what is said, typed and heard meanwhile is masked everywhere.

It begins when a sensitive value is asked for, and when an operator says so; it ends a moment after that is over, after
the value was read back and after the caller has finished speaking. Transcripts, the history and recordings ask here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

TAIL_MS = 1_500
"""A caller may add a digit; and a far end still plays what it was sent ahead (at most `Pacing.lead_ms`)."""
_KEPT = 50
"""Stretches that are remembered: words may be recognised seconds after they were said, not minutes."""


class Confiding:
    """One call's. now_ms: milliseconds since the call was answered."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._over: deque[tuple[int, int]] = deque(maxlen=_KEPT)
        self._since_ms: int | None = None
        self._until_ms: int | None = None
        self.wanted = False
        """An operator wants it."""

    def look(self, asked: bool, spoken: bool, voice: bool) -> None:
        """Told whenever one of these may have changed. asked: a sensitive value is asked for; spoken: one is being
        said by the bot, or is about to be; voice: the caller speaks."""
        now_ms = self._now_ms()
        if asked or spoken or self.wanted:
            self._since_ms, self._until_ms = now_ms if self._since_ms is None else self._since_ms, None
        elif self._since_ms is not None:
            if self._until_ms is None or (voice and now_ms < self._until_ms):
                self._until_ms = now_ms + TAIL_MS
            elif now_ms >= self._until_ms:
                self._over.append((self._since_ms, self._until_ms))
                self._since_ms = self._until_ms = None

    @property
    def active(self) -> bool:
        return self._since_ms is not None

    def covers(self, from_ms: int, to_ms: int) -> bool:
        """Whether some of that stretch of the call was told in confidence."""
        return any(since_ms <= to_ms and until_ms >= from_ms for since_ms, until_ms in self.stretches())

    def stretches(self) -> Iterator[tuple[int, int]]:
        """From when to when; one that is not over yet reaches to the end of `TAIL_MS` from now."""
        yield from self._over
        if self._since_ms is not None:
            yield self._since_ms, self._until_ms or self._now_ms() + TAIL_MS
