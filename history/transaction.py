"""What one commit writes: the events of several appends with their seq, and the rows projected from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from history import schema
from history.contact_rows import Merge, Unmerge, decide, write_claims
from history.events import Entry, StoredEvent
from history.identity.claims import Claim
from history.ingestion.envelope import EventConflict, Received
from history.projections import Callback, CallbackClosed, Interaction, Media, MediaGone, Segment, claim_of, project


@dataclass(frozen=True)
class Append:
    """What one `Journal.append` wants written, already checked; without entries it only tries the disk."""

    interaction_id: str
    entries: tuple[Entry, ...]
    key: Received | None = None
    """Of an event that another channel sent: it is written once, and not again (the last seq is 0)."""


@dataclass(frozen=True)
class Decide:
    """What a person says of contacts, written like an append; the last seq of it is 0."""

    decision: Merge | Unmerge
    entries: tuple[Entry, ...] = ()


Request = Append | Decide


@dataclass
class Group:
    """The rows of one transaction. last_seqs: one for each append, in order."""

    rows: dict[str, Interaction] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    events: list[StoredEvent] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    callbacks: list[Callback] = field(default_factory=list)
    closed: list[CallbackClosed] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    gone: list[MediaGone] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    received: dict[tuple[str, str], str] = field(default_factory=dict)
    receipts: list[Received] = field(default_factory=list)
    last_seqs: list[int] = field(default_factory=list)


def build(
    connection: Connection,
    appends: Sequence[Request],
    known: Mapping[str, Interaction],
    *,
    node: str,
    recorded_at: datetime,
) -> Group:
    """Number the entries and project them. known: rows that need not be read from `connection`.

    Decisions on contacts are written at once. Raises UnknownContact, UnknownMerge, EventConflict.
    """
    group = Group()
    for append in appends:
        if isinstance(append, Decide):
            decide(connection, append.decision, recorded_at)
            group.last_seqs.append(0)
            continue
        if not append.entries:
            group.last_seqs.append(0)
            continue
        if append.key is not None and _there(connection, group, append.key):
            group.last_seqs.append(0)
            continue
        key = append.interaction_id
        row = group.rows.get(key) or known.get(key) or _load(connection, key)
        if row is None:
            group.new.add(key)
        for entry in append.entries:
            event = StoredEvent(
                interaction_id=key,
                seq=1 if row is None else row.last_seq + 1,
                type=entry.type,
                payload=entry.payload,
                at_ms=entry.at_ms,
                actor=entry.actor,
                occurred_at=entry.occurred_at or recorded_at,
                recorded_at=recorded_at,
            )
            group.events.append(event)
            row, effect = project(row, event, node=node)
            if claim := claim_of(event, row):
                group.claims.append(claim)
            match effect:
                case Segment():
                    group.segments.append(effect)
                case Callback():
                    group.callbacks.append(effect)
                case CallbackClosed():
                    group.closed.append(effect)
                case Media():
                    group.media.append(effect)
                case MediaGone():
                    group.gone.append(effect)
        assert row is not None, "an append has entries"
        group.rows[key] = row
        group.last_seqs.append(row.last_seq)
    return group


def _there(connection: Connection, group: Group, event: Received) -> bool:
    """Whether it was received before; noted if not. Raises EventConflict when it said something else then."""
    table = schema.received_event
    known = (
        group.received.get((event.source, event.id))
        or connection.execute(
            select(table.c.sha256).where(table.c.source == event.source, table.c.event_id == event.id)
        ).scalar_one_or_none()
    )
    if known is None:
        group.received[event.source, event.id] = event.sha256
        group.receipts.append(event)
        return False
    if known != event.sha256:
        raise EventConflict(f"event {event.id!r} of {event.source!r} was received before with another body")
    return True


def _load(connection: Connection, interaction_id: str) -> Interaction | None:
    table = schema.interaction
    found = connection.execute(select(table).where(table.c.id == interaction_id)).mappings().one_or_none()
    return None if found is None else Interaction(**{k: v for k, v in found.items() if k != "tenant_id"})


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
_DELETE_MEDIA = (
    update(schema.media)
    .where(
        schema.media.c.interaction_id == bindparam("_interaction_id"),
        schema.media.c.seq == bindparam("_seq"),
        schema.media.c.deleted_at.is_(None),
    )
    .values(deleted_at=bindparam("_deleted_at"))
)


def store(connection: Connection, group: Group) -> None:
    """Write the rows of `group` in the transaction `connection` is in."""
    if not group.events:  # nothing but trials: a page is written all the same, with what it has
        connection.exec_driver_sql("PRAGMA user_version = 0")
    new = [vars(row) for row in group.rows.values() if row.id in group.new]
    changed = [_renamed(row) for row in group.rows.values() if row.id not in group.new]
    for statement, rows in (
        (insert(schema.interaction), new),
        (_UPDATE_INTERACTION, changed),
        (insert(schema.interaction_event), [vars(event) for event in group.events]),
        (insert(schema.segment), [vars(segment) for segment in group.segments]),
        (insert(schema.callback), [vars(callback) for callback in group.callbacks]),
        (_CLOSE_CALLBACK, [_renamed(closed) for closed in group.closed]),
        (insert(schema.media), [vars(media) for media in group.media]),
        (insert(schema.received_event), [_receipt(event) for event in group.receipts]),
        (_DELETE_MEDIA, [_renamed(gone) for gone in group.gone]),
    ):
        if rows:
            connection.execute(statement, rows)
    write_claims(connection, group.claims)


def _receipt(event: Received) -> dict[str, str]:
    return {
        "source": event.source,
        "event_id": event.id,
        "sha256": event.sha256,
        "interaction_id": event.interaction_id,
    }


def _renamed(row: Interaction | CallbackClosed | MediaGone) -> dict[str, Any]:
    """An update's parameters: SQLAlchemy keeps the names of the columns for itself."""
    return {f"_{name}": value for name, value in vars(row).items()}
