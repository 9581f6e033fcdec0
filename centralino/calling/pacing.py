"""A steady beat: one tick each 20 ms by the clock, as a phone network sends its frames."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass


class CallClock:
    """Milliseconds since the call was answered (monotonic)."""

    def __init__(self) -> None:
        self._answered_s = time.monotonic()

    def now_ms(self) -> float:
        return (time.monotonic() - self._answered_s) * 1000


@dataclass(frozen=True)
class Beat:
    """One tick. due_ms: when it had to come; late_ms: how much later it came."""

    index: int
    due_ms: float
    late_ms: float


async def beats(clock: CallClock, period_ms: float) -> AsyncIterator[Beat]:
    """Ticks at absolute deadlines, so that a late tick never delays those after it: they catch up.

    The first is due at once. Ends when the consumer stops.
    """
    start_ms = clock.now_ms()
    index = 0
    while True:
        due_ms = start_ms + index * period_ms
        await asyncio.sleep(max(0.0, due_ms - clock.now_ms()) / 1000)
        yield Beat(index, due_ms, max(0.0, clock.now_ms() - due_ms))
        index += 1


@dataclass(frozen=True)
class Punctuality:
    """How late a caller's own frames were: when these are high, the machine was too busy to trust a call's figures."""

    frames: int
    late_ms_p50: float
    late_ms_p95: float
    late_ms_p99: float
    late_ms_max: float

    @staticmethod
    def of(late_ms: Sequence[float]) -> Punctuality:
        ranked = sorted(late_ms) or [0.0]
        p50, p95, p99 = (ranked[min(len(ranked) - 1, int(len(ranked) * part))] for part in (0.5, 0.95, 0.99))
        return Punctuality(len(late_ms), round(p50, 1), round(p95, 1), round(p99, 1), round(ranked[-1], 1))
