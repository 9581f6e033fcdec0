"""How many events a second reach the disk, and how long a call waits for that: `python -m history.bench`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from history.events import Entry
from history.ids import new_id
from history.journal import GROUP_MS, Journal

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
    """saturated: every call appends as fast as it is acknowledged. paced: `PACE_PER_S` events a second in each call.

    bare: a plain sqlite3 loop that inserts the same payload into one table and commits each event, on the same disk,
    WAL and synchronous=FULL too. loop_lag_max_ms: the longest the event loop was late during the paced part.
    """

    calls: int
    seconds: float
    group_ms: float
    saturated: Waits
    paced: Waits
    bare: Waits
    loop_lag_max_ms: float


def run(calls: int = 64, seconds: float = 5, *, group_ms: float = GROUP_MS, folder: Path | None = None) -> Figures:
    """Measure the three, each for `seconds`, in a new folder inside `folder` (default: the working directory, because
    /tmp is often memory, where a sync costs nothing). saturated and bare take turns, so that what else the machine
    does weighs on both."""
    with tempfile.TemporaryDirectory(prefix="history-bench-", dir=folder or Path.cwd()) as place:
        return asyncio.run(_measure(Path(place), calls, seconds, group_ms))


async def _measure(place: Path, calls: int, seconds: float, group_ms: float) -> Figures:
    journal = await Journal.open(place / "history.db", node="bench", group_ms=group_ms)
    ids = [new_id() for _ in range(calls)]
    await asyncio.gather(*(journal.append(i, [Entry("call.started", {"line": "IT"})]) for i in ids))
    saturated, bare = _Measured([]), _Measured([])
    for turn in range(TURNS):
        await _appending(journal, ids, seconds / TURNS, saturated, pause_s=0)
        await asyncio.to_thread(_bare, place / f"bare-{turn}.db", seconds / TURNS, bare)
    ticking, paced = asyncio.create_task(_late(seconds)), _Measured([])
    await _appending(journal, ids, seconds, paced, pause_s=1 / PACE_PER_S)
    lag_ms = await ticking
    await journal.close()
    return Figures(calls, seconds, group_ms, saturated.waits(), paced.waits(), bare.waits(), round(lag_ms, 1))


@dataclass
class _Measured:
    waits_s: list[float]
    elapsed_s: float = 0

    def waits(self) -> Waits:
        cuts = statistics.quantiles(self.waits_s, n=20, method="inclusive")
        p50, p95, worst = (round(wait_s * 1000, 2) for wait_s in (cuts[9], cuts[18], max(self.waits_s)))
        return Waits(len(self.waits_s), round(len(self.waits_s) / self.elapsed_s), p50, p95, worst)


async def _appending(journal: Journal, ids: list[str], seconds: float, into: _Measured, *, pause_s: float) -> None:
    began = time.perf_counter()

    async def call(place: int, interaction_id: str) -> None:
        await asyncio.sleep(pause_s * place / len(ids))  # calls do not speak in step
        while time.perf_counter() - began < seconds:
            asked = time.perf_counter()
            await journal.append(interaction_id, [Entry("transcript", SAID, at_ms=15_400, actor="caller")])
            into.waits_s.append(time.perf_counter() - asked)
            if pause_s:
                await asyncio.sleep(pause_s)

    await asyncio.gather(*(call(place, interaction_id) for place, interaction_id in enumerate(ids)))
    into.elapsed_s += time.perf_counter() - began


async def _late(seconds: float) -> float:
    """The longest that a 5 ms sleep overslept, in ms."""
    worst_s, until = 0.0, time.perf_counter() + seconds
    while (asked := time.perf_counter()) < until:
        await asyncio.sleep(0.005)
        worst_s = max(worst_s, time.perf_counter() - asked - 0.005)
    return worst_s * 1000


def _bare(path: Path, seconds: float, into: _Measured) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE event (id TEXT, seq INTEGER, payload TEXT, PRIMARY KEY (id, seq))")
    began, interaction_id, seq = time.perf_counter(), new_id(), 0
    while (asked := time.perf_counter()) - began < seconds:
        seq += 1
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO event VALUES (?, ?, ?)", (interaction_id, seq, json.dumps(SAID)))
        connection.execute("COMMIT")
        into.waits_s.append(time.perf_counter() - asked)
    into.elapsed_s += time.perf_counter() - began
    connection.close()


def main() -> None:
    """The command line of the bench; prints the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m history.bench", description=__doc__)
    parser.add_argument("--calls", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--group-ms", type=float, default=GROUP_MS)
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure; default: the working directory")
    chosen = parser.parse_args()
    figures = run(chosen.calls, chosen.seconds, group_ms=chosen.group_ms, folder=chosen.folder)
    print(json.dumps({"cpus": os.cpu_count(), "sqlite": sqlite3.sqlite_version, **asdict(figures)}, indent=2))


if __name__ == "__main__":
    main()
