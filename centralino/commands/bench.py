"""`centralino bench`: the figures of the docs, made on this machine."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from centralino.bench import latency
from centralino.commands.console import err, out, said_plainly
from centralino.settings import load_settings
from history import bench as history_bench

app = typer.Typer(help="Measure: latency, history.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("latency")
def measure_latency(
    runs: Annotated[int, typer.Option(min=1, max=100, help="Calls on each line.")] = 5, as_json: AsJson = False
) -> None:
    """From a caller's last word to the first sound of a cached answer, one call at a time."""
    with said_plainly():
        figures = asyncio.run(latency.run(load_settings(), runs, lambda text: err.print(f"[dim]{text}[/dim]")))
    if as_json:
        print(json.dumps({"lines": [line.to_json() for line in figures]}))
        return
    table = Table("line", "engine", "turns", "p50", "worst", "heard p50", "baseline p50", "loop p99", "loop worst")
    for line in figures:
        cells = (line.turns, line.server_p50, line.server_worst, line.heard_p50, line.baseline_p50, line.loop_p99)
        table.add_row(line.line, line.engine, *(f"{cell:g}" for cell in cells), f"{line.loop_worst:g}")
    out.print(table)
    out.print("milliseconds; loop: how late the server's event loop ran while these calls were answered")


@app.command("history")
def measure_history(
    calls: Annotated[int, typer.Option(min=1, max=1000)] = 64,
    seconds: Annotated[float, typer.Option(min=0.5, max=600)] = 5.0,
) -> None:
    """Durable events a second and the wait for a commit, beside a bare sqlite3 loop."""
    with said_plainly():
        out.print_json(json.dumps(asdict(history_bench.run(calls=calls, seconds=seconds))))
