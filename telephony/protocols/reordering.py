"""Numbered chunks of sound that may arrive in another order than they were sent."""

from __future__ import annotations

MOST_WAITING = 5
"""Chunks of 20 ms that may wait for a missing one: 100 ms, what a phone's jitter buffer allows."""
FAR_BEHIND = 250
"""A number so much lower than expected is no late chunk: the far end began to count anew."""


class Reordering:
    """What waits is bounded; nothing here knows the time, so the last chunks before a pause may wait through it."""

    def __init__(self) -> None:
        self._next: int | None = None
        self._waiting: dict[int, bytes] = {}

    def put(self, number: int, sound: bytes) -> bytes:
        """The sound that is in order by now; empty while a chunk is missing, and for one that came too late."""
        if self._next is None or number < self._next - FAR_BEHIND:
            self._next, self._waiting = number, {}
        if number < self._next:
            return b""
        self._waiting[number] = sound
        if len(self._waiting) > MOST_WAITING:
            self._next = min(self._waiting)
        ready = b""
        while self._next in self._waiting:
            ready += self._waiting.pop(self._next)
            self._next += 1
        return ready

    def rest(self) -> bytes:
        """Everything that still waits, in its order."""
        waiting, self._waiting = self._waiting, {}
        return b"".join(waiting[number] for number in sorted(waiting))
