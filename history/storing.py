"""Writes what `transaction.build` made of a group of appends: all of it in the transaction it is given."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from history import schema
from history.contact_rows import write_claims
from history.database import Database
from history.deriving.marking import mark
from history.deriving.upserting import put_missing
from history.ingestion.envelope import Received
from history.privacy.shredded import ask_to_shred
from history.projections import CallbackClosed, Interaction, MediaGone, MediaSealed
from history.transaction import Group
from history.webhooks import outbox

_UPDATE_INTERACTION = (
    update(schema.interaction)
    .where(schema.interaction.c.id == bindparam("_id"))
    .values({f.name: bindparam(f"_{f.name}") for f in fields(Interaction) if f.name != "id"})
)
_CLOSE_CALLBACK = (
    update(schema.callback)
    .where(
        schema.callback.c.interaction_id == bindparam("_interaction_id"),
        schema.callback.c.seq == bindparam("_seq"),
        schema.callback.c.done_at.is_(None),
    )
    .values(done_at=bindparam("_done_at"), done_by=bindparam("_done_by"))
)
_SEAL_MEDIA = (
    update(schema.media)
    .where(schema.media.c.interaction_id == bindparam("_interaction_id"), schema.media.c.seq == bindparam("_seq"))
    .values(key_id=bindparam("_key_id"))
)
_DELETE_MEDIA = (
    update(schema.media)
    .where(
        schema.media.c.interaction_id == bindparam("_interaction_id"),
        schema.media.c.seq == bindparam("_seq"),
        schema.media.c.deleted_at.is_(None),
    )
    .values(deleted_at=bindparam("_deleted_at"))
)


def store(connection: Connection, group: Group, database: Database) -> None:
    """Write the rows of `group` in the transaction `connection` is in."""
    if group.trial:
        database.write_nothing(connection)
    new = [vars(row) for row in group.rows.values() if row.id in group.new]
    longer = {
        row.id: row.last_seq for row in group.rows.values() if row.id not in group.new and _only_longer(row, group)
    }
    changed = [_renamed(row) for row in group.rows.values() if row.id not in group.new and row.id not in longer]
    for statement, rows in (
        (insert(schema.interaction), new),
        (_UPDATE_INTERACTION, changed),
        (insert(schema.callback), [vars(callback) for callback in group.callbacks]),
        (_CLOSE_CALLBACK, [_renamed(closed) for closed in group.closed]),
        (insert(schema.media), [vars(media) for media in group.media]),
        (insert(schema.wrapup), [vars(done) for done in group.wrapups]),
        (insert(schema.received_event), [receipt(event) for event in group.receipts]),
        (_SEAL_MEDIA, [_renamed(sealed) for sealed in group.sealed]),
    ):
        if rows:
            connection.execute(statement, rows)
    if group.gone:
        ask_to_shred(connection, group.gone)
        deleted = [{name: value for name, value in _renamed(gone).items() if name != "_here"} for gone in group.gone]
        connection.execute(_DELETE_MEDIA, deleted)
    put_missing(connection, schema.survey_response, [vars(answer) for answer in group.surveys])
    if longer:
        database.lengthen(connection, longer)
    for table, made in ((schema.interaction_event, group.events), (schema.segment, group.segments)):
        if made:
            database.insert(connection, table, [vars(row) for row in made])
    if group.claims:
        database.lock_contacts(connection)
        write_claims(connection, group.claims)
    mark(connection, [row.id for row in group.rows.values() if row.status != "open"])
    outbox.put(connection, group.events)


def _only_longer(row: Interaction, group: Group) -> bool:
    """Nothing but `last_seq` is another: so it is with most events, and one column is sooner written than thirty."""
    before = group.before.get(row.id)
    return before is not None and vars(before) | {"last_seq": row.last_seq} == vars(row)


def receipt(event: Received) -> dict[str, str]:
    """The row that says that this event was received."""
    return {
        "source": event.source,
        "event_id": event.id,
        "sha256": event.sha256,
        "interaction_id": event.interaction_id,
    }


def _renamed(row: Interaction | CallbackClosed | MediaSealed | MediaGone) -> dict[str, Any]:
    """An update's parameters: SQLAlchemy keeps the names of the columns for itself."""
    return {f"_{name}": value for name, value in vars(row).items()}
