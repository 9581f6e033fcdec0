"""The websocket on which Asterisk tells what happens: opened again and again, with growing pauses, until it stays."""

from __future__ import annotations

import asyncio
import base64
import random
from collections.abc import Awaitable, Callable, Iterator
from urllib.parse import quote

import structlog
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from telephony.control.ari import AriError
from telephony.control.ari_events import ChannelEvent, event_of

log = structlog.get_logger()

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STAYED_S = 10.0
"""A connection that lasted so long was a good one: the pauses begin anew."""
OPEN_S = 5.0
LARGEST_EVENT = 256 * 1024


def pauses_s() -> Iterator[float]:
    """How long to wait before each further try: doubled each time, and spread, so that many servers do not come at
    once to a phone system that has just started."""
    longest_s = FIRST_PAUSE_S
    while True:
        yield longest_s * random.uniform(0.5, 1.0)  # noqa: S311 (nobody gains by guessing it)
        longest_s = min(2 * longest_s, LONGEST_PAUSE_S)


class AriSocket:
    """opened: awaited after each opening, before events are told; an AriError shuts it again. told: of each event.
    shut: when it is away again."""

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        app: str,
        opened: Callable[[], Awaitable[None]],
        told: Callable[[ChannelEvent], None],
        shut: Callable[[], None],
    ) -> None:
        self._url = f"ws{url.rstrip('/').removeprefix('http')}/events?app={quote(app, safe='')}"
        shown = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {shown}"}
        self._opened, self._told, self._shut = opened, told, shut

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        pauses = pauses_s()
        while True:
            began_s = loop.time()
            why = await self._while_open()
            if loop.time() - began_s > STAYED_S:
                pauses = pauses_s()
            pause_s = next(pauses)
            log.warning("ari.not_connected", url=self._url, why=why, again_in_s=round(pause_s, 1))
            await asyncio.sleep(pause_s)

    async def _while_open(self) -> str:
        """Why it is open no more, or never was."""
        try:
            async with connect(
                self._url, additional_headers=self._headers, open_timeout=OPEN_S, close_timeout=1,
                max_size=LARGEST_EVENT, compression=None, proxy=None,
            ) as socket:  # fmt: skip
                log.info("ari.connected", url=self._url)
                try:
                    await self._opened()
                    async for message in socket:
                        self._take(message)
                finally:
                    self._shut()
        except ConnectionClosed as closed:
            return f"closed: {closed}"
        except AriError as error:
            return str(error)
        except (OSError, InvalidHandshake, InvalidURI, TimeoutError) as error:
            return str(error) or type(error).__name__
        return "closed by Asterisk; does another server use the same application?"

    def _take(self, message: str | bytes) -> None:
        try:
            event = event_of(message)
        except (ValueError, RecursionError) as error:
            log.warning("ari.malformed_event", error=str(error)[:100])
            return
        if event:
            self._told(event)
