"""What a websocket of our own pages shows instead of a password: a ticket, good once and for a moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Redeem = Callable[[str, str], Mapping[str, Any] | None]
"""(ticket, kind) -> what the ticket was issued for, once; None when it is not valid. kinds: 'browser', 'operator'."""
