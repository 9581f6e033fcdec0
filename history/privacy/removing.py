"""Removing interactions whole: their logs, and every row that others keep of them. What they counted for stays."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete

from history.deriving.carrying import carry
from history.schema import metadata
from history.search.indexing import index

_BY_THEIR_OWN_CLOCK = frozenset(("outbox", "webhook_delivery"))
"""Messages to others are forgotten when they are delivered or given up."""


def remove(connection: Connection, interaction_ids: Sequence[str]) -> None:
    """The recordings' files must be gone before."""
    if not interaction_ids:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    carry(connection, interaction_ids)
    index(connection, [(one, None) for one in interaction_ids])
    for table in reversed(metadata.sorted_tables):
        if table.name in _BY_THEIR_OWN_CLOCK:
            continue
        if table.name == "interaction":
            connection.execute(delete(table).where(table.c.id.in_(interaction_ids)))
        elif "interaction_id" in table.c:
            connection.execute(delete(table).where(table.c.interaction_id.in_(interaction_ids)))
