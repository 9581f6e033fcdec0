"""The one thread that writes: takes what all calls appended within a few milliseconds and commits it at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue

from sqlalchemy import Engine

from history.database import HistoryUnavailable, open_writer, unavailable_if_broken
from history.events import StoredEvent
from history.projections import Interaction
from history.transaction import Group, Request, build, store

GROUP_ENTRIES = 500
"""Bounds the time a commit holds the interpreter's lock; the rest waits for the next one."""


@dataclass(frozen=True)
class Outcome:
    """What became of a request: the last seq, or why it was not committed."""

    append: Request
    last_seq: int = 0
    error: Exception | None = None


Deliver = Callable[[Sequence[Outcome], Sequence[StoredEvent]], None]


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
        self._inbox: SimpleQueue[Request | None] = SimpleQueue()
        self._engine: Engine | None = None
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

    def _write(self, appends: Sequence[Request]) -> tuple[list[Outcome], list[StoredEvent]]:
        try:
            with unavailable_if_broken(self._path):
                group = self._transact(appends)
        except Exception as error:
            # The commit may have reached the disk although it failed here: trust nothing remembered.
            self._rows.clear()
            self._drop_connection()
            if isinstance(error, HistoryUnavailable):
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
        self._engine = self._engine or open_writer(self._path)
        with self._engine.connect() as connection, connection.begin() as transaction:
            group = build(connection, appends, self._rows, node=self._node, recorded_at=self._now())
            store(connection, group)
            self._commit_began = True
            transaction.commit()
        return group

    def _drop_connection(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


def _copy(error: HistoryUnavailable) -> HistoryUnavailable:
    """Each append raises its own exception: one object raised in several tasks would mix their tracebacks."""
    copy = HistoryUnavailable(*error.args)
    copy.__cause__ = error.__cause__
    return copy
