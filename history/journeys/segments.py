"""Contacts whom a rule picks: 'called twice or more about a return within 7 days'. Decided by the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal_column, or_, select

from history import schema
from history.deriving.tables import interaction_fact
from history.timeline import Timeline

MOST = 100_000
"""Contacts of one segment as a list: half of what a campaign takes."""
Names = Annotated[list[Annotated[str, Field(max_length=255)]], Field(max_length=20)]


class Rule(BaseModel):
    """Who was in touch at least `at_least` times in the last `within_days` days; of these only interactions count that
    have one of the channels, topics, outcomes, lines, moods and urgencies that are named. title: for people."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(default="", max_length=120)
    within_days: float = Field(gt=0, le=3660)
    at_least: int = Field(default=1, ge=1, le=1000)
    channel: Names = []
    topic: Names = []
    outcome: Names = []
    line: Names = []
    mood: Names = []
    urgency: Names = []
    direction: str = Field(default="inbound", pattern="^(inbound|outbound|)$")


@dataclass(frozen=True)
class Picked:
    """A contact, by the id that stands for them; number: '' where none is known."""

    contact_id: str
    name: str
    number: str
    times: int
    last: datetime


@dataclass(frozen=True)
class After:
    """The last one of a page: where the next begins."""

    times: int
    contact_id: str


class TooMany(ValueError):
    """A rule picks more than a list holds."""


async def picked(timeline: Timeline, rule: Rule, now: datetime, limit: int, after: After | None = None) -> list[Picked]:
    """A page; those who were in touch most often first. Raises HistoryUnavailable."""
    return await timeline.read(lambda connection: _picked(connection, rule, now, limit, after))


async def everybody(timeline: Timeline, rule: Rule, now: datetime, most: int = MOST) -> list[Picked]:
    """All of them, in the order of the pages. Raises TooMany and HistoryUnavailable."""
    found = await picked(timeline, rule, now, most + 1)
    if len(found) > most:
        raise TooMany(f"over {most} contacts: choose fewer days, more times, or a topic")
    return found


async def how_many(timeline: Timeline, rule: Rule, now: datetime) -> int:
    """Raises HistoryUnavailable."""

    def count(connection: Connection) -> int:
        return connection.execute(select(func.count()).select_from(_who(rule, now).subquery())).scalar_one()

    return await timeline.read(count)


def survivor() -> ColumnElement[str]:
    """The id that stands for a contact."""
    contact = schema.contact.c
    # Literal, not a parameter: PostgreSQL takes two parameters for two expressions, and groups by neither.
    return func.coalesce(func.nullif(contact.merged_into, literal_column("''")), contact.id)


def _who(rule: Rule, now: datetime) -> Select[str, int, datetime]:
    row, contact, who = interaction_fact.c, schema.contact.c, survivor()
    query = (
        select(who.label("who"), func.count().label("times"), func.max(row.started_at).label("last"))
        .select_from(interaction_fact)
        .join(schema.contact, contact.id == row.contact_id)
        .where(row.started_at > now - timedelta(days=rule.within_days), row.started_at <= now)
        .group_by(who)
        .having(func.count() >= rule.at_least)
    )
    if rule.direction:
        query = query.where(row.direction == rule.direction)
    for name in ("channel", "topic", "outcome", "line", "mood", "urgency"):
        if wanted := getattr(rule, name):
            query = query.where(row[name].in_(wanted))
    return query


def _picked(connection: Connection, rule: Rule, now: datetime, limit: int, after: After | None) -> list[Picked]:
    contact, point, who = schema.contact.c, schema.contact_point, survivor()
    query = _who(rule, now).order_by(func.count().desc(), who).limit(limit)
    if after is not None:
        next_ones = and_(func.count() == after.times, who > after.contact_id)
        query = query.having(or_(func.count() < after.times, next_ones))
    found = connection.execute(query).all()
    names: dict[str, str] = {}
    numbers: dict[str, str] = {}
    for at in range(0, len(found), 500):
        ids = [one.who for one in found[at : at + 500]]
        names |= {
            one.id: one.name for one in connection.execute(select(contact.id, contact.name).where(contact.id.in_(ids)))
        }
        known = (
            select(who.label("who"), point.c.value)
            .join(schema.contact, contact.id == point.c.contact_id)
            .where(who.in_(ids), point.c.kind == "tel", point.c.confidence == "known")
            .order_by(point.c.last_seen)
        )
        numbers |= {one.who: one.value for one in connection.execute(known)}
    return [Picked(one.who, names.get(one.who, ""), numbers.get(one.who, ""), one.times, one.last) for one in found]
