"""Committed events, live, for readers of any speed: a slow one misses events and is told which, and delays nobody."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self
from weakref import WeakSet

from history.events import StoredEvent

QUEUE_EVENTS = 1000
"""About a minute of a busy node's events; beyond it reading the table again is cheaper than holding them."""


@dataclass(frozen=True)
class Gap:
    """Events first_seq..last_seq of an interaction were not delivered: read them with `Timeline.events`.

    interaction_id None: more than could be counted; read again whatever is shown.
    """

    interaction_id: str | None
    first_seq: int = 0
    last_seq: int = 0


class Subscription:
    """An async iterator of StoredEvent and Gap, for one interaction or all; ends when it or the journal is closed.

    Events of an interaction come in order of `seq`. Use it as a context manager, or call `close`.
    """

    def __init__(self, interaction_id: str | None, max_events: int = QUEUE_EVENTS) -> None:
        self._interaction_id = interaction_id
        self._max_events = max_events
        self._events: deque[StoredEvent] = deque()
        self._missed: dict[str | None, Gap] = {}
        self._waiting: asyncio.Future[None] | None = None
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    def offer(self, event: StoredEvent) -> None:
        """Never waits. Once something was missed all is missed, until the reader caught up and was told."""
        if self._closed or self._interaction_id not in (None, event.interaction_id):
            return
        if not self._missed and len(self._events) < self._max_events:
            self._events.append(event)
        elif None not in self._missed:
            self._miss(event)
        self._wake()

    def _miss(self, event: StoredEvent) -> None:
        missed = self._missed.get(event.interaction_id)
        if missed is not None:
            self._missed[event.interaction_id] = replace(missed, last_seq=event.seq)
        elif len(self._missed) < self._max_events:
            self._missed[event.interaction_id] = Gap(event.interaction_id, event.seq, event.seq)
        else:
            self._missed = {None: Gap(None)}

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> StoredEvent | Gap:
        while True:
            if self._events:
                return self._events.popleft()
            if self._missed:
                return self._missed.pop(next(iter(self._missed)))
            if self._closed:
                raise StopAsyncIteration
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting

    def close(self) -> None:
        """What was already received can still be read."""
        self._closed = True
        self._wake()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class Subscriptions:
    """All live readers; one that was dropped without `close` is forgotten."""

    def __init__(self) -> None:
        self._open: WeakSet[Subscription] = WeakSet()

    def add(self, interaction_id: str | None, max_events: int = QUEUE_EVENTS) -> Subscription:
        subscription = Subscription(interaction_id, max_events)
        self._open.add(subscription)
        return subscription

    def publish(self, events: Iterable[StoredEvent]) -> None:
        readers = [reader for reader in self._open if not reader.closed]
        for event in events:
            for reader in readers:
                reader.offer(event)

    def close(self) -> None:
        for subscription in list(self._open):
            subscription.close()
