"""The task that sends: takes what is due, a few at a time for each endpoint, and writes down what came of it.

At least once: a message is marked only after its receiver took it, so a server that dies in between sends it again,
with the same id. Nothing is promised about order.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog

from history.database import HistoryUnavailable
from history.events import StoredEvent
from history.journal import Journal
from history.webhooks.endpoint import Endpoint, wanted
from history.webhooks.message import Message, Redact, message, trial
from history.webhooks.posting import Answer, Post
from history.webhooks.rows import Claimed
from history.webhooks.schedule import Verdict, verdict
from history.webhooks.signing import signed_headers
from history.webhooks.store import Webhooks

log = structlog.get_logger()

AT_ONCE = 16
"""Messages under way together, to all endpoints."""
AT_ONCE_EACH = 4
"""To one endpoint, so that a slow one leaves room for the others; to one that fails, a single one."""
TRY_S = 20.0
"""How long a receiver may take to accept a message; it should answer at once and work afterwards."""
LEASE = timedelta(seconds=TRY_S + 40)
"""When a message that was taken and never marked is due again."""
LOOK_S = 30.0
"""Longest pause between two looks, for endpoints that were added meanwhile and for other nodes' events."""
BREATHER_S = 0.05
"""Shortest pause, in which the events of several calls gather."""
PRUNE_S = 3600.0


class Dispatcher:
    """A server's; `run` it as a task. node: whose claims are given back when it starts.

    redact: what becomes of an event's payload before it leaves. now, chance: for tests.
    """

    def __init__(
        self,
        webhooks: Webhooks,
        journal: Journal,
        post: Post,
        redact: Redact,
        *,
        node: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._webhooks, self._journal, self._post, self._redact = webhooks, journal, post, redact
        self._node, self._now, self._chance = node, now, chance
        self._wake = asyncio.Event()
        self._types: set[str] = {"*"}
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._trials = 0

    async def run(self) -> None:
        """Until cancelled. A history that cannot be read or written is waited for."""
        listening = asyncio.create_task(self._listen())
        pruned_s, released = float("-inf"), False
        loop = asyncio.get_running_loop()
        try:
            while True:
                self._wake.clear()
                wait_s = LOOK_S
                try:
                    if not released:
                        await self._webhooks.release(self._node)
                        released = True
                    if loop.time() - pruned_s >= PRUNE_S and self._types:
                        await self._webhooks.prune()
                        pruned_s = loop.time()
                    wait_s = await self.send_due()
                except HistoryUnavailable as error:
                    log.error("webhooks.history_unavailable", error=str(error))
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(wait_s, BREATHER_S)):
                        await self._wake.wait()
                await asyncio.sleep(BREATHER_S)
        finally:
            listening.cancel()
            for task in list(self._under_way):
                task.cancel()
            await asyncio.gather(listening, *self._under_way, return_exceptions=True)

    def wake(self) -> None:
        """Look now: endpoints were changed, or messages are to be sent again."""
        self._wake.set()

    async def send_due(self) -> float:
        """Begin to send what is due, as far as there is room; returns after how many seconds to look again."""
        endpoints = [one for one in await self._webhooks.endpoints() if one.state == "enabled"]
        self._types = {pattern for one in endpoints for pattern in one.types}
        if not endpoints:
            return LOOK_S
        now = self._now()
        counts, later = await self._webhooks.due(now)
        if rooms := self._rooms(endpoints, counts):
            for claimed in await self._webhooks.claim(rooms, self._node, LEASE):
                task = asyncio.create_task(self._deliver(claimed))
                self._under_way[task] = claimed.endpoint.id
                task.add_done_callback(self._ended)
        return LOOK_S if later is None else min(LOOK_S, max(0.0, (later - now).total_seconds()))

    async def settled(self) -> None:
        """Until all that is under way has ended."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    async def try_out(self, endpoint: Endpoint) -> Answer:
        """Send a message of type `webhook.test` now, once; nothing follows from the answer."""
        self._trials += 1
        return await self._send(endpoint, trial(self._now().isoformat(), self._trials))

    def _rooms(self, endpoints: list[Endpoint], counts: dict[str, int]) -> dict[str, int]:
        """How many messages each endpoint may be sent now; an endpoint with few goes first."""
        busy = Counter(self._under_way.values())
        free = AT_ONCE - busy.total()
        rooms: dict[str, int] = {}
        for one in sorted(endpoints, key=lambda one: busy[one.id]):
            most = 1 if one.failing_since is not None else AT_ONCE_EACH
            room = min(most - busy[one.id], counts.get(one.id, 0), free)
            if room > 0:
                rooms[one.id] = room
                free -= room
        return rooms

    async def _deliver(self, claimed: Claimed) -> None:
        endpoint, attempts = claimed.endpoint, claimed.attempts + 1
        if claimed.event is None:
            answer, outcome = Answer(0, "the event is no longer in the history"), Verdict("dead")
        else:
            told = await self._message(claimed.event, endpoint)
            answer = await self._send(endpoint, told)
            outcome = verdict(answer, attempts, endpoint.failing_since, self._now(), self._chance())
        try:
            await self._webhooks.settle(claimed, outcome, answer.status, answer.error)
        except HistoryUnavailable as error:  # its claim runs out, and it is sent again
            log.error("webhooks.not_marked", message=claimed.message_id, endpoint=endpoint.id, error=str(error))
            return
        if outcome.state != "delivered":
            said = {"endpoint": endpoint.id, "status": answer.status, "error": answer.error, "attempts": attempts}
            log.warning(f"webhooks.{'given_up' if outcome.state == 'dead' else 'not_delivered'}", **said)
        if outcome.endpoint_off:
            log.error("webhooks.endpoint_disabled", endpoint=endpoint.id, why=outcome.endpoint_off)

    async def _message(self, event: StoredEvent, endpoint: Endpoint) -> Message:
        if endpoint.detail == "ids":
            return message(event, endpoint.detail, self._redact)
        return await asyncio.to_thread(message, event, endpoint.detail, self._redact)

    async def _send(self, endpoint: Endpoint, told: Message) -> Answer:
        now = self._now()
        headers = signed_headers(endpoint.secrets_at(now), told.id, int(now.timestamp()), told.body)
        headers |= {"content-type": "application/json", "user-agent": "Centralino-Webhooks/1"}
        try:
            async with asyncio.timeout(TRY_S):
                return await self._post(endpoint.url, headers, told.body)
        except TimeoutError:
            return Answer(0, f"no answer within {TRY_S:.0f} s")

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        self._wake.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("webhooks.delivery_failed", error=repr(error))

    async def _listen(self) -> None:
        with self._journal.subscribe() as events:
            async for event in events:
                event_type = getattr(event, "type", None)  # a gap has none: look
                if event_type is None or wanted(self._types, event_type):
                    self._wake.set()
