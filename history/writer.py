"""The one thread that writes: takes what all calls appended within a few milliseconds and commits it at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue

from sqlalchemy import Connection, Engine, bindparam, insert, select, update

from history import schema
from history.database import HistoryUnavailable, open_writer, unavailable_if_broken
from history.events import Entry, StoredEvent
from history.projections import Callback, CallbackClosed, Interaction, Segment, project

GROUP_ENTRIES = 500
"""Bounds the time a commit holds the interpreter's lock; the rest waits for the next one."""


@dataclass(frozen=True)
class Append:
    """What one `Journal.append` wants written, already checked."""

    interaction_id: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of an Append: the last seq, or why it was not committed."""

    append: Append
    last_seq: int = 0
    error: Exception | None = None


Deliver = Callable[[Sequence[Outcome], Sequence[StoredEvent]], None]


@dataclass
class _Group:
    """The rows of one transaction."""

    rows: dict[str, Interaction] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    events: list[StoredEvent] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    callbacks: list[Callback] = field(default_factory=list)
    closed: list[CallbackClosed] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


class Writer(threading.Thread):
    """Owns the writing connection. deliver: called in this thread after every commit or failure, in order.

    A failed transaction leaves nothing behind; the connection is opened anew for the next one, so writing goes on by
    itself when the disk does.
    """

    def __init__(
        self, path: Path, *, node: str, group_ms: float, now: Callable[[], datetime], deliver: Deliver
    ) -> None:
        super().__init__(name="history-writer", daemon=True)
        self._path = path
        self._node = node
        self._group_s = group_ms / 1000
        self._now = now
        self._deliver = deliver
        self._inbox: SimpleQueue[Append | None] = SimpleQueue()
        self._engine: Engine | None = None
        self._rows: dict[str, Interaction] = {}

    def submit(self, append: Append) -> None:
        self._inbox.put(append)

    def finish(self) -> None:
        """Commit what was submitted so far, then close the file and end the thread."""
        self._inbox.put(None)

    def run(self) -> None:
        for group in self._groups():
            outcomes, events = self._write(group)
            self._deliver(outcomes, events)
        self._drop_connection()

    def _groups(self) -> Iterator[list[Append]]:
        while (first := self._inbox.get()) is not None:
            time.sleep(self._group_s)
            group, entries = [first], len(first.entries)
            while entries < GROUP_ENTRIES:
                try:
                    following = self._inbox.get_nowait()
                except Empty:
                    break
                if following is None:
                    self._inbox.put(None)
                    break
                group.append(following)
                entries += len(following.entries)
            yield group

    def _write(self, appends: Sequence[Append]) -> tuple[list[Outcome], list[StoredEvent]]:
        try:
            with unavailable_if_broken(self._path):
                group = self._transact(appends)
        except Exception as error:
            # The commit may have reached the disk although it failed here: trust nothing remembered.
            self._rows.clear()
            self._drop_connection()
            if isinstance(error, HistoryUnavailable) or len(appends) == 1:
                return [Outcome(append, error=error) for append in appends], []
            alone = [self._write([append]) for append in appends]  # one call's fault must not fail the others
            return [o for outcomes, _ in alone for o in outcomes], [e for _, events in alone for e in events]
        for row in group.rows.values():
            if row.status == "open":
                self._rows[row.id] = row
            else:
                self._rows.pop(row.id, None)
        return group.outcomes, group.events

    def _transact(self, appends: Sequence[Append]) -> _Group:
        self._engine = self._engine or open_writer(self._path)
        with self._engine.connect() as connection, connection.begin() as transaction:
            group = self._build(connection, appends)
            _store(connection, group)
            transaction.commit()
        return group

    def _build(self, connection: Connection, appends: Sequence[Append]) -> _Group:
        group = _Group()
        recorded_at = self._now()
        for append in appends:
            row = group.rows.get(append.interaction_id) or self._row(connection, append.interaction_id)
            if row is None:
                group.new.add(append.interaction_id)
            for entry in append.entries:
                event = StoredEvent(
                    interaction_id=append.interaction_id,
                    seq=1 if row is None else row.last_seq + 1,
                    type=entry.type,
                    payload=entry.payload,
                    at_ms=entry.at_ms,
                    actor=entry.actor,
                    occurred_at=entry.occurred_at or recorded_at,
                    recorded_at=recorded_at,
                )
                row, effect = project(row, event, node=self._node)
                group.events.append(event)
                match effect:
                    case Segment():
                        group.segments.append(effect)
                    case Callback():
                        group.callbacks.append(effect)
                    case CallbackClosed():
                        group.closed.append(effect)
            assert row is not None
            group.rows[append.interaction_id] = row
            group.outcomes.append(Outcome(append, last_seq=row.last_seq))
        return group

    def _row(self, connection: Connection, interaction_id: str) -> Interaction | None:
        return self._rows.get(interaction_id) or load_row(connection, interaction_id)

    def _drop_connection(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


def load_row(connection: Connection, interaction_id: str) -> Interaction | None:
    """The stored projection of an interaction, None when there is none."""
    table = schema.interaction
    found = connection.execute(select(table).where(table.c.id == interaction_id)).mappings().one_or_none()
    return None if found is None else Interaction(**{k: v for k, v in found.items() if k != "tenant_id"})


_UPDATE_INTERACTION = (
    update(schema.interaction)
    .where(schema.interaction.c.id == bindparam("_id"))
    .values(
        {
            column.name: bindparam(column.name)
            for column in schema.interaction.c
            if column.name not in ("id", "tenant_id")
        }
    )
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


def _store(connection: Connection, group: _Group) -> None:
    new = [asdict(row) for row in group.rows.values() if row.id in group.new]
    changed = [asdict(row) | {"_id": row.id} for row in group.rows.values() if row.id not in group.new]
    for row in changed:
        del row["id"]
    for statement, rows in (
        (insert(schema.interaction), new),
        (_UPDATE_INTERACTION, changed),
        (insert(schema.interaction_event), [asdict(event) for event in group.events]),
        (insert(schema.segment), [asdict(segment) for segment in group.segments]),
        (insert(schema.callback), [asdict(callback) for callback in group.callbacks]),
        (_CLOSE_CALLBACK, [{f"_{name}": value for name, value in asdict(c).items()} for c in group.closed]),
    ):
        if rows:
            connection.execute(statement, rows)
