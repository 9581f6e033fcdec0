"""How long the event loop was ever kept from running: the measure of "never block the loop"."""

from __future__ import annotations

import asyncio
import time
from collections import deque

PERIOD_S = 0.005
REMEMBERED = 12_000
"""Samples kept: the last minute."""


class LoopLag:
    """Run `watch` as a task; lateness of a 5 ms timer, in ms."""

    def __init__(self) -> None:
        self._late_ms: deque[float] = deque(maxlen=REMEMBERED)
        self.worst_ms = 0.0
        """Since the server began to take calls (or the last `reset`)."""

    async def watch(self) -> None:
        while True:
            due_s = time.perf_counter() + PERIOD_S
            await asyncio.sleep(PERIOD_S)
            late_ms = (time.perf_counter() - due_s) * 1000
            self._late_ms.append(late_ms)
            self.worst_ms = max(self.worst_ms, late_ms)

    def reset(self) -> None:
        self._late_ms.clear()
        self.worst_ms = 0.0

    def figures(self) -> dict[str, float]:
        """worst_ms, and p50/p99 of the last minute."""
        late = sorted(self._late_ms) or [0.0]
        return {
            "worst_ms": round(self.worst_ms, 1),
            "p50_ms": round(late[len(late) // 2], 1),
            "p99_ms": round(late[min(len(late) - 1, len(late) * 99 // 100)], 1),
        }
