"""`centralino bench history`: the history's speed, on either engine."""

from __future__ import annotations

import asyncio
import gc
import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from centralino.bench import survival
from centralino.commands.console import err, out, said_plainly
from centralino.settings import load_settings
from history import bench as history_bench
from history import kpis_bench, reads_bench
from history.bench_place import place_for
from history.generating.loading import generate as generate_history

Url = Annotated[
    str,
    typer.Option(help="postgresql://USER@HOST:PORT/NAME; the bench makes a database beside it, and drops it. "
    "Without it: a SQLite file in a new folder inside the working directory."),
]  # fmt: skip


def measure_history(
    calls: Annotated[int, typer.Option(min=1, max=1000)] = 64,
    seconds: Annotated[float, typer.Option(min=0.5, max=600)] = 5.0,
    runs: Annotated[int, typer.Option(min=1, max=99, help="The medians of so many runs are printed.")] = 1,
    url: Url = "",
    offered: Annotated[
        float | None, typer.Option(min=1, help="Events a second, of all calls; 2000 on SQLite, 5000 on PostgreSQL.")
    ] = None,
) -> None:
    """Durable events a second and the wait for a commit, beside a bare loop of one connection."""
    wanted = history_bench.Wanted(
        calls, seconds, url=url, password=load_settings().history.password_now(), offered_per_s=offered
    )
    with said_plainly():
        figures = history_bench.median([history_bench.run(wanted) for _ in range(runs)])
        out.print_json(json.dumps({"cpus": os.cpu_count(), "runs": runs, **asdict(figures)}))


def measure_survival(
    cycles: Annotated[int, typer.Option(min=1, max=10_000)] = 200,
    writers: Annotated[int, typer.Option(min=1, max=1000)] = 16,
    seed: Annotated[int, typer.Option(help="Decides when the server is killed.")] = 1,
    url: Url = "",
) -> None:
    """Kill a writing server (SIGKILL) again and again: what it acknowledged must be there, once; else exit code 1."""
    with said_plainly():
        survived = survival.run(
            cycles, writers, seed, url=url, password=load_settings().history.password_now(),
            told=lambda text: err.print(f"[dim]{text}[/dim]"),
        )  # fmt: skip
    out.print_json(json.dumps(asdict(survived)))
    if survived.faults:
        raise typer.Exit(1)


def measure_reads(times: Annotated[int, typer.Option(min=20, max=100_000, help="Looks of each kind.")] = 200) -> None:
    """What people wait for on the history of the settings: a contact's timeline, a search, a page of KPIs."""
    _settle()
    with said_plainly():
        out.print_json(json.dumps(asdict(asyncio.run(reads_bench.run(load_settings().history_database(), times)))))


def measure_kpis(
    interactions: Annotated[int, typer.Option(min=1000, max=1_000_000_000)] = 10_000_000,
    times: Annotated[int, typer.Option(min=2, max=10_000, help="Looks by each grouping.")] = 20,
    url: Url = "",
) -> None:
    """A page of KPIs of a whole year, by each grouping, over the totals that a large company's calls leave: 10 lines
    with 6 flows, 40 articles and 3 queues each."""
    wanted = kpis_bench.Wanted(interactions, times)
    _settle()
    with said_plainly(), place_for(url, load_settings().history.password_now()) as place:
        figures = asyncio.run(kpis_bench.run(place, wanted, lambda text: err.print(text, end="\r")))
    out.print_json(json.dumps(asdict(figures)))


def _settle() -> None:
    """As a server does once it is up: what is there for good is not looked through again and again meanwhile."""
    gc.collect()
    gc.freeze()


def generate(
    interactions: Annotated[int, typer.Option(min=1, max=10_000_000)] = 1_000_000,
    seed: Annotated[int, typer.Option()] = 1,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The year before this day.")] = None,
) -> None:
    """Fill an empty history with a made-up bookshop's year, for measuring; then `centralino history rollup` derives
    what search and KPIs read."""
    end = (until or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)).replace(tzinfo=UTC)
    with said_plainly():
        database = load_settings().history_database()
        events = generate_history(
            database, interactions, seed, end, lambda done: err.print(f"{done} written", end="\r")
        )
    out.print(f"{interactions} interactions, {events} events in {database}; now: centralino history rollup")
