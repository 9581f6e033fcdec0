"""What is known of an interaction that is over, and the pure function that says it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from history.analyses.next_action import Rule
from history.analyses.understanding import ANALYSES_VERSION, Analysis, understand
from history.deriving.texts import shown_texts
from history.events import StoredEvent
from history.kpis import Ahead, contribution
from history.kpis.ahead import AGAIN_WITHIN, SOLVED_AFTER
from history.kpis.log import read
from history.projections import Interaction, Segment
from history.search.documents import Document, document
from history.search.words import STEMS_VERSION

FACTS_VERSION = 4
"""Raise it when what is derived changes: everything is then derived anew, by and by, when the server starts."""


@dataclass(frozen=True)
class Fact:
    """topic, urgency, mood: '' where nothing is known. handed: a human talked to them. contribution: to the totals,
    empty for what is no call. settled: it is not worked out again, as what came later was removed."""

    interaction_id: str
    seq: int
    version: str
    channel: str
    direction: str
    line: str
    language: str
    contact_id: str
    topic: str
    urgency: str
    mood: str
    outcome: str
    handed: bool
    started_at: datetime
    ended_at: datetime
    contribution: Mapping[str, Any] = field(default_factory=dict)
    settled: bool = False

    @property
    def matter(self) -> tuple[Any, ...]:
        """What the interactions before it depend on."""
        return self.contact_id, self.topic, self.channel, self.direction, self.started_at


@dataclass(frozen=True)
class Later:
    """An interaction of the same contact that began later."""

    channel: str
    direction: str
    topic: str
    started_at: datetime


def version_of(zone: tzinfo, rules: tuple[Rule, ...]) -> str:
    """What everything depends on besides the log."""
    own = hashlib.sha256(repr(rules).encode()).hexdigest()[:8]
    return f"{FACTS_VERSION}.{STEMS_VERSION}.{ANALYSES_VERSION} {own} {zone}"[:64]


def look_ahead(row: Interaction, topic: str, later: Sequence[Later]) -> Ahead:
    """later: of the same contact, in any order; what began before this one's end does not count."""
    ended_at = row.ended_at or row.started_at
    inbound = [one for one in later if one.direction == "inbound" and one.started_at > row.started_at]

    def soon(one: Later, within: timedelta) -> bool:
        return one.started_at - ended_at <= within

    return Ahead(
        known=bool(row.contact_id),
        topic=topic,
        called_again=any(one.channel == "voice" and soon(one, AGAIN_WITHIN) for one in inbound),
        repeated=any(bool(topic) and one.topic == topic and soon(one, SOLVED_AFTER) for one in inbound),
    )


@dataclass(frozen=True)
class Made:
    """Everything that is derived of one interaction."""

    fact: Fact
    analyses: tuple[Analysis, ...]
    document: Document | None


def made_of(
    row: Interaction,
    events: Sequence[StoredEvent],
    segments: Sequence[Segment],
    later: Sequence[Later],
    zone: tzinfo,
    rules: tuple[Rule, ...],
) -> Made:
    """Of an interaction that is over. Pure."""
    texts, log = shown_texts(segments), read(events)
    known = understand(row, events, segments, texts, log, False, rules)
    ahead = look_ahead(row, known.topic, later)
    if ahead.repeated:
        known = understand(row, events, segments, texts, log, True, rules)
    told: Mapping[str, Any] = {}
    if row.channel == "voice":
        told = contribution(log, row.started_at, zone, ahead).to_json()
    fact = Fact(
        interaction_id=row.id,
        seq=row.last_seq,
        version=version_of(zone, rules),
        channel=row.channel,
        direction=row.direction,
        line=row.line,
        language=row.language,
        contact_id=row.contact_id,
        topic=known.topic,
        urgency=known.signals.urgency,
        mood=known.signals.mood,
        outcome=row.outcome,
        handed=row.joined_at is not None,
        started_at=row.started_at,
        ended_at=row.ended_at or row.started_at,
        contribution=told,
    )
    return Made(fact, known.analyses, document(row, texts, events))
