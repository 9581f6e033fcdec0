"""KPIs as CSV: a line for each row, for each KPI its value and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from history.csv_text import written
from history.deriving.report import Row
from history.kpis import KPIS


def as_csv(rows: Sequence[Row], by: str) -> str:
    """Shares are 0 to 1, times milliseconds; an empty field where there is nothing to tell."""
    head = [by or "all"]
    for kpi in KPIS:
        head += [kpi.name if kpi.unit != "ms" else f"{kpi.name}_ms", f"{kpi.name}_n"]
    body = []
    for row in rows:
        line: list[object] = [row.key or "all"]
        for kpi in KPIS:
            found = row.values[kpi.name]
            line += [None if found.value is None else round(found.value, 4), found.n]
        body.append(line)
    return written(head, body)
