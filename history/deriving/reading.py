"""Reads what several interactions are derived from, in a few queries for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from sqlalchemy import Connection, select

from history import schema
from history.contact_rows import joined_with
from history.deriving.facts import Later
from history.deriving.tables import interaction_fact
from history.events import StoredEvent
from history.kpis.ahead import SOLVED_AFTER
from history.projections import Interaction, Segment
from history.timeline import plain


@dataclass(frozen=True)
class Material:
    """One interaction: its row, log, transcript, and what the same contact did later."""

    row: Interaction
    events: tuple[StoredEvent, ...]
    segments: tuple[Segment, ...]
    later: tuple[Later, ...]


def materials(connection: Connection, interaction_ids: Sequence[str]) -> list[Material]:
    """Of those that are there and over."""
    table = schema.interaction
    query = select(table).where(table.c.id.in_(interaction_ids), table.c.status == "ended")
    rows = [Interaction(**plain(found)) for found in connection.execute(query).mappings()]
    events = _events(connection, interaction_ids)
    segments = _segments(connection, interaction_ids)
    later = _later(connection, rows)
    return [
        Material(row, tuple(events.get(row.id, ())), tuple(segments.get(row.id, ())), tuple(later.get(row.id, ())))
        for row in rows
    ]


def _events(connection: Connection, ids: Sequence[str]) -> dict[str, list[StoredEvent]]:
    table = schema.interaction_event
    query = select(table).where(table.c.interaction_id.in_(ids)).order_by(table.c.interaction_id, table.c.seq)
    found = (StoredEvent(**plain(row)) for row in connection.execute(query).mappings())
    return {key: list(group) for key, group in groupby(found, key=lambda event: event.interaction_id)}


def _segments(connection: Connection, ids: Sequence[str]) -> dict[str, list[Segment]]:
    table = schema.segment
    query = select(table).where(table.c.interaction_id.in_(ids)).order_by(table.c.interaction_id, table.c.seq)
    found = (Segment(**plain(row)) for row in connection.execute(query).mappings())
    return {key: list(group) for key, group in groupby(found, key=lambda segment: segment.interaction_id)}


def _later(connection: Connection, rows: Sequence[Interaction]) -> dict[str, list[Later]]:
    """By interaction: what the same person, by any of their ids, did within the time that counts."""
    known = [row for row in rows if row.contact_id]
    if not known:
        return {}
    survivor = joined_with(connection, {row.contact_id for row in known})
    fact = interaction_fact.c
    since = min(row.started_at for row in known)
    until = max((row.ended_at or row.started_at) for row in known) + SOLVED_AFTER + timedelta(seconds=1)
    query = select(fact.contact_id, fact.channel, fact.direction, fact.topic, fact.started_at).where(
        fact.contact_id.in_(survivor.keys()), fact.started_at > since, fact.started_at <= until
    )
    theirs: dict[str, list[Later]] = {}
    for contact_id, channel, direction, topic, started_at in connection.execute(query):
        theirs.setdefault(survivor[contact_id], []).append(Later(channel, direction, topic, started_at))
    return {
        row.id: [one for one in theirs.get(survivor[row.contact_id], ()) if one.started_at > row.started_at]
        for row in known
    }
