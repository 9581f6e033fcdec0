"""How long a page of KPIs takes over the totals of a large year: cells as a large company's calls leave them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from history.database import Database, migrate
from history.deriving.report import KpiReport
from history.deriving.tables import kpi_total
from history.events import StoredEvent, checked
from history.generating.year import year
from history.kpis import Cell, contribution
from history.kpis.ahead import Ahead
from history.kpis.kpi import added
from history.kpis.log import read
from history.reads_bench import Spread, spread
from history.timeline import Timeline

OF_A_LINE = {"flow": 6, "article": 40, "queue": 3, "outcome": 6, "hour": 24}
"""How many values each line's calls have of a dimension in a day; flows, articles and queues are the line's own."""
SHARED = ("outcome", "hour")
LINES = 10
LAST_DAY = date(2026, 11, 19)
"""The year ends in mid-month: its first and last month are read day by day."""
GROUPINGS = ("", "day", "month", "line", "flow", "article", "queue", "hour", "weekday", "outcome")
SAMPLED = 400
NODE = "bench"


@dataclass(frozen=True)
class Wanted:
    """interactions: calls that the totals count. times: looks of each grouping, 2 or more. days: of the time."""

    interactions: int
    times: int = 20
    lines: int = LINES
    days: int = 365


@dataclass(frozen=True)
class Figures:
    """cells: rows of totals. pages: by grouping ('all' for none), a year each."""

    engine: str
    interactions: int
    cells: int
    pages: Mapping[str, Spread]


async def run(database: Database, wanted: Wanted, told: Callable[[str], None] = lambda text: None) -> Figures:
    """In a history that is empty. Raises HistoryUnavailable."""
    release = database.claim(NODE)
    try:
        cells = _fill(database, wanted, told)
    finally:
        release()
    timeline = Timeline(database)
    try:
        report, pages = KpiReport(timeline), {}
        for by in GROUPINGS:

            async def page(by: str = by) -> None:
                await report.rows(LAST_DAY - timedelta(days=wanted.days - 1), LAST_DAY, by)

            pages[by or "all"] = await spread(page, wanted.times)
            told(by or "all")
    finally:
        await timeline.close()
    return Figures("PostgreSQL" if database.shared else "SQLite", wanted.interactions, cells, pages)


def _fill(database: Database, wanted: Wanted, told: Callable[[str], None]) -> int:
    with database.unavailable_if_broken():
        engine = database.open_writer(NODE)
        try:
            migrate(engine, database)
            for day, rows in _days(wanted):
                with engine.begin() as connection:
                    database.insert(connection, kpi_total, rows)
                told(day)
            with engine.begin() as connection:
                if database.shared:  # as it would by and by itself
                    connection.exec_driver_sql("ANALYZE")
                return connection.execute(select(func.count()).select_from(kpi_total)).scalar_one()
        finally:
            engine.dispose()


def _days(wanted: Wanted) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The rows of totals day by day, each month's behind its last day."""
    chance = random.Random(1)  # noqa: S311 - made up, not secret
    measured = _measured()
    a_day = wanted.interactions / wanted.days
    month: dict[Cell, list[Mapping[str, int]]] = {}
    for number in range(wanted.days):
        day = LAST_DAY - timedelta(days=wanted.days - 1 - number)
        rows = []
        for cell, share in _cells(day, wanted.lines):
            sums = _sums(chance, measured, max(1, round(a_day * share)))
            rows.append({**vars(cell), "sums": sums})
            of_month = Cell("month", cell.start[:7], cell.line, cell.dimension, cell.value)
            month.setdefault(of_month, []).append(sums)
        if day == LAST_DAY or (day + timedelta(days=1)).day == 1:
            rows += [{**vars(cell), "sums": added(parts)} for cell, parts in month.items()]
            month.clear()
        yield day.isoformat(), rows


def _cells(day: date, lines: int) -> Iterator[tuple[Cell, float]]:
    """Each with its share of the day's calls."""
    start = day.isoformat()
    for line in ("", *(f"line-{n}" for n in range(lines))):
        of_line = 1.0 if not line else 1 / lines
        yield Cell("day", start, line, "", ""), of_line
        yield Cell("day", start, line, "weekday", str(day.isoweekday())), of_line
        for dimension, count in OF_A_LINE.items():
            own = dimension not in SHARED
            owners = ("",) if not own else (line,) if line else tuple(f"line-{n}" for n in range(lines))
            for owner in owners:
                for value in range(count):
                    named = f"{owner}-{dimension}-{value}" if own else f"{value:02}"
                    yield Cell("day", start, line, dimension, named), of_line / count / len(owners)


def _measured() -> list[Mapping[str, int]]:
    """What calls of the made-up bookshop add to the totals."""
    found: list[Mapping[str, int]] = []
    for _, entries, received in year(SAMPLED * 2, 1, datetime(2026, 11, 20, tzinfo=UTC)):
        if received is not None:
            continue
        began = entries[0].occurred_at or datetime.now(UTC)
        events = []
        for seq, entry in enumerate(entries, start=1):
            one = checked(entry, began)
            events.append(StoredEvent("", seq, one.type, one.payload, one.at_ms, one.actor, began, began))
        found.append(contribution(read(events), began, UTC, Ahead(known=True, topic="orders")).base)
    return found


def _sums(chance: random.Random, measured: list[Mapping[str, int]], calls: int) -> dict[str, int]:
    """Of so many calls; of many, those of a sample many times over."""
    sampled = min(calls, 30)
    sums = added(chance.choice(measured) for _ in range(sampled))
    return {name: n * calls // sampled or 1 for name, n in sorted(sums.items())}
