"""The server that `centralino bench survival` kills: many writers through the real journal, webhooks out of its outbox.

Standard output is the ledger: a line for each acknowledged append, written after the acknowledgement. Where it kills
itself says CENTRALINO_SURVIVAL_FAILPOINT, 'name:count', read once at the start; nothing else in the program knows it.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import history.journal
import history.storing
import history.webhooks.outbox
import history.writer
from centralino.webhook_posting import posting
from history import Database, Entry, Journal, Postgres, SqliteFile, Timeline, new_id
from history.webhooks.dispatching import Dispatcher
from history.webhooks.posting import Post
from history.webhooks.redacting import redacted
from history.webhooks.store import Webhooks

FAILPOINT = "CENTRALINO_SURVIVAL_FAILPOINT"
TOLD = ("call.started", "call.ended")
"""What the receiver is told of; the rest of the log is several hundred times as much."""

_PLACES: dict[str, tuple[Any, str, bool]] = {
    "before_write": (history.writer, "store", False),
    "mid_outbox": (history.webhooks.outbox, "put", True),  # its rows are written, those after it and the COMMIT not
    "before_commit": (history.writer, "store", True),
    "after_commit": (history.journal.Journal, "_deliver_from_writer", False),  # committed, nobody told
}
FAILPOINTS = (*_PLACES, "before_send", "after_send")


class _Countdown:
    """Kills this process, as the system would, at the count that was set."""

    def __init__(self, failpoint: str) -> None:
        self.name, _, count = failpoint.partition(":")
        self._left = int(count or 0)

    def __call__(self) -> None:
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _armed(real: Callable[..., Any], die: _Countdown, after: bool) -> Callable[..., Any]:
    @functools.wraps(real)
    def wrapped(*args: Any, **named: Any) -> Any:
        if not after:
            die()
        result = real(*args, **named)
        if after:
            die()
        return result

    return wrapped


def _posting(inside: str, die: _Countdown) -> Post:
    real = posting([inside])

    async def post(url: str, headers: Any, body: bytes) -> Any:
        if die.name == "before_send":
            die()
        answer = await real(url, headers, body)
        if die.name == "after_send":
            die()
        return answer

    return post


async def _write(journal: Journal) -> None:
    """One call after another, some 20 appends each."""
    while True:
        call = new_id()
        await journal.append(call, [Entry("call.started", {"line": "it", "caller": "+39051223344"})])
        for n in range(1, 21):
            said = {"speaker": "caller", "text": f"{n}", "start_ms": n, "end_ms": n}
            seq = await journal.append(call, [Entry("transcript", said, n), Entry("dialog.event", {"n": n}, n)])
            os.write(1, f"{call} {seq} {n}\n".encode())
        await journal.append(call, [Entry("call.ended", {"reason": "bot_ended"}, 99)])


async def _serve(place: Database, writers: int, receiver: str, die: _Countdown, drain: bool) -> None:
    journal = await Journal.open(place, node="survival")
    timeline = Timeline(place)
    await journal.close_lost()
    webhooks = Webhooks(timeline, journal)
    if not await webhooks.endpoints():
        await webhooks.add(receiver, TOLD)
    inside = receiver.removeprefix("http://").partition("/")[0]
    dispatcher = Dispatcher(webhooks, journal, _posting(inside, die), redacted, node="survival")
    sending = asyncio.create_task(dispatcher.run())
    os.write(1, b"ready\n")
    if drain:
        while await webhooks.deliveries("pending", limit=1):
            dispatcher.wake()
            await asyncio.sleep(0.1)
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
        await timeline.close()
        await journal.close()
        return
    await asyncio.gather(*(_write(journal) for _ in range(writers)))


def main() -> None:
    """argv: what to do, as JSON."""
    wanted = json.loads(sys.argv[1])
    die = _Countdown(os.environ.get(FAILPOINT, ""))
    if die.name in _PLACES:
        owner, name, after = _PLACES[die.name]
        setattr(owner, name, _armed(getattr(owner, name), die, after))
    place = Postgres(wanted["url"]) if wanted["url"] else SqliteFile(Path(wanted["path"]))
    asyncio.run(_serve(place, wanted["writers"], wanted["receiver"], die, wanted["drain"]))


if __name__ == "__main__":
    main()
