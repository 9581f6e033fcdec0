"""Works out what is marked, in the background: reading and thinking in a reader's thread, writing by the journal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import tzinfo
from functools import partial

import structlog
from sqlalchemy import Connection

from history.analyses.next_action import Rule, our_rules
from history.consents.proof import consents_of
from history.database import HistoryUnavailable
from history.deriving.facts import made_of, version_of
from history.deriving.marking import marked, stale
from history.deriving.reading import Material, materials
from history.deriving.storing import Derived, Forget, LeaveOut, Mark, StoreDerived
from history.journal import Journal
from history.subscriptions import Gap
from history.summaries.queueing import Wanted
from history.timeline import Timeline

log = structlog.get_logger()

AT_ONCE = 20
"""Interactions in one go: some 20 ms of work in a thread, and one commit."""
LOOK_S = 30.0
"""How often it looks without being told: another machine may have marked something."""
AFTER_FAILURE_S = 5.0
STALE_AT_ONCE = 2000
NEWS = frozenset({"call.ended", "event.received", "callback.done"})


class Deriving:
    """One history's. zone: where the company is; its days and hours are those of the KPIs. rules: of next actions, the
    company's own, before ours. summed_up: which interactions a model is to sum up afterwards, None for none."""

    def __init__(
        self,
        journal: Journal,
        timeline: Timeline,
        zone: tzinfo,
        rules: tuple[Rule, ...] = (),
        summed_up: Wanted | None = None,
    ) -> None:
        self._journal, self._timeline, self._zone = journal, timeline, zone
        self._rules, self._summed_up = (*rules, *our_rules()), summed_up
        self.stored: Callable[[], None] = lambda: None
        """Called after each go."""

    async def run(self) -> None:
        """What is over is derived soon afterwards, until cancelled; what an earlier version derived, anew."""
        await _surely(self.mark_stale)
        listening = asyncio.create_task(self._listen(news := asyncio.Event()))
        try:
            while True:
                await _surely(self.catch_up)
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), LOOK_S)
                news.clear()
        finally:
            listening.cancel()

    async def _listen(self, news: asyncio.Event) -> None:
        events: AsyncIterator[object] = aiter(self._journal.subscribe())
        async for event in events:
            if isinstance(event, Gap) or getattr(event, "type", "") in NEWS:
                news.set()

    async def catch_up(self, at_once: int = AT_ONCE) -> int:
        """Derive until nothing is marked; how many. Raises HistoryUnavailable."""
        return await self._work(at_once, lambda done: None)

    async def mark_stale(self) -> int:
        """What was never derived, or by another version or for another time zone, is marked; how many."""
        after, count, version = "", 0, version_of(self._zone, self._rules)
        while ids := await self._timeline.read(partial(stale, version=version, after=after, limit=STALE_AT_ONCE)):
            await self._journal.change(Mark(tuple(ids)))
            after, count = ids[-1], count + len(ids)
        return count

    async def rebuild(self, at_once: int = 500, told: Callable[[int], None] = lambda done: None) -> int:
        """Empty what was derived and make it again; how many were derived, some of them twice."""
        await self._journal.change(Forget())
        return await self._work(at_once, told)

    async def _work(self, at_once: int, told: Callable[[int], None]) -> int:
        count = 0
        while True:
            results, failed = await self._timeline.read(lambda connection: self._derived(connection, at_once))
            if failed:
                await self._journal.change(LeaveOut(failed))
            if results:
                await self._journal.change(StoreDerived(results, self._summed_up))
                self.stored()
                told(count := count + len(results))
            if not results and not failed:
                return count

    def _derived(self, connection: Connection, limit: int) -> tuple[tuple[Derived, ...], dict[str, str]]:
        """With the marks of those whose log, taken in from elsewhere, says what nobody can count: they keep no other
        from being derived, and are tried again at the next start."""
        marks = marked(connection, limit)
        found = {one.row.id: one for one in materials(connection, list(marks))}
        derived, failed = [], {}
        for key, mark in marks.items():
            if one := found.get(key):
                try:
                    derived.append(self._of(one, mark))
                except Exception:
                    log.exception("deriving.failed", interaction=key)
                    failed[key] = mark
        return tuple(derived), failed

    def _of(self, one: Material, mark: str) -> Derived:
        made = made_of(one.row, one.events, one.segments, one.later, self._zone, self._rules)
        return Derived(made.fact, mark, made.document, made.analyses, consents_of(one.events, one.row.contact_id))


async def _surely(work: Callable[[], Awaitable[int]]) -> None:
    try:
        await work()
    except HistoryUnavailable as error:
        log.error("deriving.history_unavailable", error=str(error))
        await asyncio.sleep(AFTER_FAILURE_S)
    except Exception:
        log.exception("deriving.failed")
        await asyncio.sleep(AFTER_FAILURE_S)
