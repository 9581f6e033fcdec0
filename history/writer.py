"""The one thread that writes: takes what all calls appended within a few milliseconds and commits it at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any

import structlog
from sqlalchemy import Engine

from history.database import Database, HistoryUnavailable
from history.events import StoredEvent
from history.projections import Interaction
from history.storing import store
from history.transaction import Append, Group, Request, build

log = structlog.get_logger()

HOLD_S = 2.0
"""How long nothing may be written until the connection to a database that others write, too, is looked at."""
GROUP_ENTRIES = 500
"""Bounds the time a commit holds the interpreter's lock; the rest waits for the next one."""
CONTENDED_TRIES = 3
"""Of a group that failed because another server wrote the same rows, or a connection was cut; then each of its appends
alone."""


@dataclass(frozen=True)
class Outcome:
    """What became of a request: the last seq (of a change, its outcome), or why it was not committed."""

    append: Request
    last_seq: Any = 0
    error: Exception | None = None


Written = tuple[list[Outcome], list[StoredEvent]]
Deliver = Callable[[Sequence[Outcome], Sequence[StoredEvent]], None]


class Writer(threading.Thread):
    """Owns the writing connection. engine: the first one. deliver: called in this thread after every commit or failure,
    in order.

    A failed transaction leaves nothing behind; the connection is opened anew for the next one, so writing goes on by
    itself when the disk does.
    """

    def __init__(
        self,
        database: Database,
        engine: Engine,
        *,
        node: str,
        group_ms: float,
        now: Callable[[], datetime],
        deliver: Deliver,
    ) -> None:
        super().__init__(name="history-writer", daemon=True)
        self._database = database
        self._node = node
        self._group_s = group_ms / 1000
        self._now = now
        self._deliver = deliver
        self._inbox: SimpleQueue[Request | None] = SimpleQueue()
        self._engine = engine
        self._fresh = False
        """The next transaction makes a connection first."""
        self._broken = ""
        self._commit_began = False
        self._rows: dict[str, Interaction] = {}

    def submit(self, append: Request) -> None:
        self._inbox.put(append)

    def finish(self) -> None:
        """Commit what was submitted so far, then close the file and end the thread."""
        self._inbox.put(None)

    def run(self) -> None:
        for group in self._groups():
            outcomes, events = self._write(group)
            self._deliver(outcomes, events)
        self._drop_connection()

    def _groups(self) -> Iterator[list[Request]]:
        while (first := self._next()) is not None:
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

    def _next(self) -> Request | None:
        if not self._database.shared:
            return self._inbox.get()
        while True:
            try:
                return self._inbox.get(timeout=HOLD_S)
            except Empty:
                self._hold()

    def _hold(self) -> None:
        """Nothing is written: what was cut meanwhile is connected again at once, before another server takes this one
        for dead; and no firewall forgets a connection that says nothing."""
        for _ in range(1 if self._fresh else 2):
            try:
                with self._database.unavailable_if_broken():
                    self._database.hold(self._engine)
            except Exception as error:
                self._drop_connection()
                self._told_broken(error)
            else:
                self._fresh = False
                self._told_whole()
                return

    def _told_broken(self, error: Exception) -> None:
        if not self._broken:
            log.warning("history.connection_lost", error=str(error))
        self._broken = str(error)

    def _told_whole(self) -> None:
        if self._broken:
            log.info("history.connected_again")
        self._broken = ""

    def _write(self, appends: Sequence[Request], tries: int = CONTENDED_TRIES) -> Written:
        fresh = self._fresh
        try:
            with self._database.unavailable_if_broken():
                group = self._transact(appends)
        except Exception as error:
            # The commit may have reached the disk although it failed here: trust nothing remembered.
            self._rows.clear()
            self._drop_connection()
            cause = error.__cause__ if isinstance(error, HistoryUnavailable) else error
            if tries > 1 and not self._commit_began and cause and self._database.is_passing(cause, fresh):
                return self._write(appends, tries - 1)
            if isinstance(error, HistoryUnavailable):
                error.in_doubt = self._commit_began
                return [Outcome(append, error=_copy(error)) for append in appends], []
            if len(appends) == 1 or self._commit_began:  # tried again, they might be in the log twice
                return [Outcome(append, error=error) for append in appends], []
            alone = [self._write([append]) for append in appends]  # one call's fault must not fail the others
            return [o for outcomes, _ in alone for o in outcomes], [e for _, events in alone for e in events]
        for row in group.rows.values():
            if row.status == "open":
                self._rows[row.id] = row
            else:
                self._rows.pop(row.id, None)
        outcomes = [Outcome(append, last_seq) for append, last_seq in zip(appends, group.last_seqs, strict=True)]
        return outcomes, group.events

    def _transact(self, appends: Sequence[Request]) -> Group:
        self._commit_began = False
        new = {append.interaction_id for append in appends if isinstance(append, Append)} - self._rows.keys()
        self._database.make_room(self._engine, new)
        with self._engine.connect() as connection, connection.begin() as transaction:
            now = self._now()
            group = build(connection, appends, self._rows, self._database, node=self._node, recorded_at=now)
            store(connection, group, self._database)
            for beside in group.beside:
                beside(connection, now)
            self._commit_began = True
            transaction.commit()
        self._fresh = False
        return group

    def _drop_connection(self) -> None:
        self._engine.dispose()
        self._fresh = True


def _copy(error: HistoryUnavailable) -> HistoryUnavailable:
    """Each append raises its own exception: one object raised in several tasks would mix their tracebacks."""
    copy = HistoryUnavailable(*error.args)
    copy.__cause__, copy.in_doubt = error.__cause__, error.in_doubt
    return copy
