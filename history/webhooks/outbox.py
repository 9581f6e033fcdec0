"""The rows of the outbox, written in the transaction that writes the events they are about: there are both, or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from history import schema
from history.events import StoredEvent
from history.webhooks.endpoint import wanted
from history.webhooks.message import message_id


def put(connection: Connection, events: Sequence[StoredEvent]) -> int:
    """A message for each event that an enabled endpoint wants, due at once; returns how many deliveries."""
    endpoint = schema.webhook_endpoint.c
    listening = connection.execute(select(endpoint.id, endpoint.types).where(endpoint.state == "enabled")).all()
    if not listening:
        return 0
    messages: list[dict[str, Any]] = []
    deliveries: list[dict[str, Any]] = []
    for event in events:
        to = [found.id for found in listening if wanted(found.types, event.type)]
        if not to:
            continue
        outbox_id = message_id(event.interaction_id, event.seq)
        messages.append(
            {
                "id": outbox_id,
                "topic": event.type,
                "interaction_id": event.interaction_id,
                "seq": event.seq,
                "created_at": event.recorded_at,
            }
        )
        deliveries += [waiting(outbox_id, endpoint_id, event.recorded_at) for endpoint_id in to]
    if messages:
        connection.execute(insert(schema.outbox), messages)
        connection.execute(insert(schema.webhook_delivery), deliveries)
    return len(deliveries)


def waiting(outbox_id: str, endpoint_id: str, due_at: Any) -> dict[str, Any]:
    """A delivery that was not tried yet."""
    return {"outbox_id": outbox_id, "endpoint_id": endpoint_id, "state": "pending", "attempts": 0, "due_at": due_at}
