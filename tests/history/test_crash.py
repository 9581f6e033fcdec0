"""kill -9 in the middle of sixteen calls, again and again on one file: nothing acknowledged is lost.

This shows what a dying process loses, not what a power cut does: that rests on synchronous=FULL.
"""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import history
from history import Journal, Timeline

DEATHS = ["anywhere", "before_commit", "anywhere", "before_ack"] * 3


def crash(path: Path, where: str, chance: random.Random) -> list[tuple[str, int, int]]:
    """Run the driver until it is dead; what it acknowledged: (interaction, seq, n)."""
    driver = subprocess.Popen(
        [
            sys.executable,
            str(Path(__file__).with_name("crash_driver.py")),
            str(path),
            where,
            str(chance.randint(20, 60)),
        ],
        env=os.environ | {"PYTHONPATH": str(Path(history.__file__).parents[1])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert driver.stdout is not None
    assert driver.stdout.readline() == b"ready\n", driver.communicate()[1].decode()
    if where == "anywhere":
        time.sleep(chance.uniform(0.02, 0.5))
        driver.kill()
    out, errors = driver.communicate(timeout=60)
    assert driver.returncode == -signal.SIGKILL, errors.decode()
    whole = out[: out.rfind(b"\n") + 1].decode().splitlines()
    return [(i, int(seq), int(n)) for i, seq, n in (line.split() for line in whole)]


def check(path: Path, acknowledged: list[tuple[str, int, int]]) -> None:
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    stored = {
        (i, seq): n
        for i, seq, n in database.execute(
            """SELECT interaction_id, seq, json_extract(payload, '$.n') FROM interaction_event
               WHERE type = 'dialog.event'"""
        )
    }
    for i, seq, n in acknowledged:
        assert stored.get((i, seq)) == n, f"acknowledged event {i} {seq} is not in the database"
    for i, count, last, ended, opened, turns, words in database.execute(
        """SELECT e.interaction_id, count(*), max(seq), sum(e.type = 'call.ended'), i.status = 'open',
                  sum(e.type = 'dialog.event'), (SELECT group_concat(text, ' ') FROM
                     (SELECT text FROM segment s WHERE s.interaction_id = e.interaction_id ORDER BY seq))
           FROM interaction_event e JOIN interaction i ON i.id = e.interaction_id GROUP BY 1"""
    ):
        assert count == last, f"{i} has gaps"
        assert (ended, opened) == (1, 0), f"{i} was not closed once"
        assert (words or "") == " ".join(str(n) for n in range(1, turns + 1)), (
            f"{i}: an append is torn, lost or doubled"
        )
    database.close()


async def test_nothing_acknowledged_is_lost_when_the_server_is_killed(path: Path) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance, ledger = random.Random(seed), list[tuple[str, int, int]]()
    for where in DEATHS:
        ledger += await asyncio.to_thread(crash, path, where, chance)
        timeline = Timeline(path)  # `history list` after a crash, before the server is up again
        opened = [i.id for i in await timeline.list_interactions(100) if i.status == "open"]
        await timeline.close()
        journal = await Journal.open(path, node="n1")
        lost = await journal.close_lost()
        assert sorted(call.interaction_id for call in lost) == sorted(opened)
        assert len(lost) <= 16
        await journal.close()
        check(path, ledger)
    assert len(ledger) > 100, "the calls hardly got to speak"
    assert len({i for i, _, _ in ledger}) > 16
