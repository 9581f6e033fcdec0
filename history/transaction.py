"""What one commit writes: the events of several appends with their seq, and the rows projected from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from history import schema
from history.after_call import SurveyResponse, WrapUp
from history.contact_rows import Merge, Unmerge, decide
from history.database import Database
from history.events import Entry, StoredEvent
from history.identity.claims import Claim
from history.ingestion.envelope import EventConflict, Received
from history.projections import (
    Callback,
    CallbackClosed,
    Interaction,
    Media,
    MediaGone,
    MediaSealed,
    Segment,
    claim_of,
    project,
)
from history.rows_held import rows_of


class AlreadyThere(ValueError):
    """There is an interaction with this id."""


@dataclass(frozen=True)
class Append:
    """What one `Journal.append` wants written, already checked; without entries it only tries the disk."""

    interaction_id: str
    entries: tuple[Entry, ...]
    key: Received | None = None
    """Of an event that another channel sent: it is written once, and not again (the last seq is 0)."""
    only_if_open: bool = False
    """Nothing is written of an interaction that has ended meanwhile (the last seq is 0)."""
    new: bool = False
    """Only an interaction that is not there yet is written."""
    beside: Callable[[Connection, datetime], None] | None = None
    """Writes more rows of it, once its own are there."""
    after_seq: int | None = None
    """Entries that are there behind this seq are not written again: a commit that failed may have reached the disk."""


@dataclass(frozen=True)
class Decide:
    """What a person says of contacts, written like an append; the last seq of it is 0."""

    decision: Merge | Unmerge
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Change:
    """Rows beside the log, written like an append; what `apply` returns is the outcome in place of a seq.

    apply: given the connection and the time; tried again when another request of its group failed, so it has no
    effect elsewhere.
    """

    apply: Callable[[Connection, datetime], Any]
    entries: tuple[Entry, ...] = ()


Request = Append | Decide | Change


@dataclass
class Group:
    """The rows of one transaction. trial: nothing is to be written, the disk is to be tried. before: the rows that
    were there. last_seqs: one for each append, in order; of a change, what it returned."""

    trial: bool
    before: Mapping[str, Interaction]
    rows: dict[str, Interaction] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    events: list[StoredEvent] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    callbacks: list[Callback] = field(default_factory=list)
    closed: list[CallbackClosed] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    sealed: list[MediaSealed] = field(default_factory=list)
    gone: list[MediaGone] = field(default_factory=list)
    wrapups: list[WrapUp] = field(default_factory=list)
    surveys: list[SurveyResponse] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    received: dict[tuple[str, str], str] = field(default_factory=dict)
    receipts: list[Received] = field(default_factory=list)
    beside: list[Callable[[Connection, datetime], None]] = field(default_factory=list)
    last_seqs: list[Any] = field(default_factory=list)


def build(
    connection: Connection,
    appends: Sequence[Request],
    known: Mapping[str, Interaction],
    database: Database,
    *,
    node: str,
    recorded_at: datetime,
) -> Group:
    """Number the entries and project them. known: rows as they were after the last commit of this process.

    Changes and decisions on contacts are written at once. Raises AlreadyThere, UnknownContact, UnknownMerge and
    EventConflict.
    """
    ids = {append.interaction_id for append in appends if isinstance(append, Append) and append.entries}
    there = rows_of(connection, ids, known, database)
    trial = all(isinstance(append, Append) and not append.entries for append in appends)
    group = Group(trial, there)
    for append in appends:
        if isinstance(append, Decide):
            database.lock_contacts(connection)
            decide(connection, append.decision, recorded_at)
            group.last_seqs.append(0)
            continue
        if isinstance(append, Change):
            group.last_seqs.append(append.apply(connection, recorded_at))
            continue
        if not append.entries:
            group.last_seqs.append(0)
            continue
        if append.key is not None and _there(connection, group, append.key):
            group.last_seqs.append(0)
            continue
        key = append.interaction_id
        row = group.rows.get(key) or there.get(key)
        if append.only_if_open and (row is None or row.status != "open"):
            group.last_seqs.append(0)
            continue
        if append.new and row is not None:
            raise AlreadyThere(key)
        if row is None:
            group.new.add(key)
        for entry in _missing(connection, append, row):
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
                case MediaSealed():
                    group.sealed.append(effect)
                case MediaGone():
                    group.gone.append(effect)
                case WrapUp():
                    group.wrapups.append(effect)
                case SurveyResponse():
                    group.surveys.append(effect)
        assert row is not None, "an append has entries"
        group.rows[key] = row
        if append.beside is not None:
            group.beside.append(append.beside)
        group.last_seqs.append(row.last_seq)
    return group


def _missing(connection: Connection, append: Append, row: Interaction | None) -> Sequence[Entry]:
    """The entries of `append` that are to be written. row: as it is now."""
    if append.after_seq is None or row is None or row.last_seq <= append.after_seq:
        return append.entries
    event = schema.interaction_event.c
    query = select(event.type, event.payload, event.at_ms, event.actor, event.occurred_at)
    query = query.where(event.interaction_id == append.interaction_id, event.seq > append.after_seq)
    there = [Entry(*found) for found in connection.execute(query)]
    missing = []
    for entry in append.entries:
        if entry in there:
            there.remove(entry)
        else:
            missing.append(entry)
    return missing


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
