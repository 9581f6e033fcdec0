"""What goes into the log of an interaction (`Entry`) and what comes out of it (`StoredEvent`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from history import payloads

MAX_PAYLOAD_BYTES = 64 * 1024
"""One payload as UTF-8 JSON: what a CloudEvents intermediary must forward, so any event can leave as one message."""


_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True)
class Entry:
    """A fact to append. at_ms: since the call was answered. actor: 'system', 'caller', 'bot' or an operator's id.

    occurred_at: when it happened, aware; None = when it is appended. `payloads` lists the types known so far; others
    are stored too, but nothing is projected from them.
    """

    type: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    at_ms: int = 0
    actor: str = "system"
    occurred_at: datetime | None = None


@dataclass(frozen=True)
class StoredEvent:
    """An event after its commit. seq: 1, 2, 3... without gaps within its interaction. Times are UTC."""

    interaction_id: str
    seq: int
    type: str
    payload: Mapping[str, Any]
    at_ms: int
    actor: str
    occurred_at: datetime
    recorded_at: datetime


def checked(entry: Entry, now: datetime) -> Entry:
    """The entry as it will be stored: payload copied through JSON, `occurred_at` set and in UTC. A NUL, which no
    text of a PostgreSQL database can hold, becomes U+FFFD.

    Raises ValueError, naming the event type and the field, for what must not enter the log.
    """
    if not entry.type.isprintable() or not 1 <= len(entry.type) <= 64:
        raise ValueError(f"event type {entry.type!r} must have 1 to 64 printable characters")
    if not entry.actor.isprintable() or not 1 <= len(entry.actor) <= 128:
        raise ValueError(f"{entry.type}: actor {entry.actor[:200]!r} must have 1 to 128 printable characters")
    if not isinstance(entry.at_ms, int) or not 0 <= entry.at_ms <= payloads.MAX_MS:
        raise ValueError(
            f"{entry.type}: at_ms is {entry.at_ms!r}; whole milliseconds that count up from 0 at the answer"
        )
    occurred_at = now if entry.occurred_at is None else entry.occurred_at
    if occurred_at.tzinfo is None:
        raise ValueError(f"{entry.type}: occurred_at has no time zone; use datetime.now(UTC)")
    try:
        stored = _JSON.encode(dict(entry.payload))
        size = len(stored.encode())
    except (TypeError, ValueError) as error:  # not JSON, NaN, a cycle, or half a surrogate pair
        raise ValueError(f"{entry.type}: payload cannot be stored as JSON: {error}") from error
    if size > MAX_PAYLOAD_BYTES:
        raise ValueError(f"{entry.type}: payload has {size} bytes; at most {MAX_PAYLOAD_BYTES}. Store a reference")
    payload = json.loads(stored)
    if "\\u0000" in stored:
        payload = _without_nul(payload)
    payloads.check(entry.type, payload)
    return Entry(entry.type, payload, entry.at_ms, entry.actor, occurred_at.astimezone(UTC))


def _without_nul(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\x00", "\ufffd")
        case list():
            return [_without_nul(one) for one in value]
        case dict():
            return {_without_nul(name): _without_nul(one) for name, one in value.items()}
    return value
