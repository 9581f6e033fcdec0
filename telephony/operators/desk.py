"""The operators' desk: brings waiting callers and available operators together.

What decides is in `queue.py` and `presence.py`; the callers are in `waiting_line.py`, the operators in `seating.py`,
what rings at whom in `offers.py`; the round that looks after all of them is in `rounds.py`. Here is what calls and
operators can do.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from history import HistoryUnavailable, Journal
from telephony.operators import queue
from telephony.operators.call_side import (
    Accepted,
    CallSide,
    DeskEvent,
    Dialled,
    Dismissed,
    Invited,
    NobodyThere,
    NotTaken,
    OperatorGone,
    Parked,
    Placed,
)
from telephony.operators.expected_wait import AnswerTimes
from telephony.operators.kept_places import KeptPlaces
from telephony.operators.offers import Offers
from telephony.operators.presence import Presence, may_choose
from telephony.operators.queue import WaitingCall
from telephony.operators.rounds import Rounds
from telephony.operators.seating import Seating
from telephony.operators.seats import OFFER_MS, Offer, Seat, SeatSocket
from telephony.operators.waiting_line import WaitingLine

__all__ = [
    "Accepted", "CallSide", "Desk", "DeskEvent", "Dialled", "Dismissed", "Invited", "NobodyThere", "NotTaken",
    "OperatorGone", "Parked", "Placed", "SeatSocket",
]  # fmt: skip

log = structlog.get_logger()

TICK_S = 0.25
AFTER_FAILURE_S = 1.0


class Desk:
    """now_ms: a clock that never goes back; announce_every_ms: how often a waiting caller hears their place."""

    def __init__(self, journal: Journal, now_ms: Callable[[], int], announce_every_ms: int = 30_000) -> None:
        self._now_ms = now_ms
        self._seats = Seating(now_ms)
        self._answers = AnswerTimes()
        self._line = WaitingLine(announce_every_ms)
        self._offers = Offers(journal, now_ms)
        self._rounds = Rounds(self._line, self._seats, self._offers, self._answers, now_ms, self.leave)
        self._changed = asyncio.Event()
        self.kept_places = KeptPlaces(
            self._line, journal, now_ms, self.tell_operator, self._stop_ringing, self.leave, self._changed.set
        )
        self.destinations: Mapping[str, str] = {}
        """Whom operators may ask to join a call: their titles by their names in the settings."""

    # ------------------------------------------------------------------------------------------------- for calls

    def enqueue(self, waiting: WaitingCall, call: CallSide) -> None:
        """The call waits from now on; it hears of its place, of an operator or of nobody through `from_desk`."""
        if queue.is_full(waiting, self._line.in_order()):
            call.from_desk(NobodyThere("full"))
            return
        self._line.add(waiting, call)
        self._changed.set()

    def place_of(self, call_id: str) -> tuple[int, WaitingCall] | None:
        """Where a call waits (1 = next of its queue), None when it does not."""
        everybody = self._line.in_order()
        found = self._line.find(call_id)
        return (queue.place(everybody, call_id), found[0]) if found else None

    def leave(self, call_id: str, reason: str) -> None:
        """The call is over, or waits no longer."""
        self._line.remove(call_id)
        self._stop_ringing(call_id)
        self._seats.wrap_up(call_id, reason)
        self._changed.set()

    def connected(self, call_id: str) -> None:
        """The call has joined both voices."""
        self._seats.connected(call_id)

    def sound_to_operator(self, call_id: str, pcm: bytes) -> None:
        """The caller's voice, PCM16 at 16 kHz."""
        self._seats.sound(call_id, pcm)

    def tell_operator(self, call_id: str, message: Mapping[str, Any]) -> None:
        """To the operator who talks to this call, or at whose seat it rings."""
        self._seats.tell(call_id, message)

    def server_stops(self, within_s: float) -> None:
        """Operators hear that no further calls come, and how long running ones may last."""
        self._seats.tell_everybody({"type": "draining", "within_s": within_s})

    def free_operators(self) -> list[frozenset[str]]:
        """The queues of each operator who could take a call now; empty for all."""
        return self._seats.free()

    def in_line(self) -> list[tuple[str, int]]:
        """(queue, ms waited) of the callers who wait and whom nobody is being offered."""
        now_ms = self._now_ms()
        return [(waiting.queue, now_ms - waiting.since_ms) for waiting in self._rounds.unoffered()]

    def figures(self) -> dict[str, int]:
        talking = sum(seat.call is not None for seat in self._seats)
        promised = len(list(self.kept_places))
        waiting = len(self._line) - promised
        return {"waiting": waiting, "promised": promised, "operators": len(self._seats), "talking": talking}

    # --------------------------------------------------------------------------------------------- for operators

    def sit(
        self,
        operator_id: str,
        name: str,
        queues: frozenset[str],
        socket: SeatSocket,
        offer_ms: int = OFFER_MS,
        calls_back: bool = True,
    ) -> None:
        """An operator connected. A second connection of the same operator takes the seat, and the call, over.

        offer_ms: how long an offer may ring there. calls_back: whether people to be called back are offered there.
        """
        seat = self._seats.take(operator_id, name, queues, socket)
        seat.offer_ms, seat.calls_back = offer_ms, calls_back
        seat.welcome(self._now_ms())
        if self.destinations:
            seat.tell({"type": "destinations", "titles": dict(self.destinations)})
        self._changed.set()

    def stand(self, operator_id: str, socket: SeatSocket) -> None:
        """An operator's connection is gone. A running call waits for it to come back, see `rounds.py`."""
        seat = self._seats.find(operator_id)
        if seat is None or seat.socket is not socket:
            return
        seat.socket = None
        if seat.call:
            seat.lost_since_ms = self._now_ms()
        else:
            if seat.offer:
                self._line.not_taken(seat.offer.call_id)
            self._offers.revoke(seat, "timed_out")
            self._seats.clear(seat)
        self._changed.set()

    def is_taken(self, operator_id: str) -> bool:
        return self._seats.find(operator_id) is not None

    def lose(self, operator_id: str) -> None:
        """The connection of an operator who talks broke, and will not come back."""
        if (seat := self._seats.find(operator_id)) and seat.call:
            self._seats.lose(seat)
            self._changed.set()

    def choose(self, operator_id: str, wanted: Presence) -> None:
        """The operator clicked available, away or wrapped up."""
        seat = self._seats[operator_id]
        if may_choose(seat.presence, wanted):
            seat.become(wanted, self._now_ms())
            self._changed.set()
        else:
            seat.tell({"type": "error", "message": f"{wanted} is not possible while {seat.presence}"})
        seat.tell_state()

    async def answer(self, operator_id: str, offer_id: str, accept: bool) -> None:
        """The operator accepted or declined an offer. Of several who try, the one whose seat it rings at gets it."""
        seat = self._seats[operator_id]
        if seat.offer is None or not seat.offer.shown or seat.offer.id != offer_id:
            seat.tell({"type": "offer_gone", "offer": offer_id, "why": "taken"})
            return
        try:
            if accept:
                await self._accept(seat, seat.offer)
            else:
                self._line.declined(seat.offer.call_id, seat.id)
                self._line.not_taken(seat.offer.call_id)
                await self._offers.decline(seat, seat.offer)
        except HistoryUnavailable as error:
            log.error("desk.history_unavailable", error=str(error))
            seat.tell({"type": "error", "message": "the history cannot be written; try again"})
        self._changed.set()

    async def unanswered(self, operator_id: str, offer_id: str) -> None:
        """An offer came to nothing: as if its time had run out. Raises HistoryUnavailable."""
        seat = self._seats.find(operator_id)
        if seat and seat.offer and seat.offer.id == offer_id:
            self._line.not_taken(seat.offer.call_id)
            await self._offers.time_out(seat, seat.offer)
            self._changed.set()

    def sound_from_operator(self, operator_id: str, pcm: bytes) -> None:
        """The operator's microphone, PCM16 at 16 kHz."""
        seat = self._seats.find(operator_id)
        if seat and seat.call:
            seat.call.from_operator(pcm)

    async def record(self, operator_id: str, wanted: str) -> None:
        """wanted: 'pause' or 'resume' what is recorded and written down of the operator's call."""
        seat = self._seats[operator_id]
        if seat.call is None:
            return
        try:
            await seat.call.operator_wants(wanted, operator_id)
        except HistoryUnavailable as error:
            log.error("desk.history_unavailable", error=str(error))
            seat.tell({"type": "error", "message": "the history cannot be written; try again"})
        seat.tell_recording()

    def ask(self, operator_id: str, wish: Invited | Dismissed | Parked | Dialled) -> None:
        """Something that the operator wants done in the call that they talk in."""
        seat = self._seats[operator_id]
        if seat.call:
            seat.call.from_desk(wish)

    def hang_up(self, operator_id: str) -> None:
        seat = self._seats[operator_id]
        if seat.call:
            seat.call.from_desk(OperatorGone("hung_up"))

    # ------------------------------------------------------------------------------------------------------ rounds

    async def run(self) -> None:
        """Make offers and watch time-outs until cancelled; whatever fails, callers and operators are not left alone."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), TICK_S)
            try:
                await self.look()
            except HistoryUnavailable as error:
                log.error("desk.history_unavailable", error=str(error))
                await asyncio.sleep(AFTER_FAILURE_S)
            except Exception:
                log.exception("desk.internal_error")
                await asyncio.sleep(AFTER_FAILURE_S)

    async def look(self) -> None:
        """One round: time-outs, callers for whom waiting is hopeless, new offers, places. Raises HistoryUnavailable."""
        self._changed.clear()
        await self._rounds.look()

    async def _accept(self, seat: Seat, offer: Offer) -> None:
        self._line.remove(offer.call_id)
        try:
            await self._offers.accept(seat, offer)
        finally:
            if seat.offer is offer:
                self._line.add(offer.waiting, offer.call)
            else:
                self._answers.answered(offer.waiting.queue, offer.waiting.since_ms, self._now_ms())

    def _stop_ringing(self, call_id: str) -> None:
        for seat in self._seats:
            if seat.rings_for(call_id):
                self._offers.revoke(seat, "caller_left")
                seat.become(Presence.AVAILABLE, self._now_ms())
                seat.tell_state()
