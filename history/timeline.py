"""The reading side: what happened, from connections of its own that never delay the writer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, Select, Table, select

from history import schema
from history.after_call import SurveyResponse, WrapUp
from history.beside_the_log import beside_the_log
from history.database import Database
from history.events import StoredEvent
from history.privacy.held import not_held
from history.projections import Callback, Interaction, Media, Segment
from history.sqlite_file import SqliteFile, database_at

MAX_LISTED = 500

T = TypeVar("T")


class UnknownInteraction(LookupError):
    """There is no interaction with this id."""


@dataclass(frozen=True)
class InteractionDetail:
    """An interaction with its transcript in the order of the log, the callbacks it asked for, its recordings, the work
    behind it and what its caller answered to surveys."""

    interaction: Interaction
    transcript: tuple[Segment, ...]
    callbacks: tuple[Callback, ...]
    media: tuple[Media, ...] = ()
    wrapups: tuple[WrapUp, ...] = ()
    surveys: tuple[SurveyResponse, ...] = ()


@dataclass(frozen=True)
class DialogStep:
    """One event given to the dialog engine and the actions it answered with, as `dialogs.events.to_json` wrote them."""

    event: Mapping[str, Any]
    actions: list[Mapping[str, Any]] = field(default_factory=list)


class Timeline:
    """Read-only views of the history at `where`; open it beside a running Journal, or alone. `close` when done.

    All methods raise HistoryUnavailable when it cannot be read.
    """

    def __init__(self, where: Path | Database) -> None:
        """Raises HistoryUnavailable when there is no history at `where`, or one of another version."""
        self.database = database_at(where)
        self._engine = self.database.open_reader()
        self._threads = ThreadPoolExecutor(self.database.readers, thread_name_prefix="history-reader")

    @property
    def path(self) -> Path:
        """The file of a history that is one."""
        assert isinstance(self.database, SqliteFile), f"{self.database} is no file"
        return self.database.path

    async def list_interactions(
        self,
        limit: int = 50,
        before: str | None = None,
        *,
        line: str | None = None,
        outcome: str | None = None,
        since: datetime | None = None,
        channel: str | None = "voice",
    ) -> list[Interaction]:
        """The newest first. before: the last id of the previous page. since: aware; those started then or later.
        channel: None for all."""
        if not 1 <= limit <= MAX_LISTED:
            raise ValueError(f"limit is {limit}; between 1 and {MAX_LISTED}")
        if since is not None and since.tzinfo is None:
            raise ValueError("since has no time zone")
        row = schema.interaction.c
        query = select(schema.interaction).order_by(row.id.desc()).limit(limit)
        if before is not None:
            query = query.where(row.id < before)
        if line is not None:
            query = query.where(row.line == line)
        if outcome is not None:
            query = query.where(row.outcome == outcome)
        if channel is not None:
            query = query.where(row.channel == channel)
        if since is not None:
            query = query.where(row.started_at >= since)
        return await self.read(lambda c: [Interaction(**plain(found)) for found in c.execute(query).mappings()])

    async def of_caller(self, number: str, limit: int) -> tuple[list[Interaction], list[Callback]]:
        """The ended interactions of who calls from this number, newest first, and the call-backs promised to it that
        are open, the longest waiting first."""
        row, promised = schema.interaction.c, schema.callback.c
        before = select(schema.interaction).where(row.caller == number, row.status == "ended")
        waiting = select(schema.callback).where(promised.number == number, promised.done_at.is_(None))

        def read(connection: Connection) -> tuple[list[Interaction], list[Callback]]:
            found = connection.execute(before.order_by(row.id.desc()).limit(limit)).mappings()
            open_ones = connection.execute(waiting.order_by(promised.requested_at).limit(limit)).mappings()
            return [Interaction(**plain(one)) for one in found], [Callback(**plain(one)) for one in open_ones]

        return await self.read(read)

    async def get(self, interaction_id: str) -> InteractionDetail:
        """Raises UnknownInteraction."""
        return await self.read(lambda c: _detail(c, interaction_id))

    async def events(self, interaction_id: str, after_seq: int = 0) -> list[StoredEvent]:
        """In order of seq; empty for an unknown interaction."""
        return await self.read(lambda c: _events(c, interaction_id, after_seq))

    async def export(self, interaction_id: str) -> dict[str, Any]:
        """Everything stored about an interaction, JSON-ready, times in ISO 8601. Raises UnknownInteraction."""

        def read(connection: Connection) -> dict[str, Any]:
            detail = _detail(connection, interaction_id)
            events = _events(connection, interaction_id, 0)
            beside = beside_the_log(connection, interaction_id, events, detail.interaction.contact_id)
            return {
                "format": "centralino.interaction/1",
                "interaction": _json_ready(detail.interaction),
                "transcript": [_json_ready(segment) for segment in detail.transcript],
                "callbacks": [_json_ready(callback) for callback in detail.callbacks],
                "media": [_json_ready(media) for media in detail.media],
                "wrapups": [_json_ready(done) for done in detail.wrapups],
                "surveys": [_json_ready(answer) for answer in detail.surveys],
                **{what: [_iso(row) for row in rows] for what, rows in beside.items()},
                "events": [_json_ready(event) for event in events],
            }

        return await self.read(read)

    async def callbacks(self, open_only: bool = True, limit: int = 100, queues: Collection[str] = ()) -> list[Callback]:
        """Callers to be called back, the longest waiting first. queues: only theirs; none: of all."""
        row = schema.callback.c
        query = _callbacks_of(queues).order_by(row.requested_at, row.interaction_id, row.seq).limit(limit)
        if open_only:
            query = query.where(row.done_at.is_(None))
        return await self.read(lambda c: [Callback(**plain(found)) for found in c.execute(query).mappings()])

    async def callbacks_done(self, limit: int = 100, queues: Collection[str] = ()) -> list[Callback]:
        """Callers who were called back, the latest first. queues: only theirs; none: of all."""
        row = schema.callback.c
        query = _callbacks_of(queues).where(row.done_at.is_not(None))
        query = query.order_by(row.done_at.desc(), row.interaction_id, row.seq).limit(limit)
        return await self.read(lambda c: [Callback(**plain(found)) for found in c.execute(query).mappings()])

    async def media_due(self, at: datetime, limit: int = 100) -> list[Media]:
        """Recordings whose time is over at that moment (aware) and which are still there, the oldest first. Those that
        a legal hold keeps are not due."""
        row = schema.media.c
        query = select(schema.media).where(row.deleted_at.is_(None), row.delete_after <= at)
        query = query.where(not_held(row.interaction_id))
        query = query.order_by(row.delete_after, row.interaction_id, row.seq).limit(limit)
        return await self.read(lambda c: [Media(**plain(found)) for found in c.execute(query).mappings()])

    async def recordings_unfinished(self, before: datetime, since: datetime | None = None) -> list[str]:
        """Interactions with a `recording.unfinished` from before that moment (aware); since: of those that began then
        or later, else all are looked through."""
        row, call = schema.interaction_event.c, schema.interaction.c
        query = select(row.interaction_id).distinct().order_by(row.interaction_id)
        query = query.where(row.type == "recording.unfinished", row.occurred_at < before)
        if since is not None:
            query = query.where(row.interaction_id.in_(select(call.id).where(call.started_at >= since)))
        return await self.read(lambda c: list(c.execute(query).scalars()))

    async def dialog_steps(self, interaction_id: str) -> list[DialogStep]:
        """What the dialog engine was told and what it did, for a replay. Raises UnknownInteraction, and ValueError
        naming the seq of an action that no event stands before."""
        steps: list[DialogStep] = []
        events = await self.events(interaction_id)
        if not events:
            raise UnknownInteraction(interaction_id)
        for event in events:
            if event.type == "dialog.event":
                steps.append(DialogStep(event.payload))
            elif event.type == "dialog.action":
                if not steps:
                    raise ValueError(
                        f"interaction {interaction_id}, seq {event.seq}: an action before any dialog event"
                    )
                steps[-1].actions.append(event.payload)
        return steps

    async def close(self) -> None:
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()

    async def read(self, query: Callable[[Connection], T]) -> T:
        """What `query` finds, in a reader's thread. Raises HistoryUnavailable, and what the query raises."""

        def run() -> T:
            with self.database.unavailable_if_broken(), self._engine.connect() as connection:
                return query(connection)

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)


def plain(row: RowMapping) -> dict[str, Any]:
    """A row as the dataclass of its table takes it."""
    return {name: value for name, value in row.items() if name != "tenant_id"}


def _callbacks_of(queues: Collection[str]) -> Select[Any]:
    query = select(schema.callback)
    return query.where(schema.callback.c.queue.in_(queues)) if queues else query


def _of(connection: Connection, table: Table, interaction_id: str) -> list[dict[str, Any]]:
    query = select(table).where(table.c.interaction_id == interaction_id).order_by(table.c.seq)
    return [plain(row) for row in connection.execute(query).mappings()]


def _detail(connection: Connection, interaction_id: str) -> InteractionDetail:
    table = schema.interaction
    found = connection.execute(select(table).where(table.c.id == interaction_id)).mappings().one_or_none()
    if found is None:
        raise UnknownInteraction(interaction_id)
    return InteractionDetail(
        Interaction(**plain(found)),
        tuple(Segment(**row) for row in _of(connection, schema.segment, interaction_id)),
        tuple(Callback(**row) for row in _of(connection, schema.callback, interaction_id)),
        tuple(Media(**row) for row in _of(connection, schema.media, interaction_id)),
        tuple(WrapUp(**row) for row in _of(connection, schema.wrapup, interaction_id)),
        tuple(SurveyResponse(**row) for row in _of(connection, schema.survey_response, interaction_id)),
    )


def _events(connection: Connection, interaction_id: str, after_seq: int) -> list[StoredEvent]:
    table = schema.interaction_event
    query = select(table).where(table.c.interaction_id == interaction_id, table.c.seq > after_seq).order_by(table.c.seq)
    return [StoredEvent(**plain(row)) for row in connection.execute(query).mappings()]


def _json_ready(row: Any) -> dict[str, Any]:
    return _iso(asdict(row))


def _iso(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
