"""A message about an event: its id, which never changes, and its body, made when it is sent."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from history.events import StoredEvent
from history.webhooks.endpoint import Detail

LARGEST_PAYLOAD_BYTES = 16 * 1024
"""Of an event's payload in a message; a larger one is left out, and the receiver asks the API for it."""
_MESSAGES = uuid.UUID("c1f6b0de-93c5-5c0a-8a0e-2f5a7d1b6e90")

Redact = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""(event type, payload) → the payload as others may read it."""


@dataclass(frozen=True)
class Message:
    """id: the same at every try, at every endpoint, and when it is sent anew."""

    id: str
    body: bytes


def message_id(interaction_id: str, seq: int) -> str:
    """Of the message about this event."""
    return f"msg_{uuid.uuid5(_MESSAGES, f'{interaction_id} {seq}').hex}"


def message(event: StoredEvent, detail: Detail, redact: Redact) -> Message:
    """In the form that Standard Webhooks suggests: `type`, `timestamp`, `data`."""
    data: dict[str, Any] = {"interaction_id": event.interaction_id, "seq": event.seq, "at_ms": event.at_ms}
    if detail == "payload":
        payload = redact(event.type, event.payload)
        if len(_json(payload)) > LARGEST_PAYLOAD_BYTES:
            data["payload_left_out"] = True
        else:
            data["payload"] = payload
    told = {"type": event.type, "timestamp": event.occurred_at.isoformat(), "data": data}
    return Message(message_id(event.interaction_id, event.seq), _json(told))


def trial(now_iso: str, number: int) -> Message:
    """A message about nothing, with which somebody tries an endpoint. number: tells one trial from another."""
    told = {"type": "webhook.test", "timestamp": now_iso, "data": {}}
    return Message(f"msg_{uuid.uuid5(_MESSAGES, f'test {now_iso} {number}').hex}", _json(told))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
