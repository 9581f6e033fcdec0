"""Who sums up what, and when it is tried again: each for `Journal.change`, in one transaction.

A try is counted and put off before it begins, so that of several servers one asks, and a killed one's is taken up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from history import schema
from history.analyses.tables import analysis
from history.analyses.understanding import Analysis
from history.deriving.upserting import put, put_missing
from history.privacy.tables import emptied
from history.summaries.tables import to_summarize

BY_MODEL = "openai:"
"""How the method of a summary by a model begins; the model's name follows."""
WAITS_S = (30.0, 300.0, 1800.0, 7200.0)
"""Between the tries of one; after the last it keeps its extractive summary until a server starts again."""
MOST_TRIES = len(WAITS_S) + 1


@dataclass(frozen=True)
class Wanted:
    """Which interactions a model sums up. channels, lines: empty for all. within: of their end; what is older keeps
    the extractive summary, so that a new version of something does not send a whole history out."""

    channels: frozenset[str] = frozenset({"voice"})
    lines: frozenset[str] = frozenset()
    within: timedelta = timedelta(days=2)

    def wants(self, channel: str, line: str, ended_at: datetime, now: datetime) -> bool:
        return (
            (not self.channels or channel in self.channels)
            and (not self.lines or line in self.lines)
            and now - ended_at <= self.within
        )


def want(connection: Connection, interaction_ids: Iterable[str], now: datetime) -> None:
    """These are to be summed up; what waits already goes on waiting."""
    rows = [{"interaction_id": one, "tries": 0, "due_at": now, "error": ""} for one in interaction_ids]
    put_missing(connection, to_summarize, rows)


@dataclass(frozen=True)
class Claim:
    """tries: this one included."""

    interaction_id: str
    tries: int


@dataclass(frozen=True)
class TakeSome:
    """The newest that are due. lease: how long nobody else takes them."""

    limit: int
    lease: timedelta

    def __call__(self, connection: Connection, now: datetime) -> list[Claim]:
        row = to_summarize.c
        query = (
            select(row.interaction_id, row.tries)
            .where(row.tries < MOST_TRIES, row.due_at <= now)
            .order_by(row.interaction_id.desc())
            .limit(self.limit)
            .with_for_update(skip_locked=True)
        )
        taken = [Claim(one.interaction_id, one.tries + 1) for one in connection.execute(query)]
        for one in taken:
            mine = update(to_summarize).where(row.interaction_id == one.interaction_id)
            connection.execute(mine.values(tries=one.tries, due_at=now + self.lease))
        return taken


@dataclass(frozen=True)
class Settle:
    """It is summed up; made: None when there is nothing to sum up. Nothing is kept of what was emptied meanwhile, and
    what came from elsewhere with a summary keeps it."""

    interaction_id: str
    made: Analysis | None

    def __call__(self, connection: Connection, now: datetime) -> None:
        row, mine = schema.interaction.c, self.interaction_id
        connection.execute(delete(to_summarize).where(to_summarize.c.interaction_id == mine))
        there = connection.execute(select(row.id).where(row.id == mine).with_for_update(read=True)).one_or_none()
        gone = connection.execute(select(emptied.c.what).where(emptied.c.interaction_id == mine)).one_or_none()
        is_mine = analysis.c.interaction_id == mine
        came = connection.execute(select(analysis.c.type).where(is_mine, analysis.c.taken_in).limit(1)).one_or_none()
        if self.made is not None and there is not None and gone is None and came is None:
            put(connection, analysis, [{"interaction_id": mine, **vars(self.made)}])


@dataclass(frozen=True)
class PutOff:
    """It did not work. error: a few words of ours, nothing that was said or answered."""

    interaction_id: str
    wait: timedelta
    error: str

    def __call__(self, connection: Connection, now: datetime) -> None:
        mine = update(to_summarize).where(to_summarize.c.interaction_id == self.interaction_id)
        connection.execute(mine.values(due_at=now + self.wait, error=self.error[:255]))


@dataclass(frozen=True)
class BeginAnew:
    """What was given up is tried again, unless it is too old by now: for the start of a server."""

    within: timedelta

    def __call__(self, connection: Connection, now: datetime) -> None:
        row, of = to_summarize.c, schema.interaction.c
        recent = select(of.id).where(of.id == row.interaction_id, of.ended_at >= now - self.within).exists()
        connection.execute(delete(to_summarize).where(~recent))
        given_up = update(to_summarize).where(row.tries >= MOST_TRIES, row.due_at <= now)
        connection.execute(given_up.values(tries=0))
