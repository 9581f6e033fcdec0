"""`centralino history kpis` and `rollup`: figures of what happened, and the totals they are read from."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from centralino.commands.console import err, out, said_plainly
from centralino.commands.reading import read
from centralino.history_settings import node_of_command
from centralino.settings import load_settings
from history import Journal, Timeline
from history.analyses.next_action import rules_of
from history.deriving.report import GROUPINGS, KpiReport, Row
from history.deriving.report_csv import as_csv
from history.deriving.worker import Deriving
from history.kpis import KPIS, Kpi, Value

DAYS_SHOWN = 30


def kpis(
    first: Annotated[str, typer.Option("--from", help="First day, 2026-05-01; none: 30 days back.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last day; none: today.")] = "",
    by: Annotated[str, typer.Option(help=f"{', '.join(name for name in GROUPINGS if name)}; none: everything.")] = "",
    line: Annotated[str, typer.Option(help="Only this line.")] = "",
    within: Annotated[int, typer.Option(help="Seconds of the service level.")] = 20,
    form: Annotated[str, typer.Option("--format", help="'table', 'json' or 'csv'.")] = "table",
    formulas: Annotated[bool, typer.Option("--formulas", help="Print what each KPI means, and stop.")] = False,
) -> None:
    """KPIs over a time: containment, transfers, waiting, handling, understanding, satisfaction (docs/kpis.md)."""
    if formulas:
        for kpi in KPIS:
            out.print(f"[bold]{kpi.name}[/bold]: {escape(kpi.formula)}", soft_wrap=True)
        return
    if form not in ("table", "json", "csv"):
        raise typer.BadParameter("'table', 'json' or 'csv'", param_hint="--format")
    with said_plainly():
        settings = load_settings()
    today = datetime.now(ZoneInfo(settings.time_zone)).date()
    try:
        until = date.fromisoformat(last) if last else today
        since = date.fromisoformat(first) if first else until - timedelta(days=DAYS_SHOWN)
        rows = read(lambda timeline: KpiReport(timeline).rows(since, until, by, line=line, within_s=within), settings)
    except ValueError as error:
        err.print(f"[red]centralino:[/red] {escape(str(error))}")
        raise typer.Exit(1) from None
    if form == "csv":
        sys.stdout.write(as_csv(rows, by))
    elif form == "json":
        told = [{"key": row.key, "values": {name: vars(one) for name, one in row.values.items()}} for row in rows]
        sys.stdout.write(json.dumps({"from": str(since), "to": str(until), "by": by, "rows": told}) + "\n")
    else:
        _show(rows, by)


def _show(rows: list[Row], by: str) -> None:
    """One row stands, so that it has room for its formulas; several lie."""
    if len(rows) == 1 and not by:
        table = Table("KPI", "value", "n", "formula")
        for kpi in KPIS:
            found = rows[0].values[kpi.name]
            table.add_row(kpi.name, _shown(kpi, found), str(found.n), escape(kpi.formula))
    else:
        shown = [kpi for kpi in KPIS if any(row.values[kpi.name].n for row in rows)]
        table = Table(by or "all", *(kpi.name for kpi in shown))
        for row in rows:
            table.add_row(escape(row.key) or "(none)", *(_shown(kpi, row.values[kpi.name]) for kpi in shown))
    out.print(table)


def _shown(kpi: Kpi, found: Value) -> str:
    if found.value is None:
        return "–"
    if kpi.unit == "share":
        return f"{100 * found.value:.1f} %"
    if kpi.unit == "ms":
        return f"{found.value / 1000:.2f} s"
    return f"{found.value:.0f}" if kpi.unit == "count" else f"{found.value:.1f}"


def rollup() -> None:
    """Make everything that is derived from the log (facts, KPI totals) again. The server must not run meanwhile."""

    async def work() -> int:
        settings = load_settings()
        journal = await Journal.open(settings.history_database(), node=node_of_command())
        try:
            timeline = Timeline(journal.database)
            try:
                deriving = Deriving(journal, timeline, ZoneInfo(settings.time_zone), rules_of(settings.company))
                return await deriving.rebuild(told=lambda done: err.print(f"{done} derived", end="\r"))
            finally:
                await timeline.close()
        finally:
            await journal.close()

    with said_plainly():
        count = asyncio.run(work())
    out.print(f"{count} interactions derived")
