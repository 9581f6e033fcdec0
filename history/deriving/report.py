"""KPIs over a time, whole or by something: read from the totals alone, never from the calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from pydantic_core import from_json
from sqlalchemy import ColumnElement, Connection, Text, and_, cast, func, or_, select

from history.deriving.days import check_days
from history.deriving.tables import kpi_total
from history.kpis import DIMENSIONS, KPIS, Value
from history.kpis.funnel import Stage, stages
from history.kpis.kpi import added
from history.kpis.spread import WAIT_MS
from history.timeline import Timeline

GROUPINGS = ("", "day", "month", "line", *DIMENSIONS)
MOST_ROWS = 1000


@dataclass(frozen=True)
class Row:
    """key: the day, line, flow… it is about; '' for everything. values: by the name of the KPI. calls: to sort by."""

    key: str
    values: Mapping[str, Value]
    calls: int


@dataclass(frozen=True)
class Span:
    """A stretch of cells of one grain; first and last belong to it."""

    grain: str
    first: str
    last: str


def spans(first: date, last: date, *, days_only: bool = False) -> list[Span]:
    """The cells that cover these days, as few as possible: whole months where there are any. Pure."""
    if days_only:
        return [Span("day", first.isoformat(), last.isoformat())]
    begins = first if first.day == 1 else _next_month(first)
    behind = _next_month(last) if (last + timedelta(days=1)).day == 1 else last.replace(day=1)
    if begins >= behind:
        return [Span("day", first.isoformat(), last.isoformat())]
    until = behind - timedelta(days=1)
    found = [Span("month", f"{begins:%Y-%m}", f"{until:%Y-%m}")]
    if first < begins:
        found.append(Span("day", first.isoformat(), (begins - timedelta(days=1)).isoformat()))
    if behind <= last:
        found.append(Span("day", behind.isoformat(), last.isoformat()))
    return found


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


class KpiReport:
    """What `timeline` knows. All methods raise HistoryUnavailable."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    async def rows(
        self, first: date, last: date, by: str = "", *, line: str = "", within_s: int = 20, limit: int = MOST_ROWS
    ) -> list[Row]:
        """Days in order, all else the most calls first. first, last: both belong to it. by: one of `GROUPINGS`. line:
        '' for all together. within_s: of the service level. Raises ValueError saying what is wrong."""
        if by not in GROUPINGS:
            raise ValueError(f"by {by!r}: one of {', '.join(name for name in GROUPINGS if name)} is expected")
        check_days(first, last)
        if within_s * 1000 not in WAIT_MS:
            known = ", ".join(str(edge // 1000) for edge in WAIT_MS)
            raise ValueError(f"a service level within {within_s} s is not known; one of {known}")
        found = await self._timeline.read(lambda connection: dict(_sums(connection, first, last, by, line)))
        rows = [
            Row(key, {kpi.name: kpi.of(sums, within_s) for kpi in KPIS}, sums.get("calls", 0))
            for key, sums in found.items()
        ]
        in_time = by in ("day", "month", "hour", "weekday")
        rows.sort(key=lambda row: (row.key,) if in_time else (-row.calls, row.key))
        return rows[:limit]

    async def funnel(self, first: date, last: date, *, line: str = "") -> list[Stage]:
        """How far the bot's sessions came. first, last: both belong to it. line: '' for all together. Raises ValueError
        saying what is wrong with the days."""
        check_days(first, last)
        found = await self._timeline.read(lambda connection: dict(_sums(connection, first, last, "", line)))
        return stages(found[""])


def _sums(
    connection: Connection, first: date, last: date, by: str, line: str
) -> Iterator[tuple[str, Mapping[str, int]]]:
    row = kpi_total.c
    dimension = by if by in DIMENSIONS else ""
    of_line: ColumnElement[bool] = row.line == line
    if by == "line":
        of_line = row.line.in_([line] if line else _lines(connection))
    times = [
        and_(row.grain == span.grain, row.start >= span.first, row.start <= span.last)
        for span in spans(first, last, days_only=by == "day")
    ]
    query = select(row.start, row.line, row.value, cast(row.sums, Text)).where(
        of_line, row.dimension == dimension, or_(*times)
    )
    parts: dict[str, list[Mapping[str, int]]] = {}
    for start, of, value, sums in connection.execute(query):
        key = {"": "", "day": start, "month": start[:7], "line": of}.get(by, value)
        parts.setdefault(key, []).append(from_json(sums))  # a large year is thousands of them, and this is the fast way
    if by == "":
        parts.setdefault("", [])
    for key, several in parts.items():
        yield key, added(several)


def _lines(connection: Connection) -> list[str]:
    """All lines that have totals; one seek in the key for each, where `DISTINCT` would read every row."""
    found: list[str] = []
    last = ""
    while len(found) < MOST_ROWS:
        last = connection.execute(select(func.min(kpi_total.c.line)).where(kpi_total.c.line > last)).scalar_one()
        if last is None:
            break
        found.append(last)
    return found
