"""What is still open with a contact, from what they and we did on every channel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from history.projections import Callback, Interaction

FINAL = frozenset(
    [
        "delivered",
        "cancelled",
        "canceled",
        "refunded",
        "completed",
        "complete",
        "closed",
        "returned",
        "consegnato",
        "annullato",
        "rimborsato",
        "completato",
        "chiuso",
        "reso",
    ]
)
"""Outcomes after which nothing is expected of an order."""
UNANSWERED = timedelta(days=7)
"""How long a message without an answer counts as open; later whoever wrote has asked again or given up."""


@dataclass(frozen=True)
class OpenMatter:
    """kind: a 'callback' that was promised, an 'order' on its way, a 'message' nobody answered. since: it waits."""

    kind: Literal["callback", "order", "message"]
    subject: str
    since: datetime
    interaction_id: str


def open_matters(rows: Iterable[Interaction], promised: Iterable[Callback], now: datetime) -> list[OpenMatter]:
    """The longest waiting first. rows: the contact's interactions, in any order; promised: their open call-backs.

    An order is its thread's latest state. A message is open while the latest of its thread is theirs.
    """
    found = [OpenMatter("callback", one.queue, one.requested_at, one.interaction_id) for one in promised]
    latest: dict[tuple[str, str], Interaction] = {}
    for row in rows:
        if row.thread:
            key = (row.door, row.thread)
            before = latest.get(key)
            if before is None or (row.started_at, row.id) > (before.started_at, before.id):
                latest[key] = row
    for row in latest.values():
        if row.outcome.strip().casefold() in FINAL:
            continue
        if row.channel == "shop":
            found.append(OpenMatter("order", row.subject or row.thread, row.started_at, row.id))
        elif row.direction == "inbound" and now - row.started_at <= UNANSWERED:
            found.append(OpenMatter("message", row.subject, row.started_at, row.id))
    return sorted(found, key=lambda matter: (matter.since, matter.interaction_id))
