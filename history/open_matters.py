"""What is still open with a contact, from what they and we did on every channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


TALKED = frozenset(["answered", "handed_off", "transferred"])
"""Outcomes of calls in which who wrote before was helped."""


def open_matters(
    rows: Iterable[Interaction],
    promised: Iterable[Callback],
    now: datetime,
    thread_of: Mapping[str, str] | None = None,
) -> list[OpenMatter]:
    """The longest waiting first. rows: the contact's interactions, in any order; promised: their open call-backs.
    thread_of: interaction → thread, across channels (`history.threads`).

    An order is its latest state. A message is open while the latest of its conversation is theirs, unless their thread
    went on elsewhere afterwards: an answer on another channel, or a call in which they were helped.
    """
    rows = list(rows)
    threads = thread_of or {}
    helped: dict[str, tuple[datetime, str]] = {}
    for row in rows:
        if row.id in threads and (row.direction == "outbound" or (row.channel == "voice" and row.outcome in TALKED)):
            thread = threads[row.id]
            helped[thread] = max(helped.get(thread, (row.started_at, row.id)), (row.started_at, row.id))
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
        elif helped.get(threads.get(row.id, ""), (row.started_at, row.id)) > (row.started_at, row.id):
            continue
        elif row.direction == "inbound" and now - row.started_at <= UNANSWERED:
            found.append(OpenMatter("message", row.subject, row.started_at, row.id))
    return sorted(found, key=lambda matter: (matter.since, matter.interaction_id))
