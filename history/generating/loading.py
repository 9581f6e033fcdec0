"""Writes a made-up history in bulk: the rows that the journal would have written, through the same projections."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, Engine, func, select

from history import schema
from history.database import Database, HistoryUnavailable, migrate
from history.deriving.marking import mark
from history.events import StoredEvent
from history.generating.year import Happening, year
from history.identity.claims import ContactRow, PointRow, join_contact, join_point, meaning
from history.identity.merging import automatic_merge_id, survivors
from history.projections import Callback, Interaction, Segment, claim_of, project
from history.storing import receipt

AT_ONCE = 2000
NODE = "generated"


@dataclass
class _People:
    """What the claims said of contacts so far; all of it is written at the end."""

    contacts: dict[str, ContactRow] = field(default_factory=dict)
    points: dict[tuple[str, str, str], PointRow] = field(default_factory=dict)
    same: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def hear(self, event: StoredEvent, row: Interaction) -> None:
        if (claim := claim_of(event, row)) is None:
            return
        meant = meaning(claim)
        for one in meant.contacts:
            self.contacts[one.id] = join_contact(self.contacts.get(one.id, one), one)
        for point in meant.points:
            key = (point.contact_id, point.kind, point.value)
            self.points[key] = join_point(self.points.get(key, point), point)
        for pair in meant.same:
            self.same[pair] = min(self.same.get(pair, claim.at), claim.at)


def generate(
    database: Database, count: int, seed: int, until: datetime, told: Callable[[int], None] = lambda done: None
) -> int:
    """`count` interactions in the year before `until` (aware), into a history that has none; returns how many events.
    What is derived of them (search, KPIs) is marked as to be done. Raises HistoryUnavailable."""
    release = database.claim(NODE)
    try:
        with database.unavailable_if_broken():
            engine = database.open_writer(NODE)
            try:
                migrate(engine, database)
                with engine.connect() as connection:
                    if connection.execute(select(func.count()).select_from(schema.interaction)).scalar_one():
                        raise HistoryUnavailable(f"{database} holds interactions already: generate into a new history")
                return _load(engine, database, year(count, seed, until), told)
            finally:
                engine.dispose()
    finally:
        release()


def _load(engine: Engine, database: Database, happenings: Iterable[Happening], told: Callable[[int], None]) -> int:
    people, events, done = _People(), 0, 0
    happenings = iter(happenings)
    while some := list(islice(happenings, AT_ONCE)):
        database.make_room(engine, {call for call, _, _ in some})
        with engine.begin() as connection:
            events += _write(connection, database, some, people)
        told(done := done + len(some))
    with engine.begin() as connection:
        joined = survivors(people.same)
        contacts = [
            {**vars(one), "merged_into": "" if joined.get(one.id, one.id) == one.id else joined[one.id]}
            for one in people.contacts.values()
        ]
        merges = [
            {"id": automatic_merge_id(one, other), "one": one, "other": other, "actor": "system",
             "reason": "two verified points", "merged_at": at, "undone_by": ""}
            for (one, other), at in people.same.items()
        ]  # fmt: skip
        for table, rows in (
            (schema.contact, contacts),
            (schema.contact_point, [vars(point) for point in people.points.values()]),
            (schema.contact_merge, merges),
        ):
            if rows:
                database.insert(connection, table, rows)
    if database.shared:  # by and by it would do so itself; SQLite plans without statistics, as under a server
        with engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
    return events


def _write(connection: Connection, database: Database, some: list[Happening], people: _People) -> int:
    rows: list[Interaction] = []
    events: list[StoredEvent] = []
    segments: list[Segment] = []
    callbacks: list[Callback] = []
    for call, entries, _ in some:
        row: Interaction | None = None
        for seq, entry in enumerate(entries, start=1):
            at = entry.occurred_at
            assert at is not None
            event = StoredEvent(call, seq, entry.type, entry.payload, entry.at_ms, entry.actor, at, at)
            events.append(event)
            row, effect = project(row, event, node=NODE)
            people.hear(event, row)
            if isinstance(effect, Segment):
                segments.append(effect)
            elif isinstance(effect, Callback):
                callbacks.append(effect)
        assert row is not None
        rows.append(row)
    for table, made in (
        (schema.interaction, [vars(row) for row in rows]),
        (schema.interaction_event, [vars(event) for event in events]),
        (schema.segment, [vars(segment) for segment in segments]),
        (schema.callback, [vars(callback) for callback in callbacks]),
        (schema.received_event, [receipt(event) for _, _, event in some if event is not None]),
    ):
        if made:
            database.insert(connection, table, made)
    mark(connection, [row.id for row in rows])
    return len(events)
