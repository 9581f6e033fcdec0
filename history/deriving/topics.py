"""What people were in touch about, how urgent it was, and in what mood they were: counts over a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Integer, cast, func, select

from history.deriving.tables import interaction_fact
from history.timeline import Timeline

DEFINITION = (
    "interactions that people began, on any channel, by what their own words told: the topic (or the flow or article "
    "that was reached), the last urgency, the worst mood; those of which nothing was said or written count as '', "
    "normal, neutral"
)
MOST_TOPICS = 200
"""Topics that are told apart; the rarer ones are told together, under `OTHERS`."""
OTHERS = "*"


@dataclass(frozen=True)
class Told:
    """topic: '' where the words tell none. interactions: how many; handed: of these, a human talked to them."""

    topic: str
    urgency: str
    mood: str
    interactions: int
    handed: int


class Topics:
    """Of the history that `timeline` reads."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    async def told(self, first: datetime, until: datetime, *, line: str = "", channel: str = "") -> list[Told]:
        """Of interactions that began between these moments (aware). line, channel: '' for all. The most frequent topic
        first, then the most frequent of its combinations. Raises HistoryUnavailable."""
        row = interaction_fact.c
        which = [row.started_at >= first, row.started_at < until, row.direction == "inbound"]
        which += [column == value for column, value in ((row.line, line), (row.channel, channel)) if value]
        handed = func.coalesce(func.sum(cast(row.handed, Integer)), 0)
        query = select(row.topic, row.urgency, row.mood, func.count(), handed).where(*which)
        query = query.group_by(row.topic, row.urgency, row.mood)

        def read(connection: Connection) -> list[Told]:
            return [Told(*one) for one in connection.execute(query)]

        return ordered(await self._timeline.read(read))


def ordered(found: Iterable[Told], most: int = MOST_TOPICS) -> list[Told]:
    """The same, the most frequent topics first, those beyond `most` together. Pure."""
    found = list(found)
    ranks = _ranks(found)
    sums: dict[tuple[str, str, str], Told] = {}
    for one in found:
        topic = one.topic if ranks[one.topic] < most else OTHERS
        key = topic, one.urgency, one.mood
        before = sums.get(key, Told(*key, 0, 0))
        more = before.interactions + one.interactions, before.handed + one.handed
        sums[key] = replace(before, interactions=more[0], handed=more[1])
    return sorted(sums.values(), key=lambda one: (ranks.get(one.topic, most), -one.interactions, one.urgency, one.mood))


def _ranks(found: Iterable[Told]) -> dict[str, int]:
    """By topic its place, 0 for the most frequent."""
    by_topic: dict[str, int] = {}
    for one in found:
        by_topic[one.topic] = by_topic.get(one.topic, 0) + one.interactions
    in_order = sorted(by_topic, key=lambda topic: (-by_topic[topic], topic))
    return {topic: rank for rank, topic in enumerate(in_order)}
