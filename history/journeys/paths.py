"""What contacts did before and after their calls: counts between touchpoints, as a Sankey diagram takes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection, func, select

from history import schema
from history.deriving.tables import interaction_fact
from history.journeys.segments import survivor
from history.timeline import Timeline

MOST_ROWS = 200_000
MOST_STEPS = 5
"""On each side of a call."""


@dataclass(frozen=True)
class Touch:
    """One interaction, as a point of a path."""

    contact_id: str
    at: datetime
    channel: str
    topic: str
    outcome: str

    @property
    def name(self) -> str:
        """'voice returns handed_off', 'email returns'."""
        parts = (self.channel, self.topic, self.outcome if self.channel == "voice" else "")
        return " ".join(filter(None, parts))


@dataclass(frozen=True)
class Link:
    """How many contacts went from one touchpoint to the next. step: 0 for what follows the call, -1 for what comes
    right before it; outwards from there."""

    step: int
    source: str
    target: str
    contacts: int


def links(touches: Iterable[Touch], window: timedelta, steps: int = 2) -> list[Link]:
    """touches: in order of contact and time. window: how long before and after a call something belongs to its path.
    The most frequent first. Pure."""
    counts: Counter[tuple[int, str, str]] = Counter()
    for _, theirs in groupby(touches, key=lambda touch: touch.contact_id):
        path = list(theirs)
        seen: set[tuple[int, str, str]] = set()
        for at, call in enumerate(path):
            if call.channel != "voice":
                continue
            for step in range(-min(steps, at), min(steps, len(path) - 1 - at)):
                one, other = path[at + step], path[at + step + 1]
                if abs(one.at - call.at) <= window and abs(other.at - call.at) <= window:
                    seen.add((step, one.name, other.name))
        counts.update(seen)
    found = [Link(step, source, target, n) for (step, source, target), n in counts.items()]
    return sorted(found, key=lambda link: (-link.contacts, link.step, link.source, link.target))


class Journeys:
    """Of the history that `timeline` reads. Raises HistoryUnavailable."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    async def links(
        self,
        first: datetime,
        until: datetime,
        *,
        window: timedelta = timedelta(days=7),
        steps: int = 2,
        topic: str = "",
        channel: str = "",
        line: str = "",
    ) -> list[Link]:
        """Between these moments (aware). topic, channel, line: of contacts who were in touch about it, on it; whatever
        else they did is part of their path. Contacts that were merged are one. Raises ValueError: too much to look
        through, or a time that is none."""
        if first.tzinfo is None or until.tzinfo is None or until <= first:
            raise ValueError("first and until need a time zone, and until comes later")
        if not 1 <= steps <= MOST_STEPS:
            raise ValueError(f"steps is {steps}; between 1 and {MOST_STEPS}")
        row, contact = interaction_fact.c, schema.contact.c
        who = func.coalesce(survivor(), row.contact_id)
        wanted = {row.topic: topic, row.channel: channel, row.line: line}
        narrowed = [column == value for column, value in wanted.items() if value]

        def read(connection: Connection) -> list[Touch]:
            within = (row.started_at >= first, row.started_at < until, row.contact_id != "")
            joined = interaction_fact.outerjoin(schema.contact, contact.id == row.contact_id)
            query = select(who, row.started_at, row.channel, row.topic, row.outcome).select_from(joined).where(*within)
            if narrowed:
                query = query.where(who.in_(select(who).select_from(joined).where(*within, *narrowed)))
            found = connection.execute(query.order_by(who, row.started_at).limit(MOST_ROWS + 1)).all()
            return [Touch(*one) for one in found]

        touches = await self._timeline.read(read)
        if len(touches) > MOST_ROWS:
            raise ValueError(f"over {MOST_ROWS} interactions in that time: choose a shorter one, or a topic")
        return links(touches, window, steps)
