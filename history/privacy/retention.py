"""What is kept how long: sound, words and facts of each channel have clocks of their own; a hold stops them all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, Connection, Select, select

from history import schema
from history.database import HistoryUnavailable
from history.journal import Journal
from history.privacy import audit
from history.privacy.chain import Act
from history.privacy.emptying import empty
from history.privacy.held import held, not_held
from history.privacy.removing import remove
from history.privacy.tables import emptied
from history.projections import Media
from history.timeline import Timeline, plain

log = structlog.get_logger()

EVERY_S = 3600.0
BATCH = 50
"""Interactions of one transaction: calls' events wait for no longer."""


@dataclass(frozen=True)
class Clocks:
    """Days after an interaction's end; None: kept until somebody deletes it. Facts go with everything else."""

    audio_days: int | None = None
    transcript_days: int | None = None
    facts_days: int | None = None


@dataclass(frozen=True)
class Retention:
    """channels: those that differ from `usual`."""

    usual: Clocks = Clocks()
    channels: Mapping[str, Clocks] = field(default_factory=dict)

    def of_channels(self) -> list[tuple[ColumnElement[bool], Clocks]]:
        """Each channel's clocks, as a condition on `interaction`; then those of all others."""
        channel = schema.interaction.c.channel
        rest = channel.not_in(list(self.channels))
        return [*((channel == name, clocks) for name, clocks in self.channels.items()), (rest, self.usual)]


EVER = Retention()
"""Everything is kept until somebody deletes it."""


@dataclass(frozen=True)
class Due:
    """What is over now: recordings, interactions whose words, and such of which everything is."""

    audio: tuple[Media, ...]
    words: tuple[str, ...]
    facts: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.audio or self.words or self.facts)


def due(connection: Connection, retention: Retention, now: datetime, limit: int = BATCH) -> Due:
    """The oldest of each kind, at most `limit`; nothing that is held."""
    row, media = schema.interaction.c, schema.media
    audio: list[Media] = []
    words: list[str] = []
    facts: list[str] = []
    for channel, clocks in retention.of_channels():
        if clocks.facts_days is not None:
            facts += connection.scalars(_over(channel, clocks.facts_days, now).limit(limit - len(facts)))
        if clocks.transcript_days is not None:
            done = select(emptied.c.interaction_id).where(emptied.c.interaction_id == row.id).exists()
            words += connection.scalars(
                _over(channel, clocks.transcript_days, now).where(~done).limit(limit - len(words))
            )
        if clocks.audio_days is not None:
            ids = _over(channel, clocks.audio_days, now).order_by(None)
            there = select(media).where(media.c.deleted_at.is_(None), media.c.interaction_id.in_(ids))
            there = there.order_by(media.c.interaction_id, media.c.seq).limit(limit - len(audio))
            audio += [Media(**plain(one)) for one in connection.execute(there).mappings()]
    going = set(facts)
    if going:  # their sound goes first
        rest = select(media).where(media.c.deleted_at.is_(None), media.c.interaction_id.in_(going))
        audio += [Media(**plain(one)) for one in connection.execute(rest).mappings()]
    return Due(tuple(dict.fromkeys(audio)), tuple(one for one in words if one not in going), tuple(facts))


def _over(channel: ColumnElement[bool], days: int, now: datetime) -> Select[tuple[str]]:
    row = schema.interaction.c
    ended = select(row.id).where(channel, row.status == "ended", row.ended_at <= now - timedelta(days=days))
    return ended.where(not_held(row.id)).order_by(row.id)


class Sweeper:
    """Deletes what is over. delete_file: deletes a recording and tells the history. now: the time, aware."""

    def __init__(
        self,
        timeline: Timeline,
        journal: Journal,
        retention: Retention,
        delete_file: Callable[[Media], Awaitable[None]],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._timeline, self._journal, self._retention = timeline, journal, retention
        self._delete_file, self._now = delete_file, now

    async def look(self, limit: int = 10_000) -> Due:
        """What a sweep would delete now."""
        return await self._timeline.read(lambda connection: due(connection, self._retention, self._now(), limit))

    async def sweep(self) -> Due:
        """Deletes all that is over, batch by batch; returns what it was. Raises HistoryUnavailable, OSError."""
        audio: list[Media] = []
        words: list[str] = []
        facts: list[str] = []
        while found := await self.look(BATCH):
            for media in found.audio:
                await self._delete_file(media)
            audio += found.audio
            words += await self._apply("words", found.words)
            facts += await self._apply("facts", found.facts)
        return Due(tuple(audio), tuple(words), tuple(facts))

    async def run(self) -> None:
        """Until cancelled, every hour. What cannot be deleted is told and tried again."""
        while True:
            try:
                if swept := await self.sweep():
                    counts = {"audio": len(swept.audio), "words": len(swept.words), "facts": len(swept.facts)}
                    log.info("retention.swept", **counts)
            except (HistoryUnavailable, OSError) as error:
                log.error("retention.not_swept", error=str(error))
            await asyncio.sleep(EVERY_S)

    async def _apply(self, kind: str, interaction_ids: Sequence[str]) -> list[str]:
        if not interaction_ids:
            return []

        def apply(connection: Connection, at: datetime) -> list[str]:
            free = [one for one in interaction_ids if held(connection, [one]) is None]
            if kind == "facts":
                remove(connection, free)
            for interaction_id in free if kind == "words" else ():
                empty(connection, interaction_id, "words", "retention", at)
            act = Act("system", "", f"retention.{kind}", "sweep", "", detail={"interactions": free})
            audit.write(connection, at, act)
            return free

        return await self._journal.change(apply)
