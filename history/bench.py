"""How many events a second reach the disk, and how long a call waits for that: `centralino bench history`."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import psycopg

from history.bench_place import place_for
from history.database import Database
from history.events import Entry
from history.ids import new_id
from history.journal import GROUP_MS, Journal
from history.postgres import Postgres
from history.sqlite_file import SqliteFile

TURNS = 5

PACE_PER_S = 3.0
"""Events of one lively call: a turn every 3 s makes about nine (transcripts, dialog events and actions)."""

SAID: Mapping[str, Any] = {
    "speaker": "caller",
    "text": "buongiorno, vorrei sapere se il libro che ho ordinato la settimana scorsa è arrivato",
    "start_ms": 12_000,
    "end_ms": 15_400,
    "confidence": 0.91,
    "engine": "whisper",
}


@dataclass(frozen=True)
class Waits:
    """events_per_s: durable ones. p50_ms, p95_ms, max_ms: from append to its acknowledgement."""

    events: int
    events_per_s: float
    p50_ms: float
    p95_ms: float
    max_ms: float


@dataclass(frozen=True)
class Figures:
    """saturated: every call appends as fast as it is acknowledged. offered: all of them together append `offered_per_s`
    events a second, whether the database keeps up or not. paced: `PACE_PER_S` events a second in each call.

    bare: a plain loop of one connection that inserts the same payload into one table and commits each event, in the
    same place with the same durability. loop_lag_max_ms: the longest the event loop was late during the paced part.
    """

    engine: str
    calls: int
    seconds: float
    group_ms: float
    offered_per_s: float
    saturated: Waits
    offered: Waits
    paced: Waits
    bare: Waits
    loop_lag_max_ms: float


@dataclass(frozen=True)
class Wanted:
    """url: of a PostgreSQL database, beside which the bench makes one of its own and drops it; '' is a SQLite file in a
    new folder inside `folder` (default: the working directory, because /tmp is often memory, where a sync costs
    nothing). offered_per_s: default 2000 on SQLite, 5000 on PostgreSQL."""

    calls: int = 64
    seconds: float = 5
    group_ms: float = GROUP_MS
    folder: Path | None = None
    url: str = ""
    password: str = ""
    offered_per_s: float | None = None


def run(wanted: Wanted) -> Figures:
    """Measure all parts, each for `seconds`. saturated and bare take turns, so that what else the machine does weighs
    on both. Raises HistoryUnavailable."""
    with place_for(wanted.url, wanted.password, wanted.folder) as place:
        return asyncio.run(_measure(place, wanted))


def median(runs: Sequence[Figures]) -> Figures:
    """Each figure the median of those of `runs`; all are of the same kind."""

    def middle(values: Sequence[Any]) -> Any:
        first = values[0]
        if isinstance(first, Waits):
            return Waits(**{f.name: middle([getattr(one, f.name) for one in values]) for f in fields(Waits)})
        return first if isinstance(first, str) else statistics.median(values)

    return Figures(**{f.name: middle([getattr(one, f.name) for one in runs]) for f in fields(Figures)})


async def _measure(place: Database, wanted: Wanted) -> Figures:
    journal = await Journal.open(place, node="bench", group_ms=wanted.group_ms)
    ids = [new_id() for _ in range(wanted.calls)]
    seconds = wanted.seconds
    offered_per_s = wanted.offered_per_s or (5000 if place.shared else 2000)
    await asyncio.gather(*(journal.append(i, [Entry("call.started", {"line": "IT"})]) for i in ids))
    saturated, offered, bare = _Measured([]), _Measured([]), _Measured([])
    for _ in range(TURNS):
        await _appending(journal, ids, seconds / TURNS, saturated, period_s=0)
        await asyncio.to_thread(_bare, place, seconds / TURNS, bare)
        await _appending(journal, ids, seconds / TURNS, offered, period_s=len(ids) / offered_per_s)
    ticking, paced = asyncio.create_task(_late(seconds)), _Measured([])
    await _appending(journal, ids, seconds, paced, period_s=1 / PACE_PER_S)
    lag_ms = await ticking
    await journal.close()
    return Figures(
        "PostgreSQL" if place.shared else f"SQLite {sqlite3.sqlite_version}", wanted.calls, seconds, wanted.group_ms,
        offered_per_s, saturated.waits(), offered.waits(), paced.waits(), bare.waits(), round(lag_ms, 1),
    )  # fmt: skip


@dataclass
class _Measured:
    waits_s: list[float]
    elapsed_s: float = 0

    def waits(self) -> Waits:
        cuts = statistics.quantiles(self.waits_s, n=20, method="inclusive")
        p50, p95, worst = (round(wait_s * 1000, 2) for wait_s in (cuts[9], cuts[18], max(self.waits_s)))
        return Waits(len(self.waits_s), round(len(self.waits_s) / self.elapsed_s), p50, p95, worst)


async def _appending(journal: Journal, ids: list[str], seconds: float, into: _Measured, *, period_s: float) -> None:
    """Each call appends every `period_s`, at once when it is late; 0: as soon as it is acknowledged."""
    began = time.perf_counter()

    async def call(place: int, interaction_id: str) -> None:
        due = began + period_s * place / len(ids)  # calls do not speak in step
        while due < began + seconds and time.perf_counter() < began + seconds:
            if (early_s := due - time.perf_counter()) > 0:
                await asyncio.sleep(early_s)
            asked = time.perf_counter()
            await journal.append(interaction_id, [Entry("transcript", SAID, at_ms=15_400, actor="caller")])
            into.waits_s.append(time.perf_counter() - asked)
            due += period_s

    await asyncio.gather(*(call(place, interaction_id) for place, interaction_id in enumerate(ids)))
    into.elapsed_s += time.perf_counter() - began


async def _late(seconds: float) -> float:
    """The longest that a 5 ms sleep overslept, in ms."""
    worst_s, until = 0.0, time.perf_counter() + seconds
    while (asked := time.perf_counter()) < until:
        await asyncio.sleep(0.005)
        worst_s = max(worst_s, time.perf_counter() - asked - 0.005)
    return worst_s * 1000


def _bare(place: Database, seconds: float, into: _Measured) -> None:
    interaction_id, seq, payload = new_id(), 0, json.dumps(SAID)
    table = "CREATE TABLE IF NOT EXISTS bare (id TEXT, seq INTEGER, payload TEXT, PRIMARY KEY (id, seq))"
    with _bare_connection(place) as (execute, mark):
        execute(table)
        began = time.perf_counter()
        while (asked := time.perf_counter()) - began < seconds:
            seq += 1
            execute("BEGIN")
            execute(f"INSERT INTO bare VALUES ({mark}, {mark}, {mark})", (interaction_id, seq, payload))  # noqa: S608
            execute("COMMIT")
            into.waits_s.append(time.perf_counter() - asked)
        into.elapsed_s += time.perf_counter() - began


@contextmanager
def _bare_connection(place: Database) -> Iterator[tuple[Callable[..., Any], str]]:
    if isinstance(place, Postgres):
        with psycopg.connect(place.url, password=place.password or None, autocommit=True) as remote:
            yield remote.execute, "%s"
    elif isinstance(place, SqliteFile):
        with closing(sqlite3.connect(place.path.with_name("bare.db"), isolation_level=None)) as file:
            file.execute("PRAGMA journal_mode=WAL")
            file.execute("PRAGMA synchronous=FULL")
            yield file.execute, "?"
