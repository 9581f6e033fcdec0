"""One clock for everything that is sent: each 20 ms every stream gets its turn.

Deadlines are absolute, so that a late turn makes none after it late. After a stall up to `MOST_CAUGHT_UP` turns are
made up for at once, which a phone's jitter buffer takes; what is older was missed and is skipped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import structlog

from telephony.rtp.sending import PACKET_MS

log = structlog.get_logger()

MOST_CAUGHT_UP = 5


class Paced(Protocol):
    def tick(self) -> None:
        """Send what is due now."""
        ...

    def skip(self) -> None:
        """A turn was missed."""
        ...


def turns_due(late_ms: float) -> tuple[int, int]:
    """Of a wake-up that is so late: turns to take now, and turns missed before them."""
    due = 1 + int(late_ms // PACKET_MS)
    return min(due, MOST_CAUGHT_UP), max(0, due - MOST_CAUGHT_UP)


class Pacer:
    """worst_late_ms: the latest wake-up since it was last asked for."""

    def __init__(self, now_s: Callable[[], float] | None = None) -> None:
        self._streams: set[Paced] = set()
        self._now_s = now_s or (lambda: asyncio.get_running_loop().time())
        self._task: asyncio.Task[None] | None = None
        self.worst_late_ms = 0.0

    def __len__(self) -> int:
        return len(self._streams)

    def add(self, stream: Paced) -> None:
        self._streams.add(stream)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="rtp pacer")

    def remove(self, stream: Paced) -> None:
        self._streams.discard(stream)

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        due_s = self._now_s()
        while True:
            await asyncio.sleep(due_s - self._now_s())
            late_ms = max(0.0, (self._now_s() - due_s) * 1000)
            self.worst_late_ms = max(self.worst_late_ms, late_ms)
            turns, missed = turns_due(late_ms)
            due_s += (turns + missed) * PACKET_MS / 1000
            for stream in tuple(self._streams):
                try:
                    for _ in range(missed):
                        stream.skip()
                    for _ in range(turns):
                        stream.tick()
                except Exception:
                    log.exception("rtp.stream_failed")
                    self._streams.discard(stream)  # its call ends for want of sound; the others go on
