"""A clock that waits for a busy machine, for whole calls that take place in one process.

It goes with the real one, but never past a moment for which something is planned and not done yet. So a caller who
sends a frame each 20 ms is never late, and a machine that is busy with other things makes a call take longer, but not
different.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Any
from unittest import mock

LEAST_S = 1e-6
"""By which each round of the loop moves the clock: who sleeps until a time is not to find it a rounding error away."""


class _Selector:
    """In the place of a loop's own: here the loop tells for how long nothing is planned."""

    def __init__(self, selector: Any, clock_s: Any) -> None:
        self._selector, self._real_s = selector, clock_s
        self.now_s = self._counted_s = clock_s()

    def select(self, timeout: float | None = None) -> Any:
        wait_s = timeout and max(0.0, timeout - (self._real_s() - self._counted_s))
        events = self._selector.select(wait_s)
        passed_s, self._counted_s = self._real_s() - self._counted_s, self._real_s()
        self.now_s += passed_s if timeout is None else min(passed_s, max(timeout, LEAST_S))
        return events

    def clock_s(self) -> float:
        return self.now_s

    def __getattr__(self, name: str) -> Any:
        return getattr(self._selector, name)


@contextlib.contextmanager
def patient_time(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """`time.monotonic` is that clock while the context is open. The loop must not be running yet."""
    own = loop._selector  # type: ignore[attr-defined]
    patient = loop._selector = _Selector(own, time.monotonic)  # type: ignore[attr-defined]
    with mock.patch("time.monotonic", patient.clock_s):
        yield
    loop._selector = own  # type: ignore[attr-defined]
