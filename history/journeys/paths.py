"""What contacts did before and after their calls: counts between touchpoints, as a Sankey diagram takes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
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


@dataclass(frozen=True, order=True)
class Touchpoint:
    """Where a path comes by. topic: '' where none is known. outcome: of calls."""

    channel: str
    topic: str = ""
    outcome: str = ""

    def __str__(self) -> str:
        """'voice returns handed_off', 'email returns'; 'nothing' for `NOTHING`."""
        return " ".join(filter(None, (self.channel, self.topic, self.outcome))) or "nothing"


NOTHING = Touchpoint("")
"""What is before a path's first touchpoint and behind its last one."""


@dataclass(frozen=True)
class Touch:
    """One interaction, as a point of a path."""

    contact_id: str
    at: datetime
    channel: str
    topic: str
    outcome: str

    @property
    def point(self) -> Touchpoint:
        return Touchpoint(self.channel, self.topic, self.outcome if self.channel == "voice" else "")


@dataclass(frozen=True)
class Link:
    """How many contacts went from one touchpoint to the next. step: 0 for what follows the call, -1 for what comes
    right before it; outwards from there."""

    step: int
    source: Touchpoint
    target: Touchpoint
    contacts: int


def links(touches: Iterable[Touch], window: timedelta, steps: int = 2, *, ends: bool = False) -> list[Link]:
    """touches: in order of contact and time. window: how long before and after a call something belongs to its path.
    ends: also where paths begin and end, as links from and to `NOTHING`. The most frequent first. Pure."""
    counts: Counter[tuple[int, Touchpoint, Touchpoint]] = Counter()
    for _, theirs in groupby(touches, key=lambda touch: touch.contact_id):
        path = list(theirs)
        seen: set[tuple[int, Touchpoint, Touchpoint]] = set()
        for at, call in enumerate(path):
            if call.channel == "voice":
                seen.update(_around(path, at, window, steps, ends))
        counts.update(seen)
    found = [Link(step, source, target, n) for (step, source, target), n in counts.items()]
    return sorted(found, key=lambda link: (-link.contacts, link.step, link.source, link.target))


def _around(
    path: Sequence[Touch], at: int, window: timedelta, steps: int, ends: bool
) -> Iterator[tuple[int, Touchpoint, Touchpoint]]:
    """The links around the call that is at this place of a contact's path."""

    def point(step: int) -> Touchpoint:
        place = at + step
        near = 0 <= place < len(path) and abs(path[place].at - path[at].at) <= window
        return path[place].point if near else NOTHING

    for step in range(-steps, steps):
        one, other = point(step), point(step + 1)
        if NOTHING not in (one, other) or (ends and one != other):
            yield step, one, other


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
        ends: bool = False,
    ) -> list[Link]:
        """Between these moments (aware). topic, channel, line: of contacts who were in touch about it, on it; whatever
        else they did is part of their path. Contacts that were merged are one. ends: as for `links`. Raises ValueError:
        too much to look through, or a time that is none."""
        if first.tzinfo is None or until.tzinfo is None or until <= first:
            raise ValueError("first and until need a time zone, and until comes later")
        if not 1 <= steps <= MOST_STEPS:
            raise ValueError(f"steps is {steps}; between 1 and {MOST_STEPS}")
        row, contact = interaction_fact.c, schema.contact.c
        who = func.coalesce(survivor(), row.contact_id)
        wanted = {row.topic: topic, row.channel: channel, row.line: line}
        narrowed = [column == value for column, value in wanted.items() if value]

        def read(connection: Connection) -> list[Link]:
            within = (row.started_at >= first, row.started_at < until, row.contact_id != "")
            joined = interaction_fact.outerjoin(schema.contact, contact.id == row.contact_id)
            query = select(who, row.started_at, row.channel, row.topic, row.outcome).select_from(joined).where(*within)
            if narrowed:
                query = query.where(who.in_(select(who).select_from(joined).where(*within, *narrowed)))
            found = connection.execute(query.order_by(who, row.started_at).limit(MOST_ROWS + 1)).all()
            if len(found) > MOST_ROWS:
                raise ValueError(f"over {MOST_ROWS} interactions in that time: choose a shorter one, or a topic")
            return links((Touch(*one) for one in found), window, steps, ends=ends)

        return await self._timeline.read(read)
