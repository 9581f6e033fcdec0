"""Places the calls that are due: a round each second, each call a task of its own, nothing lost when the server dies.

A call is claimed before it begins, for `LEASE_S`, prolonged while it goes on, and settled by what its own history says:
by this server, or by the next one when this one died.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from history import HistoryUnavailable, StoredEvent, Timeline
from telephony.lines import UnknownLine
from telephony.outbound.opt_outs import OptOuts
from telephony.outbound.picking import Busy
from telephony.outbound.placing import NoDoor, Placing
from telephony.outbound.results import Result, result_of
from telephony.outbound.work import Job, Work
from telephony.reception import Full, Reception

log = structlog.get_logger()

ROUND_S = 1.0
AFTER_FAILURE_S = 10.0
LEASE_S = 120.0
"""Much longer than a round, so that a busy moment loses no claim; much shorter than a person's patience."""
SETTLE_S = 5.0
"""How often the end of a call that could not be written is tried again."""


@dataclass
class _Running:
    job: Job
    work: Work
    call_id: str
    has_operator: bool = False

    def watch(self, event: StoredEvent) -> None:
        self.has_operator = self.has_operator or event.type == "operator.joined"


class Dialler:
    """works: in the order in which they may take what room there is. now: with time zone."""

    def __init__(
        self,
        works: Sequence[Work],
        placing: Placing,
        reception: Reception,
        opt_outs: OptOuts,
        timeline: Timeline,
        now: Callable[[], datetime],
    ) -> None:
        self._works, self._placing, self._reception = works, placing, reception
        self._opt_outs, self._timeline, self._now = opt_outs, timeline, now
        self._running: dict[str, _Running] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._no_door_told = False

    @property
    def running(self) -> int:
        return len(self._running)

    async def run(self) -> None:
        """Until cancelled; calls that go on then end by themselves, or with the server."""
        recovered = False
        while True:
            try:
                if not recovered:
                    await self.recover(everything=True)
                    recovered = True
                await self.look()
            except HistoryUnavailable as error:
                log.error("outbound.history_unavailable", error=str(error))
                await asyncio.sleep(AFTER_FAILURE_S)
            except Exception:
                log.exception("outbound.internal_error")
                await asyncio.sleep(AFTER_FAILURE_S)
            await asyncio.sleep(ROUND_S)

    async def close(self) -> None:
        """Calls that are ringing stop; what is not settled is settled by the next start."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def look(self) -> None:
        """One round: prolong, recover what was abandoned, claim and begin what is due. Raises HistoryUnavailable."""
        now = self._now()
        until = now + timedelta(seconds=LEASE_S)
        for running in list(self._running.values()):
            await running.work.extend(running.call_id, until)
        await self.recover()
        if self._reception.draining:
            return
        for work in self._works:
            reserved = [one.job.queue for one in self._running.values() if one.job.queue and not one.has_operator]
            for job in await work.claim(now, until, self._busy(), reserved):
                running = self._running[job.claim] = _Running(job, work, job.claim)
                task = asyncio.create_task(self._call(running), name=f"outbound {job.claim}")
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def recover(self, everything: bool = False) -> None:
        """Settle claims whose server is gone, by what their calls' histories say."""
        for work in self._works:
            for call_id in await work.abandoned(self._now(), everything):
                if any(one.call_id == call_id for one in self._running.values()):
                    continue
                events = await self._timeline.events(call_id)
                if not events:
                    await work.release(call_id, self._now())
                elif any(event.type == "call.ended" for event in events):
                    await self._settle(work, call_id, result_of(events))

    def _busy(self) -> Busy:
        jobs = [one.job for one in self._running.values()]
        return Busy(
            calls=self._reception.taken,
            server_most=self._reception.most_calls,
            ours=len(jobs),
            of_lines=Counter(job.wanted.line for job in jobs),
            of_campaigns=Counter(job.campaign for job in jobs if job.campaign),
        )

    async def _call(self, running: _Running) -> None:
        job, work = running.job, running.work
        try:
            try:
                expected = await self._placing.begin(job.wanted)
            except (NoDoor, UnknownLine, Full) as error:
                self._tell(job, error)
                await work.release(job.claim, self._now() + timedelta(seconds=AFTER_FAILURE_S))
                return
            running.call_id = expected.call_id
            await work.renamed(job.claim, expected.call_id)
            result = await self._placing.carry_out(expected, job.wanted, running.watch)
            await self._settled(work, expected.call_id, result)
        except HistoryUnavailable as error:  # the claim runs out, and then its history decides
            log.error("outbound.history_unavailable", call_id=running.call_id, error=str(error))
        except Exception:
            log.exception("outbound.internal_error", call_id=running.call_id)
        finally:
            del self._running[job.claim]

    async def _settled(self, work: Work, call_id: str, result: Result) -> None:
        while True:
            with suppress(HistoryUnavailable):
                return await self._settle(work, call_id, result)
            await asyncio.sleep(SETTLE_S)

    async def _settle(self, work: Work, call_id: str, result: Result) -> None:
        if result.outcome == "opted_out":
            caller = (await self._timeline.get(call_id)).interaction.caller
            await self._opt_outs.add([caller], "spoken", self._now(), call_id)
        await work.settle(call_id, result, self._now())
        log.info("outbound.settled", call_id=call_id, outcome=result.outcome)

    def _tell(self, job: Job, error: Exception) -> None:
        if isinstance(error, NoDoor) and self._no_door_told:
            return
        self._no_door_told = self._no_door_told or isinstance(error, NoDoor)
        log.error("outbound.not_placed", line=job.wanted.line, error=str(error))
