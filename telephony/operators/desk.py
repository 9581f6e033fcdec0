"""The operators' desk: brings waiting callers and available operators together.

What decides is in `queue.py` and `presence.py`; here are the seats (one for each signed-in operator), the running
offers and their time-outs. Every offer is in the history before it is shown to anybody.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import structlog

from history import Entry, HistoryUnavailable, Journal, new_id
from telephony.operators import queue
from telephony.operators.presence import Presence, may_choose
from telephony.operators.queue import WaitingCall

log = structlog.get_logger()

OFFER_MS = 20_000
"""How long an offer rings before the operator counts as away and the next one is asked."""
RECONNECT_MS = 10_000
"""How long a caller waits for an operator whose connection broke during the call."""
TICK_S = 0.25


@dataclass(frozen=True)
class Placed:
    """The caller's place changed, or is to be announced again."""

    place: int


@dataclass(frozen=True)
class Accepted:
    operator_id: str
    operator_name: str


@dataclass(frozen=True)
class NobodyThere:
    reason: str


@dataclass(frozen=True)
class OperatorGone:
    """reason: 'hung_up' | 'lost'."""

    reason: str


DeskEvent = Placed | Accepted | NobodyThere | OperatorGone


class CallSide(Protocol):
    """What the desk needs of a call."""

    call_id: str

    def now_ms(self) -> int: ...
    def transcript(self) -> Sequence[Mapping[str, Any]]: ...
    def from_desk(self, event: DeskEvent) -> None: ...
    def from_operator(self, pcm: bytes) -> None: ...


class SeatSocket(Protocol):
    """An operator's connection; both methods queue and never block."""

    def tell(self, message: Mapping[str, Any]) -> None: ...
    def sound(self, pcm: bytes) -> None: ...
    def close(self, reason: str) -> None: ...


@dataclass
class Offer:
    id: str
    call_id: str
    operator_id: str
    expires_ms: int


@dataclass
class Seat:
    """An operator at work. socket None: the connection broke and may come back."""

    id: str
    name: str
    queues: frozenset[str]
    socket: SeatSocket | None
    presence: Presence = Presence.AWAY
    idle_since_ms: int = 0
    offer: Offer | None = None
    call: CallSide | None = None
    lost_since_ms: int | None = None
    told_waiting: tuple[tuple[str, int], ...] | None = None

    def tell(self, message: Mapping[str, Any]) -> None:
        if self.socket:
            self.socket.tell(message)


class Desk:
    """now_ms: a clock that never goes back; announce_every_ms: how often a waiting caller hears their place."""

    def __init__(self, journal: Journal, now_ms: Callable[[], int], announce_every_ms: int = 30_000) -> None:
        self._journal, self._now_ms, self._announce_every_ms = journal, now_ms, announce_every_ms
        self._seats: dict[str, Seat] = {}
        self._waiting: dict[str, WaitingCall] = {}
        self._calls: dict[str, CallSide] = {}
        self._announced: dict[str, tuple[int, int]] = {}
        self._changed = asyncio.Event()

    # ------------------------------------------------------------------------------------------------- for calls

    def enqueue(self, waiting: WaitingCall, call: CallSide) -> None:
        """The call waits from now on; it hears of its place, of an operator or of nobody through `from_desk`."""
        self._waiting[waiting.call_id] = waiting
        self._calls[waiting.call_id] = call
        self._change()

    def leave(self, call_id: str, reason: str) -> None:
        """The call is over, or waits no longer."""
        self._waiting.pop(call_id, None)
        self._calls.pop(call_id, None)
        self._announced.pop(call_id, None)
        for seat in self._seats.values():
            if seat.offer and seat.offer.call_id == call_id:
                self._withdraw(seat, "caller_left")
                seat.presence, seat.idle_since_ms = Presence.AVAILABLE, self._now_ms()
                self._tell_state(seat)
            if seat.call and seat.call.call_id == call_id:
                seat.tell({"type": "ended", "call_id": call_id, "reason": reason})
                self._wrap_up(seat)
        self._change()

    def sound_to_operator(self, call_id: str, pcm: bytes) -> None:
        """The caller's voice, PCM16 at 16 kHz."""
        for seat in self._seats.values():
            if seat.call and seat.call.call_id == call_id and seat.socket:
                seat.socket.sound(pcm)

    def tell_operator(self, call_id: str, message: Mapping[str, Any]) -> None:
        for seat in self._seats.values():
            if (seat.call and seat.call.call_id == call_id) or (seat.offer and seat.offer.call_id == call_id):
                seat.tell({**message, "call_id": call_id})

    def staffed(self, queue_name: str) -> bool:
        """Whether anybody who serves this queue is at work."""
        probe = WaitingCall("", queue_name, 0, self._now_ms(), 1, "", "", "", "")
        return not queue.hopeless(probe, self._candidates(), self._now_ms())

    def figures(self) -> dict[str, int]:
        return {"waiting": len(self._waiting), "operators": len(self._seats)}

    # --------------------------------------------------------------------------------------------- for operators

    def sit(self, operator_id: str, name: str, queues: frozenset[str], socket: SeatSocket) -> None:
        """An operator connected. A second connection of the same operator takes the seat, and the call, over."""
        seat = self._seats.get(operator_id)
        if seat is None:
            seat = self._seats[operator_id] = Seat(operator_id, name, queues, socket)
        else:
            if seat.socket:
                seat.socket.close("replaced")
            seat.name, seat.queues, seat.socket, seat.lost_since_ms = name, queues, socket, None
            seat.told_waiting = None
        seat.tell({"type": "welcome", "operator": {"id": seat.id, "name": seat.name, "queues": sorted(seat.queues)}})
        self._tell_state(seat)
        if seat.call:
            seat.tell({"type": "connected", "call_id": seat.call.call_id})
            for turn in seat.call.transcript():
                seat.tell({"type": "transcript", "call_id": seat.call.call_id, **turn, "is_final": True})
        self._change()

    def stand(self, operator_id: str, socket: SeatSocket) -> None:
        """An operator's connection is gone. A running call waits `RECONNECT_MS` for it to come back."""
        seat = self._seats.get(operator_id)
        if seat is None or seat.socket is not socket:
            return
        seat.socket = None
        if seat.call:
            seat.lost_since_ms = self._now_ms()
        else:
            self._withdraw(seat, "timed_out")
            del self._seats[operator_id]
        self._change()

    def choose(self, operator_id: str, wanted: Presence) -> None:
        """The operator clicked available, away or wrapped up."""
        seat = self._seats[operator_id]
        if not may_choose(seat.presence, wanted):
            seat.tell({"type": "error", "message": f"{wanted} is not possible while {seat.presence}"})
        else:
            seat.presence, seat.idle_since_ms = wanted, self._now_ms()
            self._change()
        self._tell_state(seat)

    async def answer(self, operator_id: str, offer_id: str, accept: bool) -> None:
        """The operator accepted or declined an offer."""
        seat = self._seats[operator_id]
        offer = seat.offer
        if offer is None or offer.id != offer_id or offer.call_id not in self._calls:
            seat.tell({"type": "offer_gone", "offer": offer_id, "why": "taken"})
            return
        seat.offer = None
        call = self._calls[offer.call_id]
        if not accept:
            self._waiting[offer.call_id] = replace(
                self._waiting[offer.call_id], declined_by=self._waiting[offer.call_id].declined_by | {operator_id}
            )
            seat.presence, seat.idle_since_ms = Presence.AVAILABLE, self._now_ms()
            seat.tell({"type": "offer_gone", "offer": offer_id, "why": "declined"})
            self._tell_state(seat)
            await self._record(call, "offer.declined", operator_id, offer_id)
            self._change()
            return
        self._waiting.pop(offer.call_id, None)
        self._announced.pop(offer.call_id, None)
        seat.presence, seat.call = Presence.ON_CALL, call
        await self._record(call, "offer.accepted", operator_id, offer_id)
        self._tell_state(seat)
        call.from_desk(Accepted(seat.id, seat.name))
        self._change()

    def connected(self, call_id: str) -> None:
        """The call has joined both voices."""
        self.tell_operator(call_id, {"type": "connected"})

    def sound_from_operator(self, operator_id: str, pcm: bytes) -> None:
        seat = self._seats.get(operator_id)
        if seat and seat.call:
            seat.call.from_operator(pcm)

    def hang_up(self, operator_id: str) -> None:
        seat = self._seats[operator_id]
        if seat.call:
            seat.call.from_desk(OperatorGone("hung_up"))

    # ------------------------------------------------------------------------------------------------------ inside

    async def run(self) -> None:
        """Make offers and watch time-outs until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), TICK_S)
            self._changed.clear()
            try:
                await self._look()
            except HistoryUnavailable as error:
                log.error("desk.history_unavailable", error=str(error))
                await asyncio.sleep(1)

    async def _look(self) -> None:
        now_ms = self._now_ms()
        for seat in list(self._seats.values()):
            if seat.offer and now_ms >= seat.offer.expires_ms:
                await self._time_out(seat)
            if seat.lost_since_ms is not None and now_ms - seat.lost_since_ms >= RECONNECT_MS:
                del self._seats[seat.id]
                if seat.call:
                    seat.call.from_desk(OperatorGone("lost"))
        offered = {seat.offer.call_id for seat in self._seats.values() if seat.offer}
        for waiting in list(self._waiting.values()):
            why = "" if waiting.call_id in offered else queue.hopeless(waiting, self._candidates(), now_ms)
            if why:
                call = self._calls[waiting.call_id]
                self.leave(waiting.call_id, why)
                call.from_desk(NobodyThere(why))
        free = [waiting for waiting in self._waiting.values() if waiting.call_id not in offered]
        for waiting, operator_id in queue.next_offers(free, self._candidates()):
            await self._offer(waiting, self._seats[operator_id])
        self._announce(now_ms)
        self._tell_waiting()

    async def _offer(self, waiting: WaitingCall, seat: Seat) -> None:
        call = self._calls.get(waiting.call_id)
        if call is None:
            return
        offer = Offer(new_id(), waiting.call_id, seat.id, self._now_ms() + OFFER_MS)
        seat.presence, seat.offer = Presence.OFFERED, offer
        await self._record(call, "offer.made", seat.id, offer.id)
        if seat.offer is not offer:
            return
        self._tell_state(seat)
        seat.tell(
            {
                "type": "offer",
                "offer": offer.id,
                "call_id": waiting.call_id,
                "queue": waiting.queue,
                "line": waiting.line,
                "caller": waiting.caller,
                "language": waiting.language,
                "reason": waiting.reason,
                "slots": dict(waiting.slots),
                "transcript": list(call.transcript()),
                "expires_in_ms": OFFER_MS,
            }
        )

    async def _time_out(self, seat: Seat) -> None:
        offer, seat.offer = seat.offer, None
        seat.presence = Presence.AWAY
        if offer:
            seat.tell({"type": "offer_gone", "offer": offer.id, "why": "timed_out"})
            if call := self._calls.get(offer.call_id):
                await self._record(call, "offer.timed_out", seat.id, offer.id)
        self._tell_state(seat)

    def _withdraw(self, seat: Seat, why: str) -> None:
        if seat.offer:
            seat.tell({"type": "offer_gone", "offer": seat.offer.id, "why": why})
            seat.offer = None

    def _wrap_up(self, seat: Seat) -> None:
        seat.call, seat.presence, seat.idle_since_ms = None, Presence.WRAP_UP, self._now_ms()
        if seat.socket is None:
            self._seats.pop(seat.id, None)
        self._tell_state(seat)

    def _announce(self, now_ms: int) -> None:
        for waiting in self._waiting.values():
            place = queue.place(self._waiting.values(), waiting.call_id)
            last_place, last_ms = self._announced.get(waiting.call_id, (0, 0))
            if place != last_place or now_ms - last_ms >= self._announce_every_ms:
                self._announced[waiting.call_id] = (place, now_ms)
                self._calls[waiting.call_id].from_desk(Placed(place))

    def _tell_waiting(self) -> None:
        """Show each operator the callers of their queues, whenever that list changed."""
        everybody = queue.in_order(self._waiting.values())
        now_ms = self._now_ms()
        for seat in self._seats.values():
            candidate = _candidate(seat)
            places = [
                (call, queue.place(everybody, call.call_id)) for call in everybody if candidate.serves(call.queue)
            ]
            shown = tuple((call.call_id, place) for call, place in places)
            if shown != seat.told_waiting:
                seat.told_waiting = shown
                seat.tell({"type": "waiting", "calls": [_shown(call, place, now_ms) for call, place in places]})

    def _candidates(self) -> list[queue.Candidate]:
        return [_candidate(seat) for seat in self._seats.values()]

    def _tell_state(self, seat: Seat) -> None:
        seat.tell({"type": "state", "state": str(seat.presence)})

    async def _record(self, call: CallSide, kind: str, operator_id: str, offer_id: str) -> None:
        payload = {"operator": operator_id, "offer": offer_id}
        await self._journal.append(call.call_id, [Entry(kind, payload, call.now_ms(), actor=operator_id)])

    def _change(self) -> None:
        self._changed.set()


def _candidate(seat: Seat) -> queue.Candidate:
    return queue.Candidate(seat.id, seat.queues, seat.presence, seat.idle_since_ms)


def _shown(waiting: WaitingCall, place: int, now_ms: int) -> dict[str, Any]:
    return {
        "call_id": waiting.call_id,
        "queue": waiting.queue,
        "place": place,
        "since_ms_ago": now_ms - waiting.since_ms,
        "line": waiting.line,
        "caller": waiting.caller,
        "language": waiting.language,
        "reason": waiting.reason,
    }
