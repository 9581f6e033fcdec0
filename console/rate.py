"""How often one address may ask: a sliding window, pure, with the clock passed in."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import deque
from collections.abc import Callable


class RateLimit:
    """At most `limit` uses for each key within any `per_s` seconds. now: a monotonic clock in seconds.

    at_most_keys bounds the memory: when more keys than that are active, the longest idle one is forgotten.
    """

    def __init__(
        self, limit: int, per_s: float, *, now: Callable[[], float] = time.monotonic, at_most_keys: int = 20_000
    ) -> None:
        self._limit = limit
        self._per_s = per_s
        self._now = now
        self._at_most_keys = at_most_keys
        self._uses: dict[str, deque[float]] = {}

    def use(self, key: str) -> int:
        """0 and counts one use when allowed; otherwise the seconds (≥ 1) until the next use will be."""
        now = self._now()
        uses = self._uses.pop(key, None) or deque()
        while uses and uses[0] <= now - self._per_s:
            uses.popleft()
        self._uses[key] = uses
        while len(self._uses) > self._at_most_keys:
            del self._uses[next(iter(self._uses))]
        if len(uses) >= self._limit:
            return max(1, math.ceil(uses[0] + self._per_s - now))
        uses.append(now)
        return 0


def address_key(host: str | None) -> str:
    """The key of a client's address: an IPv4 address itself, the /64 of an IPv6 one (one subscriber owns all of it)."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
