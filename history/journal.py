"""The append-only log of every interaction: what is in it has happened, and nothing happens outside before it is in."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, func, select

from history import schema
from history.contact_rows import Merge, Unmerge
from history.database import HistoryUnavailable, migrate, open_writer, unavailable_if_broken
from history.events import Entry, StoredEvent, checked
from history.ids import new_id
from history.ingestion.envelope import EventConflict, Received
from history.sole_writer import SoleWriter
from history.subscriptions import QUEUE_EVENTS, Subscription, Subscriptions
from history.transaction import Append, Decide, Request
from history.writer import Outcome, Writer

GROUP_MS = 1.0
"""How long a commit waits for other calls' events; while it is on its way to the disk, the next group gathers anyway.

A longer wait bought no throughput on the bench and is added to every append; none at all lets one lively call
sync the disk for every event. Measured with `python -m history.bench`; see docs/history.md.
"""


@dataclass(frozen=True)
class LostCall:
    """An interaction that was still open when its server died."""

    interaction_id: str
    node: str
    line: str
    caller: str
    started_at: datetime
    last_at_ms: int


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Journal:
    """The writing side of the history, for one process and one event loop. Open it with `Journal.open`."""

    def __init__(
        self,
        path: Path,
        *,
        node: str,
        group_ms: float,
        now: Callable[[], datetime],
        lock: SoleWriter,
        lost: list[LostCall],
    ) -> None:
        """Use `Journal.open`."""
        self.path = path
        self._now = now
        self._lock = lock
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[int, asyncio.Future[int]] = {}
        self._subscriptions = Subscriptions()
        self._writer: Writer | None = Writer(
            path, node=node, group_ms=group_ms, now=now, deliver=self._deliver_from_writer
        )
        self._writer.start()

    @classmethod
    async def open(
        cls, path: Path, *, node: str, group_ms: float = GROUP_MS, now: Callable[[], datetime] = _utc_now
    ) -> Journal:
        """Open or create the history at `path` (its folder too), bring its schema up to date, and start the writer.

        node: the name of this server, stored with every interaction it starts. group_ms: how long a commit waits for
        company. Raises HistoryUnavailable: not a history, not writable, written by a newer version, or already open.
        """
        lock, lost = await asyncio.to_thread(_prepare, path, node)
        return cls(path, node=node, group_ms=group_ms, now=now, lock=lock, lost=lost)

    async def append(self, interaction_id: str, entries: Sequence[Entry]) -> int:
        """Write `entries` in order, all or none; returns the last one's seq once they are on the disk (fsync).

        Appends of one interaction are written in the order in which they were called. Raises ValueError before
        anything is written for an entry that must not enter the log (see `events.checked`), and HistoryUnavailable
        when the disk is full, read-only, locked or broken; a later append works when the disk does. Waits as long as
        the disk takes. When cancelled, or when a broken disk failed the commit, the entries may have been written.
        """
        if not interaction_id or len(interaction_id) > 64 or not interaction_id.isprintable():
            raise ValueError(f"interaction id {interaction_id!r} must have 1 to 64 printable characters")
        if not entries:
            raise ValueError(f"nothing to append to {interaction_id}")
        now = self._now()
        return await self._written(Append(interaction_id, tuple(checked(entry, now) for entry in entries)))

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
        for result in written:
            if isinstance(result, BaseException) and not isinstance(result, EventConflict):
                raise result
        return [result if isinstance(result, EventConflict) else result > 0 for result in written]  # type: ignore[operator]

    async def merge_contacts(self, one: str, other: str, *, actor: str, reason: str = "") -> str:
        """Two contacts are one person from now on; returns the id of the merge. Nothing of either is changed.

        actor: who says so. Raises UnknownContact, ValueError (one with itself, a reason over 255 characters) and
        HistoryUnavailable.
        """
        if one == other or len(reason) > 255:
            raise ValueError("two different contacts are merged, for a reason of at most 255 characters")
        merge = Merge(new_id(), one, other, actor, reason)
        await self._written(Decide(merge))
        return merge.id

    async def unmerge_contacts(self, merge_id: str, *, actor: str) -> None:
        """That merge, a person's or an automatic one, no longer counts and is not made again by itself.

        Raises UnknownMerge (also when it is undone already) and HistoryUnavailable.
        """
        await self._written(Decide(Unmerge(merge_id, actor)))

    async def _written(self, request: Request) -> int:
        if self._writer is None:
            raise HistoryUnavailable(f"history {self.path} is closed: the server is shutting down")
        future: asyncio.Future[int] = self._loop.create_future()
        self._waiting[id(request)] = future
        self._writer.submit(request)
        return await future

    def subscribe(self, interaction_id: str | None = None, *, max_events: int = QUEUE_EVENTS) -> Subscription:
        """Events committed from now on, of one interaction or of all, as an async iterator; see `Subscription`."""
        return self._subscriptions.add(interaction_id, max_events)

    async def close_lost(self) -> list[LostCall]:
        """End every interaction that was open when the journal was opened, as reason 'node_lost'; returns them.

        One process at a time writes this history, so whoever had them open is gone. Call it once, at start.
        """
        lost, self._lost = self._lost, []
        ended = {"reason": "node_lost", "outcome": "failed"}
        closing = [self.append(call.interaction_id, [Entry("call.ended", ended, call.last_at_ms)]) for call in lost]
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
        self._lock.release()

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


def _prepare(path: Path, node: str) -> tuple[SoleWriter, list[LostCall]]:
    with unavailable_if_broken(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = SoleWriter(path, node=node)
    try:
        with unavailable_if_broken(path):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # callers' words: for this user only
            engine = open_writer(path)
            try:
                migrate(engine, path)
                with engine.connect() as connection:
                    return lock, _still_open(connection)
            finally:
                engine.dispose()
    except BaseException:
        lock.release()
        raise


def _still_open(connection: Connection) -> list[LostCall]:
    row, event = schema.interaction.c, schema.interaction_event.c
    last = select(func.max(event.at_ms)).where(event.interaction_id == row.id).scalar_subquery()
    found = connection.execute(
        select(row.id, row.node, row.line, row.caller, row.started_at, last)
        .where(row.status == "open")
        .order_by(row.id)
    )
    return [LostCall(*values) for values in found]
