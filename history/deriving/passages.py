"""How many calls came by each step of a flowbook's revision: read from the totals alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pydantic_core import from_json
from sqlalchemy import Connection, Text, and_, cast, or_, select

from history.deriving.days import check_days
from history.deriving.report import spans
from history.deriving.tables import kpi_total
from history.kpis.contribution import STEPS
from history.kpis.kpi import added
from history.kpis.passing import KINDS
from history.timeline import Timeline


@dataclass(frozen=True)
class Passages:
    """calls: with this revision. steps: by the step's path, how many of each of `passing.KINDS`."""

    calls: int
    steps: Mapping[str, Mapping[str, int]]


async def passages(timeline: Timeline, revision: str, first: date, last: date) -> Passages:
    """revision: as calls name theirs, the first twelve digits of the text's hash. first, last: both days belong to it.

    Raises ValueError saying what is wrong with the days, and HistoryUnavailable.
    """
    check_days(first, last)
    sums = await timeline.read(lambda connection: _sums(connection, revision, first, last))
    steps: dict[str, dict[str, int]] = {}
    for name, n in sums.items():
        kind, _, step = name.partition(" ")
        if step:
            steps.setdefault(step, dict.fromkeys(KINDS, 0))[kind] = n
    return Passages(sums.get("calls", 0), steps)


def _sums(connection: Connection, revision: str, first: date, last: date) -> Mapping[str, int]:
    row = kpi_total.c
    times = [
        and_(row.grain == span.grain, row.start >= span.first, row.start <= span.last) for span in spans(first, last)
    ]
    query = select(cast(row.sums, Text)).where(
        row.line == "", row.dimension == STEPS, row.value == revision, or_(*times)
    )
    return added([from_json(sums) for sums in connection.scalars(query)])
