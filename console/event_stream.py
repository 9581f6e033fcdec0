"""Server-sent events, each sent as soon as it is there; a reader who takes nothing is let go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Generic, TypeVar, cast

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

log = structlog.get_logger()

T = TypeVar("T")

STALLED_S = 30.0
"""A reader who takes nothing for so long is let go; they may resume from where they were."""


class EventStream(Response, Generic[T]):
    """as_event: an item as it goes over the wire, with the blank line behind it; '' for one that is not told."""

    media_type = "text/event-stream"

    def __init__(self, items: AsyncIterator[T], as_event: Callable[[T], str], stalled_s: float = STALLED_S) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._items, self._as_event, self._stalled_s = items, as_event, stalled_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send(send))
        gone = asyncio.create_task(_until_gone(receive))
        try:
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            sending.cancel()
            results = await asyncio.gather(sending, gone, return_exceptions=True)
            await cast(AsyncGenerator[T, None], self._items).aclose()
        if isinstance(results[0], Exception):
            raise results[0]

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            async for item in self._items:
                if not (told := self._as_event(item).encode()):
                    continue
                async with asyncio.timeout(self._stalled_s):
                    await send({"type": "http.response.body", "body": told, "more_body": True})
        except TimeoutError:
            log.warning("console.reader_stalled", for_s=self._stalled_s)
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
