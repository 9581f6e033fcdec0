"""`centralino bench survival`: a server is killed again and again while it writes; nothing it acknowledged may be lost.

The ledger of what was acknowledged is kept here, outside. A killed process does not show what a power cut would do:
that rests on the database's syncs.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from centralino.bench.survival_child import FAILPOINT, FAILPOINTS, TOLD
from history import Database, Postgres, SqliteFile, schema
from history.bench_place import place_for
from history.webhooks.message import message_id

END_S = 300.0
"""For a server to reach the place where it dies, or to tell anything of what was not told: far more than either
takes."""

LOOK_S = 10.0

Ledger = dict[tuple[str, int], int]


@dataclass
class Survived:
    """What was found after all kills. faults: each in words; none is the only good number."""

    engine: str
    cycles: int
    writers: int
    seed: int
    kills: dict[str, int] = field(default_factory=dict)
    acknowledged: int = 0
    events: int = 0
    interactions: int = 0
    webhooks: int = 0
    webhooks_seen_twice: int = 0
    faults: list[str] = field(default_factory=list)


def run(
    cycles: int, writers: int, seed: int, *, url: str = "", password: str = "", folder: Path | None = None,
    told: Callable[[str], None] = lambda text: None,
) -> Survived:  # fmt: skip
    """Half of the kills come at a random moment, the others at each failpoint in turn. url, folder: see `place_for`.

    Raises HistoryUnavailable, and RuntimeError when a server ends otherwise than killed."""
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    with place_for(url, password, folder) as place, _receiver() as (address, seen):
        engine = "PostgreSQL" if place.shared else "SQLite"
        result = Survived(engine, cycles, writers, seed)
        ledger: Ledger = {}
        for cycle in range(cycles):
            failpoint = "" if cycle % 2 == 0 else FAILPOINTS[cycle // 2 % len(FAILPOINTS)]
            name = failpoint or "at a random moment"
            result.kills[name] = result.kills.get(name, 0) + 1
            ledger |= _killed(_child(place, writers, address, failpoint, chance), failpoint, chance)
            told(f"{cycle + 1} of {cycles}: killed {name}, {len(ledger)} acknowledged")
        drained = _child(place, writers, address, "", chance, drain=True)
        errors = _drained(drained, seen, told)
        if drained.returncode != 0:
            raise RuntimeError(f"the last server failed: {errors.decode()[-2000:]}")
        engine_now = place.open_reader()
        with engine_now.connect() as connection:
            _look(connection, ledger, seen, result)
        engine_now.dispose()
    return result


def _child(
    place: Database, writers: int, receiver: str, failpoint: str, chance: random.Random, *, drain: bool = False
) -> subprocess.Popen[bytes]:
    environment = dict(os.environ)
    wanted = {"url": "", "path": "", "writers": writers, "receiver": receiver, "drain": drain}
    if isinstance(place, Postgres):
        wanted["url"] = place.url
        environment |= {"PGPASSWORD": place.password} if place.password else {}
    elif isinstance(place, SqliteFile):
        wanted["path"] = str(place.path)
    count = chance.randint(1, 6) if failpoint.endswith("_send") else chance.randint(2, 60)
    return subprocess.Popen(  # noqa: S603 - this program
        [sys.executable, "-m", "centralino.bench.survival_child", json.dumps(wanted)],
        env=environment | {FAILPOINT: f"{failpoint}:{count}" if failpoint else ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _killed(child: subprocess.Popen[bytes], failpoint: str, chance: random.Random) -> Ledger:
    """Let it live until it is dead; what it acknowledged."""
    assert child.stdout is not None
    if child.stdout.readline() == b"ready\n" and not failpoint:
        timer = threading.Timer(chance.uniform(0.02, 1.0), child.kill)
        timer.start()
    out, errors = child.communicate(timeout=END_S)
    if child.returncode != -signal.SIGKILL:
        raise RuntimeError(f"a server ended with {child.returncode}: {errors.decode()[-2000:]}")
    whole = out[: out.rfind(b"\n") + 1].decode().splitlines()
    return {(call, int(seq)): int(n) for call, seq, n in (line.split() for line in whole if line != "ready")}


def _drained(child: subprocess.Popen[bytes], seen: list[str], told: Callable[[str], None]) -> bytes:
    """Wait for the last server, which tells what was not told, for as long as it tells anything; its errors."""
    told_so_far, waited_s = len(seen), 0.0
    while True:
        try:
            return child.communicate(timeout=LOOK_S)[1]
        except subprocess.TimeoutExpired:
            waited_s = waited_s + LOOK_S if len(seen) == told_so_far else 0.0
            told_so_far = len(seen)
            told(f"{told_so_far} webhooks told")
            if waited_s >= END_S:
                child.kill()
                raise


def _look(connection: Connection, ledger: Ledger, seen: list[str], result: Survived) -> None:
    event, segment = schema.interaction_event.c, schema.segment.c
    logs: dict[str, list[tuple[int, str, Any]]] = {}
    for row in connection.execute(
        select(event.interaction_id, event.seq, event.type, event.payload).order_by(event.interaction_id, event.seq)
    ):
        logs.setdefault(row.interaction_id, []).append((row.seq, row.type, row.payload))
    words: dict[str, list[str]] = {}
    for call, text in connection.execute(
        select(segment.interaction_id, segment.text).order_by(segment.interaction_id, segment.seq)
    ):
        words.setdefault(call, []).append(text)
    call_now = schema.interaction.c
    states = connection.execute(select(call_now.id, call_now.status, call_now.last_seq))
    calls = {call: (status, last_seq) for call, status, last_seq in states}
    stored = {(call, seq): payload["n"] for call, log in logs.items() for seq, kind, payload in log if "n" in payload}
    faults = [
        f"acknowledged and not there: {call} {seq}" for (call, seq), n in ledger.items() if stored.get((call, seq)) != n
    ]
    for call, log in logs.items():
        if [seq for seq, _, _ in log] != list(range(1, len(log) + 1)) or calls.get(call, ("", 0))[1] != len(log):
            faults.append(f"{call}: its seq has gaps or doubles")
        turns = [payload["n"] for _, _, payload in log if "n" in payload]
        if turns != list(range(1, len(turns) + 1)) or words.get(call, []) != [str(n) for n in turns]:
            faults.append(f"{call}: an append is torn, lost or doubled")
        if [kind for _, kind, _ in log].count("call.ended") != 1 or calls[call][0] != "ended":
            faults.append(f"{call}: not ended once")
    wanted = {message_id(call, seq) for call, log in logs.items() for seq, kind, _ in log if kind in TOLD}
    delivery = schema.webhook_delivery.c
    for one in sorted(wanted - set(seen)):
        state = connection.execute(select(delivery.state).where(delivery.outbox_id == one)).scalar_one_or_none()
        faults.append(f"webhook never seen: {one}, {state or 'not in the outbox'}")
    faults += [f"webhook about nothing: {one}" for one in sorted(set(seen) - wanted)]
    result.acknowledged, result.interactions = len(ledger), len(logs)
    result.events = sum(map(len, logs.values()))
    result.webhooks, result.webhooks_seen_twice = len(wanted), len(seen) - len(set(seen))
    result.faults = faults[:50]


@contextmanager
def _receiver() -> Iterator[tuple[str, list[str]]]:
    """A receiver of webhooks on loopback, and the ids that it took."""
    seen: list[str] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            seen.append(self.headers["webhook-id"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", seen
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
