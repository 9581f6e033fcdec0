"""One call as it happens: its committed events from any `seq` on, and the words that are still being recognised.

Who reads too slowly is told which events they missed (`Missed`) and goes on with the newest: a reader costs a bounded
queue, and delays neither the call nor another reader.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from history import Gap, InteractionDetail, Journal, StoredEvent, Timeline, UnknownInteraction
from telephony.partials import Partials

QUEUED_EVENTS = 256
"""Of one reader: some minutes of a lively call."""
PING_S = 15.0
"""So that proxies between do not close a quiet stream, and a reader notices one that is dead."""


@dataclass(frozen=True)
class Speaking:
    """Words so far; they have no `seq` and are not stored."""

    message: Mapping[str, Any]


@dataclass(frozen=True)
class Missed:
    """Events first_seq..last_seq were not delivered; the history has them."""

    first_seq: int
    last_seq: int


@dataclass(frozen=True)
class Ping:
    pass


@dataclass(frozen=True)
class Over:
    """The call has ended, and all of it was told."""

    last_seq: int


Item = StoredEvent | Speaking | Missed | Ping | Over


class Following:
    """Readers of live calls. ping_s: how long the stream may be silent."""

    def __init__(self, journal: Journal, timeline: Timeline, partials: Partials, ping_s: float = PING_S) -> None:
        self._journal, self._timeline, self._partials, self._ping_s = journal, timeline, partials, ping_s

    async def detail(self, call_id: str) -> InteractionDetail:
        """What the history has of it. Raises UnknownInteraction."""
        return await self._timeline.get(call_id)

    async def is_over(self, call_id: str, after: int) -> bool:
        """Whether the call has ended and nothing happened after `after`. Raises UnknownInteraction."""
        row = (await self._timeline.get(call_id)).interaction
        return row.status == "ended" and row.last_seq <= after

    async def items(self, call_id: str, after: int) -> AsyncIterator[Item]:
        """From the event behind `after` on, until the call ends. Raises UnknownInteraction."""
        last_seq, over = after, False
        with (
            self._journal.subscribe(call_id, max_events=QUEUED_EVENTS) as live,
            self._partials.follow(call_id) as partial,
        ):
            if not await self._timeline.events(call_id):
                raise UnknownInteraction(call_id)
            for event in await self._timeline.events(call_id, after):
                last_seq, over = event.seq, over or event.type == "call.ended"
                yield event
            over = over or await self._has_ended(call_id)
            following = asyncio.ensure_future(anext(live, None))
            try:
                while not over:
                    speaking = asyncio.ensure_future(partial.news.wait())
                    done, _ = await asyncio.wait(
                        {following, speaking}, timeout=self._ping_s, return_when=asyncio.FIRST_COMPLETED
                    )
                    speaking.cancel()
                    if not done:
                        yield Ping()
                    for message in partial.take() if following not in done else ():
                        yield Speaking(message)
                    if following not in done:
                        continue
                    item = following.result()
                    if item is None:  # the server is shutting down
                        return
                    following = asyncio.ensure_future(anext(live, None))
                    if isinstance(item, Gap):
                        if item.last_seq > last_seq:
                            yield Missed(max(item.first_seq, last_seq + 1), item.last_seq)
                            last_seq = item.last_seq
                            over = await self._has_ended(call_id)
                    elif item.seq > last_seq:
                        last_seq, over = item.seq, item.type == "call.ended"
                        if item.type == "transcript":
                            partial.forget(str(item.payload.get("speaker")))
                        yield item
            finally:
                following.cancel()
        yield Over(last_seq)

    async def _has_ended(self, call_id: str) -> bool:
        return (await self._timeline.get(call_id)).interaction.status == "ended"
