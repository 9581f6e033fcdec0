"""What is stored of an interaction beside its log and the rows projected from it: what was understood of it, what its
person was told and agreed to, what it counts for, what was taken out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Table, select

from history.analyses.tables import analysis
from history.consents.proof import consents_of
from history.consents.tables import consent
from history.deriving.tables import interaction_fact
from history.events import StoredEvent
from history.privacy.tables import emptied
from history.schema import received_event

LEFT_OUT = frozenset(("outbox", "search_document", "to_derive", "to_summarize"))
"""Tables of work that is still to be done, and an index of the same words."""


def beside_the_log(
    connection: Connection, interaction_id: str, events: Sequence[StoredEvent], contact_id: str
) -> dict[str, list[dict[str, Any]]]:
    """Rows by what they are, in an order of their own. Consents of a call that is not over, or was so just now, are
    read from its events."""
    found = {
        "analyses": _rows(connection, analysis, interaction_id),
        "consents": _rows(connection, consent, interaction_id),
        "facts": _rows(connection, interaction_fact, interaction_id),
        "emptied": _rows(connection, emptied, interaction_id),
        "received": _rows(connection, received_event, interaction_id),
    }
    if not found["consents"]:
        found["consents"] = [asdict(one) for one in consents_of(events, contact_id)]
    return found


def _rows(connection: Connection, table: Table, interaction_id: str) -> list[dict[str, Any]]:
    query = select(table).where(table.c.interaction_id == interaction_id).order_by(*table.primary_key)
    found = connection.execute(query).mappings()
    return [{name: value for name, value in row.items() if name != "tenant_id"} for row in found]
