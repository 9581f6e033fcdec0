"""Identifiers that sort by the time they were made."""

from __future__ import annotations

import secrets
import threading
import time
import uuid

_lock = threading.Lock()
_last = (0, 0)


def new_id() -> str:
    """A new UUIDv7 (RFC 9562) as text; ids made by one process sort in the order they were made.

    The 12 bits after the time are a counter within the millisecond (RFC 9562, section 6.2, method 1); when it
    overflows, or the clock steps back, the time part runs ahead of the clock rather than out of order.
    """
    global _last
    with _lock:
        at_ms, counter = time.time_ns() // 1_000_000, 0
        if at_ms <= _last[0]:
            at_ms, counter = _last[0], _last[1] + 1
            if counter > 0xFFF:
                at_ms, counter = at_ms + 1, 0
        _last = (at_ms, counter)
    return str(uuid.UUID(int=(at_ms << 80) | (0x7 << 76) | (counter << 64) | (0b10 << 62) | secrets.randbits(62)))
