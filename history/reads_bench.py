"""How long people wait for what they look up: a contact's timeline, a search, a page of KPIs."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, func, select

from history import schema
from history.contact_story import Stories
from history.database import Database
from history.deriving.report import KpiReport
from history.search.searching import Search
from history.timeline import Timeline

LOOKED_FOR = (
    "spedizione", "ordine sbagliata", "Gattopardo", '"città invisibili"', "rovinato restituire", "operat*", "fattura",
    "pacchetti regalo", "coscienza Zeno", "sabato aprite",
)  # fmt: skip
GROUPED = ("day", "queue", "flow", "")


@dataclass(frozen=True)
class Spread:
    """Milliseconds."""

    p50_ms: float
    p95_ms: float
    max_ms: float


@dataclass(frozen=True)
class Reads:
    """timeline: who a contact is, their latest interactions and what is open, then a page of 50. search: its first 20
    hits. kpis: a year, by one grouping."""

    engine: str
    interactions: int
    timeline: Spread
    search: Spread
    kpis: Spread


async def run(database: Database, times: int, seed: int = 1) -> Reads:
    """On a history that is there, with what is derived of it; each look `times` times, one after the other. Raises
    HistoryUnavailable."""
    chance = random.Random(seed)  # noqa: S311 - a choice of contacts
    timeline = Timeline(database)
    stories, search, kpis = Stories(timeline), Search(timeline), KpiReport(timeline)

    def about(connection: Connection) -> tuple[int, list[str]]:
        row = schema.interaction.c
        ids = connection.scalars(
            select(row.contact_id).where(row.contact_id != "").order_by(row.id.desc()).limit(20_000)
        )
        return connection.execute(select(func.count()).select_from(schema.interaction)).scalar_one(), list(ids)

    try:
        count, contacts = await timeline.read(about)
        newest = (await timeline.list_interactions(1, channel=None))[0].started_at.date()

        async def of_contact() -> None:
            contact = chance.choice(contacts)
            await stories.story(contact)
            await stories.interactions(contact, 50)

        async def words() -> None:
            await search.find(chance.choice(LOOKED_FOR))

        async def page() -> None:
            await kpis.rows(newest - timedelta(days=364), newest, chance.choice(GROUPED))

        looks = [await spread(look, times) for look in (of_contact, words, page)]
    finally:
        await timeline.close()
    return Reads("PostgreSQL" if database.shared else "SQLite", count, *looks)


async def spread(look: Callable[[], Awaitable[None]], times: int) -> Spread:
    """Of `times` looks (2 or more), one after the other."""
    waits_ms: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        await look()
        waits_ms.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(waits_ms, n=20, method="inclusive")
    return Spread(round(cuts[9], 2), round(cuts[18], 2), round(max(waits_ms), 2))
