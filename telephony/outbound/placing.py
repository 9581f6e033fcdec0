"""One call of ours, from the dialling to its end: rung through the call control, its result read from its history."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from history import Entry, Gap, HistoryUnavailable, Journal, StoredEvent, Subscription, Timeline
from telephony.control.contract import ControlFailed, Order
from telephony.control.legs import Outcome
from telephony.expected import Expected
from telephony.occasion import Occasion
from telephony.outbound import outcomes
from telephony.outbound.results import Result, result_of
from telephony.reception import Reception

log = structlog.get_logger()

LONGEST_S = 65 * 60.0
"""A call lasts an hour at most; its end is in the history soon after."""

Watch = Callable[[StoredEvent], None]

_UNANSWERED: Mapping[Outcome, outcomes.Outcome] = {
    Outcome.BUSY: "busy",
    Outcome.NO_ANSWER: "no_answer",
    Outcome.DECLINED: "rejected",
    Outcome.FAILED: "failed",
}
_NO_SUCH_NUMBER = ("404", "484", "604", "unallocated", "invalid number")
"""In what a phone system says of a call that failed: SIP's 404, 484 and 604, Q.850's first cause."""


@dataclass(frozen=True)
class Wanted:
    """line: whose voice and flowbook speak; shown: the caller id."""

    number: str
    line: str
    shown: str
    ring_s: int
    occasion: Occasion


class NoDoor(RuntimeError):
    """No phone system that is set up here can dial."""


class Placing:
    """Places calls; how many, and whom, others decide. doors: through which, the best first; else any that can."""

    def __init__(self, reception: Reception, journal: Journal, timeline: Timeline, doors: tuple[str, ...] = ()) -> None:
        self._reception, self._journal, self._timeline, self._doors = reception, journal, timeline, doors

    async def begin(self, wanted: Wanted) -> Expected:
        """The call is in the history and will be rung. Raises NoDoor, UnknownLine, Full and HistoryUnavailable."""
        door = self._reception.controls.dialling_door(*self._doors)
        if not door:
            raise NoDoor("no door can dial: set up [doors.sip], [doors.ari] or a carrier's call control")
        occasion = wanted.occasion
        return await self._reception.expect_outgoing(
            wanted.line, wanted.number, door, occasion.about, occasion=occasion
        )

    async def carry_out(self, expected: Expected, wanted: Wanted, watch: Watch) -> Result:
        """Ring, and wait for the end. Raises HistoryUnavailable. watch: told each event, some twice."""
        with self._journal.subscribe(expected.call_id) as subscription:
            if await self._answered(expected, wanted):
                async with asyncio.timeout(LONGEST_S):
                    await self._to_the_end(expected.call_id, subscription, watch)
        return result_of(await self._timeline.events(expected.call_id))

    async def _answered(self, expected: Expected, wanted: Wanted) -> bool:
        try:
            leg = await self._reception.controls.dial(expected, Order(wanted.number, wanted.shown, wanted.ring_s))
        except ControlFailed as error:
            await self._unanswered(expected, Outcome.FAILED, str(error))
            return False
        try:
            outcome = await leg.outcome()
        except asyncio.CancelledError:
            await leg.cancel("the server stops")
            await self._reception.give_up(expected, "server_stopped")
            raise
        if outcome is not Outcome.ANSWERED:
            await self._unanswered(expected, outcome, leg.detail)
        return outcome is Outcome.ANSWERED

    async def _unanswered(self, expected: Expected, told: Outcome, detail: str) -> None:
        outcome = _UNANSWERED[told]
        if told is Outcome.FAILED and any(word in detail.lower() for word in _NO_SUCH_NUMBER):
            outcome = "bad_number"
        log.info("outbound.unanswered", call_id=expected.call_id, outcome=outcome)
        said = {"outcome": outcome, "detail": detail[:300]}
        await self._journal.append(expected.call_id, [Entry("call.unanswered", said, 0)])
        await self._reception.give_up(expected, outcome, outcome=outcome)

    async def _to_the_end(self, call_id: str, subscription: Subscription, watch: Watch) -> None:
        if self._over(await self._timeline.events(call_id), watch):  # what was before the subscription is read
            return
        async for event in subscription:
            events = await self._timeline.events(call_id) if isinstance(event, Gap) else [event]
            if self._over(events, watch):
                return
        raise HistoryUnavailable("the history was closed while a call of ours was going on")

    def _over(self, events: list[StoredEvent], watch: Watch) -> bool:
        for event in events:
            watch(event)
        return any(event.type == "call.ended" for event in events)
