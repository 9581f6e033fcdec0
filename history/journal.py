"""The append-only log of every interaction: what is in it has happened, and nothing happens outside before it is in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine

from history.contact_rows import Merge, Unmerge
from history.database import Database, HistoryUnavailable, migrate
from history.events import Entry, StoredEvent, checked
from history.ids import new_id
from history.ingestion.envelope import EventConflict, Received
from history.lost_calls import LostCall, open_calls, open_nodes
from history.sqlite_file import SqliteFile, database_at
from history.subscriptions import QUEUE_EVENTS, Subscription, Subscriptions
from history.transaction import Append, Change, Decide, Request
from history.writer import Outcome, Writer

GROUP_MS = 1.0
"""How long a commit waits for other calls' events; while it is on its way to the disk, the next group gathers anyway.

A longer wait bought no throughput on the bench and is added to every append; none at all lets one lively call
sync the disk for every event. Measured with `centralino bench history`; see docs/history.md.
"""

T = TypeVar("T")


@dataclass(frozen=True)
class _Prepared:
    """A history that may be written: the connection for it, what lets go of the place, who was left open."""

    engine: Engine
    release: Callable[[], None]
    lost: list[LostCall]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Journal:
    """The writing side of the history, for one process and one event loop. Open it with `Journal.open`."""

    def __init__(
        self,
        database: Database,
        *,
        node: str,
        group_ms: float,
        now: Callable[[], datetime],
        prepared: _Prepared,
    ) -> None:
        """Use `Journal.open`."""
        self.database = database
        self._now = now
        self._release = prepared.release
        self._lost = prepared.lost
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._subscriptions = Subscriptions()
        self._writer: Writer | None = Writer(
            database, prepared.engine, node=node, group_ms=group_ms, now=now, deliver=self._deliver_from_writer
        )
        self._writer.start()

    @classmethod
    async def open(
        cls, where: Path | Database, *, node: str, group_ms: float = GROUP_MS, now: Callable[[], datetime] = _utc_now
    ) -> Journal:
        """Open or create the history at `where` (a file's folder too), bring its schema up to date, start the writer.

        node: the name of this server, stored with every interaction it starts; of servers that share a database each
        has its own. group_ms: how long a commit waits for company. Raises HistoryUnavailable: not a history, not
        writable, written by a newer version, or already open.
        """
        database = database_at(where)
        prepared = await asyncio.to_thread(_prepare, database, node)
        return cls(database, node=node, group_ms=group_ms, now=now, prepared=prepared)

    @property
    def path(self) -> Path:
        """The file of a history that is one."""
        assert isinstance(self.database, SqliteFile), f"{self.database} is no file"
        return self.database.path

    async def append(self, interaction_id: str, entries: Sequence[Entry]) -> int:
        """Write `entries` in order, all or none; returns the last one's seq once they are on the disk (fsync).

        Appends of one interaction are written in the order in which they were called. Raises ValueError before
        anything is written for an entry that must not enter the log (see `events.checked`), and HistoryUnavailable
        when the disk is full, read-only, locked or broken; a later append works when the disk does. Waits as long as
        the disk takes. When cancelled, or when a broken disk failed the commit, the entries may have been written.
        """
        _checked_id(interaction_id)
        if not entries:
            raise ValueError(f"nothing to append to {interaction_id}")
        now = self._now()
        written = await self._written(Append(interaction_id, tuple(checked(entry, now) for entry in entries)))
        return cast(int, written)

    async def end_if_open(self, interaction_id: str, ended: Entry) -> int:
        """The same for the last entry of an interaction that is there and has not ended; returns its seq, 0 when
        nothing was written."""
        request = Append(_checked_id(interaction_id), (checked(ended, self._now()),), only_if_open=True)
        return cast(int, await self._written(request))

    async def append_missing(self, interaction_id: str, entries: Sequence[Entry], after_seq: int) -> int:
        """The same for entries, with `occurred_at`, of which nobody knows whether an append that failed wrote them;
        those that are there behind `after_seq` are not written again. Returns the last seq that the interaction has."""
        now = self._now()
        request = Append(
            _checked_id(interaction_id), tuple(checked(entry, now) for entry in entries), after_seq=after_seq
        )
        return cast(int, await self._written(request))

    async def append_new(
        self,
        interaction_id: str,
        entries: Sequence[Entry],
        beside: Callable[[Connection, datetime], None] | None = None,
    ) -> int:
        """The same for the whole log of an interaction that is not there yet, as an import has it. beside: writes more
        rows of it in the same transaction, as with `change`. Raises AlreadyThere, too, and writes nothing then."""
        now = self._now()
        whole = tuple(checked(entry, now) for entry in entries)
        request = Append(_checked_id(interaction_id), whole, new=True, beside=beside)
        return cast(int, await self._written(request))

    async def probe(self) -> None:
        """Commit nothing, to the disk (fsync), as an `append` would. Raises HistoryUnavailable when that fails."""
        await self._written(Append("", ()))

    async def receive(self, events: Sequence[Received], *, trusted: bool) -> list[bool | EventConflict]:
        """Write what another channel sent, each event once: True when it is new, False when it was there before, an
        EventConflict when it was there with another body. trusted: whether its source proves points.

        Raises ValueError before anything is written, and HistoryUnavailable: send them all again then.
        """
        now = self._now()
        requests = [Append(event.interaction_id, (checked(event.entry(trusted), now),), key=event) for event in events]
        written = await asyncio.gather(*map(self._written, requests), return_exceptions=True)
        results: list[bool | EventConflict] = []
        for result in written:
            if isinstance(result, BaseException) and not isinstance(result, EventConflict):
                raise result
            results.append(result if isinstance(result, EventConflict) else cast(int, result) > 0)
        return results

    async def merge_contacts(self, one: str, other: str, *, actor: str, reason: str = "") -> str:
        """Two contacts are one person from now on; returns the id of the merge. Nothing of either is changed.

        actor: who says so. Raises UnknownContact, ValueError (one with itself, a reason over 255 characters) and
        HistoryUnavailable.
        """
        if one == other or len(reason) > 255 or "\x00" in reason:
            raise ValueError("two different contacts are merged, for a reason of at most 255 characters, none a NUL")
        merge = Merge(new_id(), one, other, actor, reason)
        await self._written(Decide(merge))
        return merge.id

    async def unmerge_contacts(self, merge_id: str, *, actor: str) -> None:
        """That merge, a person's or an automatic one, no longer counts and is not made again by itself.

        Raises UnknownMerge (also when it is undone already) and HistoryUnavailable.
        """
        await self._written(Decide(Unmerge(merge_id, actor)))

    async def change(self, apply: Callable[[Connection, datetime], T]) -> T:
        """Write rows that are not of the log (of webhooks, of whatever is decided beside it), in one transaction with
        what is written at that moment; returns what `apply` returned, once that is on the disk.

        apply: given the connection and the time, in the writer's thread; quick, and without an effect elsewhere, as it
        may be tried twice. Raises what it raises, and HistoryUnavailable.
        """
        return cast(T, await self._written(Change(apply)))

    async def _written(self, request: Request) -> Any:
        if self._writer is None:
            raise HistoryUnavailable(f"history {self.database} is closed: the server is shutting down")
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting[id(request)] = future
        self._writer.submit(request)
        return await future

    def subscribe(self, interaction_id: str | None = None, *, max_events: int = QUEUE_EVENTS) -> Subscription:
        """Events committed from now on, of one interaction or of all, as an async iterator; see `Subscription`."""
        return self._subscriptions.add(interaction_id, max_events)

    async def close_lost(self) -> list[LostCall]:
        """End every interaction that this node had left open when the journal was opened, as reason 'node_lost';
        returns them. Call it once, at start.

        Whoever had them open is gone: on SQLite because one process at a time writes a file (another node's are ended,
        too), on PostgreSQL because this one has the node's name now. Those of other nodes: `LostCalls`.
        """
        lost, self._lost = self._lost, []
        closing = [self.end_if_open(call.interaction_id, call.ended) for call in lost]
        results = await asyncio.gather(*closing, return_exceptions=True)
        self._lost = [call for call, result in zip(lost, results, strict=True) if isinstance(result, BaseException)]
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return lost

    async def close(self) -> None:
        """Commit what was appended so far, end the subscriptions, and let go of the file."""
        if self._writer is None:
            return
        writer, self._writer = self._writer, None
        writer.finish()
        await asyncio.to_thread(writer.join)
        self._subscriptions.close()
        self._release()

    def _deliver_from_writer(self, outcomes: Sequence[Outcome], events: Sequence[StoredEvent]) -> None:
        with suppress(RuntimeError):  # the loop was closed without `close`: nobody is left to be told
            self._loop.call_soon_threadsafe(self._deliver, outcomes, events)

    def _deliver(self, outcomes: Sequence[Outcome], events: Sequence[StoredEvent]) -> None:
        self._subscriptions.publish(events)
        for outcome in outcomes:
            future = self._waiting.pop(id(outcome.append))
            if future.done():  # the call that appended was cancelled
                continue
            if outcome.error is not None:
                future.set_exception(outcome.error)
            else:
                future.set_result(outcome.last_seq)


def _checked_id(interaction_id: str) -> str:
    if not interaction_id or len(interaction_id) > 64 or not interaction_id.isprintable():
        raise ValueError(f"interaction id {interaction_id[:100]!r} must have 1 to 64 printable characters")
    return interaction_id


def _prepare(database: Database, node: str) -> _Prepared:
    release = database.claim(node)
    try:
        with database.unavailable_if_broken():
            engine = database.open_writer(node)
            try:
                migrate(engine, database)
                with engine.connect() as connection:
                    return _Prepared(engine, release, _left_open(connection, database, node))
            except BaseException:
                engine.dispose()
                raise
    except BaseException:
        release()
        raise


def _left_open(connection: Connection, database: Database, node: str) -> list[LostCall]:
    """By whoever was this node before; in a file, which one process at a time writes, by whomever."""
    return open_calls(connection, {node} if database.shared else open_nodes(connection))
