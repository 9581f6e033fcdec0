"""Short single-use tickets that open a websocket.

A browser cannot add a header to a websocket and sends its cookies to any page's socket, so a socket is opened with a
ticket fetched over an authenticated same-site request just before. A ticket opens one socket of one kind, once.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class _Issued:
    kind: str
    subject: Mapping[str, Any]
    expires_at_s: float


class Tickets:
    """Tickets of this process, in memory: a restart makes all of them worthless.

    now: a monotonic clock in seconds. lifetime_s: how long a ticket waits to be redeemed; a page redeems it within one
    round trip, 60 s leaves room for a microphone permission prompt. at_most: tickets waiting at once; beyond it the
    oldest is dropped, so that a flood of requests cannot fill the memory.
    """

    def __init__(
        self, *, now: Callable[[], float] = time.monotonic, lifetime_s: float = 60.0, at_most: int = 10_000
    ) -> None:
        self._now = now
        self._lifetime_s = lifetime_s
        self._at_most = at_most
        self._waiting: dict[str, _Issued] = {}

    def issue(self, kind: str, subject: Mapping[str, Any]) -> str:
        """A new ticket for one socket of `kind` ('operator', 'browser', …) on behalf of `subject`."""
        self._drop_expired()
        while len(self._waiting) >= self._at_most:
            del self._waiting[next(iter(self._waiting))]
        ticket = secrets.token_urlsafe(32)
        self._waiting[ticket] = _Issued(kind, dict(subject), self._now() + self._lifetime_s)
        return ticket

    def redeem(self, ticket: str, kind: str) -> dict[str, Any] | None:
        """The ticket's subject, once; None when unknown, used, expired or of another kind (spent all the same)."""
        issued = self._waiting.pop(ticket, None)
        if issued is None or issued.kind != kind or self._now() >= issued.expires_at_s:
            return None
        return dict(issued.subject)

    def _drop_expired(self) -> None:
        # Insertion order is expiry order because every ticket lives equally long.
        now = self._now()
        while self._waiting and next(iter(self._waiting.values())).expires_at_s <= now:
            del self._waiting[next(iter(self._waiting))]
