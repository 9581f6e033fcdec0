"""Promised call-backs as work for the dialler: the history says what is owed, the desk who is free."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from dialogs.queueing import ASKED_IN_QUEUE
from history import Callback, Entry, Journal, Timeline, new_id
from telephony.lines import Lines, UnknownLine
from telephony.occasion import Occasion
from telephony.operators.desk import Desk
from telephony.outbound.campaign_work import shown
from telephony.outbound.hours import may_call
from telephony.outbound.numbers import dialled
from telephony.outbound.opt_outs import OptOuts
from telephony.outbound.owed import InLine, Key, Owed, Task, may_dial
from telephony.outbound.picking import Busy, room
from telephony.outbound.placing import Wanted
from telephony.outbound.promises import Promises
from telephony.outbound.results import Result
from telephony.outbound.settings import OutboundSettings
from telephony.outbound.work import Job

log = structlog.get_logger()

ACTOR = "centralino"
"""Who closes a call-back in the history when no person did."""
MOST_OWED = 500
REACHED = frozenset({"completed", "opted_out"})
"""After these the promise is kept; a message on a machine is no call."""


class CallbackWork:
    def __init__(
        self,
        promises: Promises,
        opt_outs: OptOuts,
        settings: OutboundSettings,
        lines: Callable[[], Lines],
        desk: Desk,
        journal: Journal,
        timeline: Timeline,
    ) -> None:
        self._promises, self._opt_outs, self._settings = promises, opt_outs, settings
        self._lines, self._desk, self._journal, self._timeline = lines, desk, journal, timeline
        self._line_of: dict[str, str] = {}

    async def claim(self, now: datetime, until: datetime, busy: Busy, reserved: Sequence[str]) -> list[Job]:
        free = self._desk.free_operators()
        left = room(self._settings.caps(), busy)
        open_now = may_call(now, self._settings.hours("service"))
        if not (self._settings.callbacks and free and left and open_now):
            return []
        owed = await self._owed()
        in_line = [InLine(queue, now - timedelta(milliseconds=ms)) for queue, ms in self._desk.in_line()]
        jobs = []
        for one in may_dial(owed, in_line, free, reserved, now)[:left]:
            wanted = await self._wanted(one)
            claim = f"claim-{new_id()}"
            if wanted and await self._promises.claim(one.key, claim, until, now):
                jobs.append(Job(claim, wanted, queue=one.queue))
        return jobs

    async def _owed(self) -> list[Owed]:
        found = await self._timeline.callbacks(limit=MOST_OWED)
        tasks = await self._promises.tasks((one.interaction_id, one.seq) for one in found)
        owed = []
        for one in found:
            task = tasks.get((one.interaction_id, one.seq), Task())
            if task.status == "done":  # a server died between the two files
                await self._note(one, "callback.done", {})
            elif one.reason == ASKED_IN_QUEUE:
                continue  # keeps its place in the queue, where it is offered to operators
            elif self._flow(await self._line(one), one.queue):
                owed.append(_owed_by(one, task))
        return owed

    async def _line(self, one: Callback) -> str:
        if one.interaction_id not in self._line_of:
            self._line_of[one.interaction_id] = (await self._timeline.get(one.interaction_id)).interaction.line
        return self._line_of[one.interaction_id]

    def _flow(self, line: str, queue: str) -> str:
        try:
            return self._lines().get(line).book.calling_back(queue)
        except UnknownLine:
            return ""

    async def _wanted(self, one: Owed) -> Wanted | None:
        try:
            number = dialled(one.number, self._settings.country)
        except ValueError:
            return None  # people see it on their list
        if await self._opt_outs.has(number):
            return None
        line = self._line_of[one.key[0]]
        about = {"callback_of": one.key[0], "callback_seq": str(one.key[1]), "try": str(one.task.tried + 1)}
        occasion = Occasion(self._flow(line, one.queue), one.slots, about=about)
        return Wanted(number, line, shown(self._settings, self._lines(), line), int(self._settings.ring_s), occasion)

    async def renamed(self, claim: str, call_id: str) -> None:
        await self._promises.renamed(claim, call_id)

    async def extend(self, call_id: str, until: datetime) -> None:
        await self._promises.extend(call_id, until)

    async def settle(self, call_id: str, result: Result, now: datetime) -> None:
        found = await self._promises.claimed(call_id)
        if found is None:
            return
        key, before = found
        kept = result.operator or result.asked_again or result.outcome in REACHED
        outcome = "machine" if result.outcome == "message_left" else result.outcome
        next_try = None if kept else self._settings.callback_spacing().next_try(outcome, before.tried + 1, now)
        task = await self._promises.settle(call_id, result.outcome, next_try, kept, now)
        if task is None:
            return
        one = next(one for one in (await self._timeline.get(key[0])).callbacks if one.seq == key[1])
        await self._note(one, "callback.tried", {"call": call_id, "outcome": result.outcome, "try": task.tried})
        if kept:
            await self._note(one, "callback.done", {})
        elif next_try is None:
            await self._note(one, "callback.failed", {"tries": task.tried, "outcome": result.outcome})

    async def release(self, call_id: str, due_at: datetime) -> None:
        await self._promises.release(call_id, due_at)

    async def abandoned(self, now: datetime, everything: bool) -> Sequence[str]:
        return [task.call_id for task in (await self._promises.abandoned(now, everything)).values()]

    async def _note(self, one: Callback, kind: str, payload: Mapping[str, object]) -> None:
        """In the history of the call in which it was promised."""
        at_ms = max(0, int((datetime.now(one.requested_at.tzinfo) - one.requested_at).total_seconds() * 1000))
        entry = Entry(kind, {"callback_seq": one.seq, **payload}, at_ms, actor=ACTOR)
        await self._journal.append(one.interaction_id, [entry])


def _owed_by(one: Callback, task: Task) -> Owed:
    key: Key = (one.interaction_id, one.seq)
    return Owed(key, one.queue, one.number, one.requested_at, one.slots, task)
