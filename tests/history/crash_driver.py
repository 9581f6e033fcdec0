"""Run by test_crash.py and killed in the middle: 16 calls append at once; every acknowledgement is printed.

argv: the database, and where to die: 'anywhere' (the test kills), 'before_commit' or 'before_ack' (it kills itself
there, with SIGKILL, at the given number of commits).
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import history.journal
import history.writer
from history import Entry, Journal, new_id


def die_at(where: str, commits: int) -> None:
    owner, name = {
        "before_commit": (history.writer, "store"),  # its rows are written, the COMMIT comes next
        "before_ack": (history.journal.Journal, "_deliver_from_writer"),  # committed, nobody told yet
    }[where]
    real, count = getattr(owner, name), 0

    def counted(*args: Any) -> Any:
        nonlocal count
        count += 1
        if where == "before_commit":
            real(*args)
        if count > commits:
            os.kill(os.getpid(), signal.SIGKILL)
        return None if where == "before_commit" else real(*args)

    setattr(owner, name, counted)


async def call(journal: Journal) -> None:
    interaction, n = new_id(), 0
    await journal.append(interaction, [Entry("call.started", {"line": "IT"})])
    while True:
        n += 1
        said = {"speaker": "caller", "text": f"{n}", "start_ms": n, "end_ms": n}
        seq = await journal.append(interaction, [Entry("transcript", said, n), Entry("dialog.event", {"n": n}, n)])
        os.write(1, f"{interaction} {seq} {n}\n".encode())


async def main() -> None:
    journal = await Journal.open(Path(sys.argv[1]), node="n1")
    await journal.close_lost()
    os.write(1, b"ready\n")
    await asyncio.gather(*(call(journal) for _ in range(16)))


if __name__ == "__main__":
    if sys.argv[2] != "anywhere":
        die_at(sys.argv[2], int(sys.argv[3]))
    asyncio.run(main())
