"""A contact's whole story: what happened with them on every channel, whichever of their addresses they used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, and_, or_, select

from history import schema
from history.contact_rows import joined_with
from history.contacts import ContactDetail, contact
from history.open_matters import OpenMatter, open_matters
from history.projections import Callback, Interaction
from history.thread_decisions import threads_of
from history.threads import WITHIN
from history.timeline import MAX_LISTED, Timeline, plain

LOOKED_BACK = 200
"""A contact's latest interactions in which something open is looked for."""
MOST_MAYBE = 3


@dataclass(frozen=True)
class Thread:
    """What belongs together across channels, called after its earliest interaction. subject: the latest that one has.
    interactions: how many; channels: in the order in which they were first used."""

    id: str
    subject: str
    channels: tuple[str, ...]
    interactions: int
    began_at: datetime
    latest_at: datetime


@dataclass(frozen=True)
class MayBe:
    """Somebody who told an address of this contact's as theirs: only a person can say whether they are one."""

    contact_id: str
    name: str


@dataclass(frozen=True)
class Story:
    """Who it is, the latest interactions, newest first, what is open, the longest waiting first, and the threads of
    those that were looked at, the one that went on last first. thread_of: interaction → thread. running: calls of
    theirs that are not over. may_be: who else they may be, whoever was in touch last first."""

    contact: ContactDetail
    latest: tuple[Interaction, ...]
    open: tuple[OpenMatter, ...]
    threads: tuple[Thread, ...] = ()
    thread_of: Mapping[str, str] = field(default_factory=dict)
    running: tuple[Interaction, ...] = ()
    may_be: tuple[MayBe, ...] = ()


class Stories:
    """The stories in the history that `timeline` reads. All methods raise HistoryUnavailable and UnknownContact."""

    def __init__(self, timeline: Timeline, within: timedelta = WITHIN) -> None:
        """within: how far apart two interactions about the same may be and still be one thread."""
        self._timeline, self._within = timeline, within

    async def interactions(
        self,
        contact_id: str,
        limit: int = 50,
        before: str | None = None,
        *,
        channel: str | None = None,
        thread: str | None = None,
        thread_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Interaction]:
        """Those of whoever this contact is now, newest first. before: the last id of the previous page. thread: of one
        source; thread_id: across channels. since, until: aware; begun then or later, and before then."""
        if not 1 <= limit <= MAX_LISTED:
            raise ValueError(f"limit is {limit}; between 1 and {MAX_LISTED}")
        row = schema.interaction.c
        wanted = [row.id < before] if before is not None else []
        wanted += [row.channel == channel] if channel is not None else []
        wanted += [row.thread == thread] if thread is not None else []
        for moment in (since, until):
            if moment is not None and moment.tzinfo is None:
                raise ValueError("since and until need a time zone")
        wanted += [row.started_at >= since] if since is not None else []
        wanted += [row.started_at < until] if until is not None else []

        def read(connection: Connection) -> list[Interaction]:
            who = contact(connection, contact_id)
            query = select(schema.interaction).where(row.contact_id.in_(who.ids), *wanted).order_by(row.id.desc())
            if thread_id is not None:
                belong = threads_of(connection, who.ids, self._within)
                query = query.where(row.id.in_([one for one, of in belong.items() if of == thread_id]))
            return [Interaction(**plain(found)) for found in connection.execute(query.limit(limit)).mappings()]

        return await self._timeline.read(read)

    async def thread_of(self, contact_id: str) -> Mapping[str, str]:
        """interaction → thread, of all that is known of whoever this contact is now."""
        return await self._timeline.read(lambda c: threads_of(c, contact(c, contact_id).ids, self._within))

    async def story(self, contact_id: str, *, now: datetime | None = None, latest: int = 10) -> Story:
        """All that who takes their call wants to see, in one reading; calls that run are apart."""
        at = now or datetime.now(UTC)

        def read(connection: Connection) -> Story:
            who = contact(connection, contact_id)
            row = schema.interaction.c
            query = select(schema.interaction).where(row.contact_id.in_(who.ids)).order_by(row.id.desc())
            found = connection.execute(query.limit(LOOKED_BACK)).mappings()
            theirs = [Interaction(**plain(one)) for one in found]
            rows = [one for one in theirs if one.status == "ended"]
            running = [one for one in theirs if one.status == "open"][:latest]
            belong = threads_of(connection, who.ids, self._within)
            waiting = open_matters(rows, _promised(connection, who, theirs), at, belong)
            return Story(
                who,
                tuple(rows[:latest]),
                tuple(waiting),
                tuple(_threads(rows, belong)[:latest]),
                belong,
                tuple(running),
                tuple(_may_be(connection, who)),
            )

        return await self._timeline.read(read)


def _threads(rows: list[Interaction], thread_of: Mapping[str, str]) -> list[Thread]:
    """rows: the newest first."""
    found: dict[str, list[Interaction]] = {}
    for row in rows:
        found.setdefault(thread_of.get(row.id, row.id), []).append(row)
    return [
        Thread(
            thread_id,
            next((row.subject for row in theirs if row.subject), ""),
            tuple(dict.fromkeys(row.channel for row in reversed(theirs))),
            len(theirs),
            theirs[-1].started_at,
            theirs[0].started_at,
        )
        for thread_id, theirs in found.items()
    ]


def _may_be(connection: Connection, who: ContactDetail) -> list[MayBe]:
    """Those whose merge with them was undone are somebody else."""
    point, people = schema.contact_point.c, schema.contact.c
    known = [and_(point.kind == one.kind, point.value == one.value) for one in who.points if one.confidence == "known"]
    if not known:
        return []
    said = select(people.id).join(schema.contact_point, point.contact_id == people.id)
    said = said.where(or_(*known), point.confidence == "maybe", people.id.not_in(who.ids))
    ids = list(connection.scalars(said.order_by(people.last_seen.desc(), people.id).limit(MOST_MAYBE)))
    joined = joined_with(connection, ids) if ids else {}
    apart = {end for merge in who.merges if merge.undone_at for end in (merge.one, merge.other)}
    others = [contact(connection, one) for one in dict.fromkeys(joined[one] for one in ids)]
    return [MayBe(other.id, other.name) for other in others if not apart & set(other.ids)]


def _promised(connection: Connection, who: ContactDetail, theirs: Sequence[Interaction]) -> list[Callback]:
    """Open call-backs to one of their numbers, or from one of `theirs`; each looked up by an index of its own, for a
    shop that promises many has tens of thousands of open ones."""
    row = schema.callback.c
    numbers = [point.value for point in who.points if point.kind == "tel" and point.confidence == "known"]
    found: dict[tuple[str, int], Callback] = {}
    for whose in (row.number.in_(numbers), row.interaction_id.in_([one.id for one in theirs])):
        query = select(schema.callback).where(whose, row.done_at.is_(None)).order_by(row.requested_at)
        for one in connection.execute(query.limit(LOOKED_BACK)).mappings():
            found[one["interaction_id"], one["seq"]] = Callback(**plain(one))
    return sorted(found.values(), key=lambda one: one.requested_at)
