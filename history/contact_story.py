"""A contact's whole story: what happened with them on every channel, whichever of their addresses they used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, or_, select

from history import schema
from history.contacts import ContactDetail, contact
from history.open_matters import OpenMatter, open_matters
from history.projections import Callback, Interaction
from history.timeline import MAX_LISTED, Timeline, plain

LOOKED_BACK = 200
"""A contact's latest interactions in which something open is looked for."""


@dataclass(frozen=True)
class Story:
    """Who it is, the latest interactions, newest first, and what is open, the longest waiting first."""

    contact: ContactDetail
    latest: tuple[Interaction, ...]
    open: tuple[OpenMatter, ...]


class Stories:
    """The stories in the history that `timeline` reads. All methods raise HistoryUnavailable and UnknownContact."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    async def interactions(
        self,
        contact_id: str,
        limit: int = 50,
        before: str | None = None,
        *,
        channel: str | None = None,
        thread: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Interaction]:
        """Those of whoever this contact is now, newest first. before: the last id of the previous page. since, until:
        aware; begun then or later, and before then."""
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
            return [Interaction(**plain(found)) for found in connection.execute(query.limit(limit)).mappings()]

        return await self._timeline.read(read)

    async def story(self, contact_id: str, *, now: datetime | None = None, latest: int = 10) -> Story:
        """All that who takes their call wants to see, in one reading; running calls are left out."""
        at = now or datetime.now(UTC)

        def read(connection: Connection) -> Story:
            who = contact(connection, contact_id)
            row = schema.interaction.c
            query = select(schema.interaction).where(row.contact_id.in_(who.ids), row.status == "ended")
            found = connection.execute(query.order_by(row.id.desc()).limit(LOOKED_BACK)).mappings()
            rows = [Interaction(**plain(one)) for one in found]
            return Story(who, tuple(rows[:latest]), tuple(open_matters(rows, _promised(connection, who), at)))

        return await self._timeline.read(read)


def _promised(connection: Connection, who: ContactDetail) -> list[Callback]:
    """Open call-backs to one of their numbers, or from one of their calls."""
    row, call = schema.callback.c, schema.interaction.c
    numbers = [point.value for point in who.points if point.kind == "tel" and point.confidence == "known"]
    query = (
        select(schema.callback)
        .join(schema.interaction, call.id == row.interaction_id)
        .where(row.done_at.is_(None), or_(row.number.in_(numbers), call.contact_id.in_(who.ids)))
        .order_by(row.requested_at)
        .limit(LOOKED_BACK)
    )
    return [Callback(**plain(one)) for one in connection.execute(query).mappings()]
