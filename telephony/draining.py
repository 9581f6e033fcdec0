"""The end of a server's day: running calls finish, then are asked to, then are handed over.

Of the time that there is, the last part is for the bot's leave: it takes some seconds to be spoken, and must not be cut
off. When the calls are over, phone systems still ask what comes next, and must find somebody to ask.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Any

LEAVE_S = 10.0
"""For the bot's leave, at most half of all the time."""
LINGER_S = 3.0
"""After the last call, for the phone systems' questions; carriers ask within a second."""


async def drain(
    running: Callable[[], Collection[asyncio.Task[Any]]],
    take_leave: Callable[[], None],
    grace_s: float,
    hurry: asyncio.Event,
) -> None:
    """Wait until nothing runs any more, for `grace_s` at most. take_leave: called when the time is nearly over and
    something still runs. hurry: ends the wait at once."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + grace_s
    await _until_over(running, until_s - min(LEAVE_S, grace_s / 2), hurry)
    if running() and not hurry.is_set() and grace_s:
        take_leave()
        await _until_over(running, until_s, hurry)


async def linger(hurry: asyncio.Event) -> None:
    """Until nobody should ask any more, or somebody is in a hurry."""
    waiting = asyncio.create_task(hurry.wait())
    await asyncio.wait({waiting}, timeout=LINGER_S)
    waiting.cancel()


async def _until_over(
    running: Callable[[], Collection[asyncio.Task[Any]]], until_s: float, hurry: asyncio.Event
) -> None:
    loop = asyncio.get_running_loop()
    hurried = asyncio.create_task(hurry.wait())
    try:
        while (tasks := list(running())) and not hurry.is_set() and (left_s := until_s - loop.time()) > 0:
            await asyncio.wait({*tasks, hurried}, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        hurried.cancel()
