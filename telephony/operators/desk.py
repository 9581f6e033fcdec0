"""The operators' desk: brings waiting callers and available operators together.

What decides is in `queue.py` and `presence.py`; the callers are in `waiting_line.py`, the operators in `seating.py`,
what rings at whom in `offers.py`; the round that looks after all of them is in `rounds.py`. Here is what calls and
operators can do.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import structlog

from history import HistoryUnavailable
from telephony.late_writing import Appends
from telephony.operators import queue
from telephony.operators.call_side import (
    Accepted,
    CallSide,
    DeskEvent,
    Moved,
    NobodyThere,
    NotTaken,
    OperatorGone,
    Placed,
    SayArticle,
    ToBot,
    Wish,
)
from telephony.operators.desk_now import DeskNow, desk_now
from telephony.operators.expected_wait import AnswerTimes
from telephony.operators.forcing import Forcing
from telephony.operators.kept_places import KeptPlaces
from telephony.operators.moving import Moving
from telephony.operators.offers import Offers
from telephony.operators.presence import Presence, may_choose
from telephony.operators.queue import WaitingCall
from telephony.operators.refusing import not_said, refused
from telephony.operators.rounds import Rounds
from telephony.operators.seating import Seating
from telephony.operators.seats import OFFER_MS, Forced, Offer, Seat, SeatSocket
from telephony.operators.waiting_line import WaitingLine
from telephony.operators.wrap_up import USUAL, WrapUpSettings
from telephony.operators.wrapping_up import WrappingUp

__all__ = [
    "Accepted", "CallSide", "Desk", "DeskEvent", "Moved", "NobodyThere",
    "NotTaken", "OperatorGone", "Placed", "SeatSocket", "ToBot",
]  # fmt: skip

log = structlog.get_logger()

TICK_S = 0.25
AFTER_FAILURE_S = 1.0


class Desk:
    """now_ms: a clock that never goes back; announce_every_ms: how often a waiting caller hears their place.
    wrap_up: what operators say of a call behind it."""

    def __init__(
        self,
        journal: Appends,
        now_ms: Callable[[], int],
        announce_every_ms: int = 30_000,
        wrap_up: WrapUpSettings = USUAL,
    ) -> None:
        self._now_ms = now_ms
        self._seats = Seating(now_ms)
        self._answers = AnswerTimes()
        self._line = WaitingLine(announce_every_ms)
        self._offers = Offers(journal, now_ms)
        self._wrapping_up = WrappingUp(journal, now_ms, wrap_up)
        self._rounds = Rounds(self._line, self._seats, self._offers, self._answers, now_ms, self.leave, self._lose)
        self._forcing = Forcing(self._seats, self._line, self._offers, self._wrapping_up, now_ms)
        self._changed = asyncio.Event()
        self._stops_ms: int | None = None
        """When the server does, on the desk's clock."""
        self.kept_places = KeptPlaces(
            self._line, journal, now_ms, self.tell_operator, self._stop_ringing, self.leave, self._changed.set
        )
        self.moving = Moving(self._line, self._seats, self._offers, journal, now_ms, self._changed.set)
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
        for seat, call in self._seats.end(call_id, reason):
            self._wrapping_up.begin(seat, call)
        self._changed.set()

    def connected(self, call_id: str) -> None:
        """The call has joined both voices."""
        self._seats.connected(call_id)

    def goes_to_bot(self, call_id: str, flow: str) -> None:
        """The bot has the call; its operator waits for it."""
        if seat := self._seats.talking(call_id):
            seat.with_bot = flow
            seat.tell_connected()

    def is_waited_for(self, call_id: str) -> bool:
        """Whether the operator who gave it to the bot is there to have it again."""
        seat = self._seats.talking(call_id)
        return seat is not None and seat.with_bot is not None and seat.socket is not None

    def comes_back(self, call_id: str, handed: Mapping[str, Any]) -> None:
        """The operator who waits has the call again. handed: what a hand-off tells about it: queue, reason, slots."""
        if seat := self._seats.talking(call_id):
            seat.with_bot = None
            if seat.about:
                seat.about = replace(seat.about, **handed)
            seat.tell({"type": "returned", "call_id": call_id, **handed})

    def sound_to_operator(self, call_id: str, pcm: bytes) -> None:
        """The caller's voice, PCM16 at 16 kHz."""
        self._seats.sound(call_id, pcm)

    def tell_operator(self, call_id: str, message: Mapping[str, Any]) -> None:
        """To the operator who talks to this call, or at whose seat it rings."""
        self._seats.tell(call_id, message)

    def tell_monitored(self, call_id: str, mode: str, by: str) -> None:
        """The operator hears that a supervisor listens to their call. mode: 'listen' | 'whisper' | 'barge' | ''."""
        self._seats.monitored(call_id, mode, by)

    def server_stops(self, within_s: float) -> None:
        """Operators hear that no further calls come, and how long running ones may last."""
        self._stops_ms = self._now_ms() + int(within_s * 1000)
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

    def now(self) -> DeskNow:
        """Who waits, and what everybody does."""
        return desk_now(self._line.in_order(), self._seats)

    # --------------------------------------------------------------------------------------------- for operators

    def sit(
        self,
        operator_id: str,
        name: str,
        queues: frozenset[str],
        socket: SeatSocket,
        skills: frozenset[str] = frozenset(),
        offer_ms: int = OFFER_MS,
        calls_back: bool = True,
        wrap_up_ms: int | None = None,
    ) -> None:
        """An operator connected. A second connection of the same operator takes the seat, and the call, over.

        skills: what calls may ask for. offer_ms: how long an offer may ring there. calls_back: whether people to be
        called back are offered there. wrap_up_ms: how long the work behind a call may take there, None: as the
        settings say.
        """
        seat = self._seats.take(operator_id, name, queues, socket)
        seat.skills, seat.offer_ms, seat.calls_back, seat.wrap_up_ms = skills, offer_ms, calls_back, wrap_up_ms
        if self._stops_ms is not None:  # first, so that it covers nothing that a running call has to say
            seat.tell({"type": "draining", "within_s": max(0, self._stops_ms - self._now_ms()) / 1000})
        seat.welcome(self._now_ms())
        self._wrapping_up.show(seat, again=True)
        if self.destinations:
            seat.tell({"type": "destinations", "titles": dict(self.destinations)})
        self._changed.set()

    def stand(self, operator_id: str, socket: SeatSocket) -> None:
        """An operator's connection is gone. A running call, and the work behind one, wait for it to come back, see
        `rounds.py`."""
        seat = self._seats.find(operator_id)
        if seat is None or seat.socket is not socket:
            return
        seat.socket = None
        if seat.call or seat.wraps_up:
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
            self._lose(seat)
            self._changed.set()

    def choose(self, operator_id: str, wanted: Presence, why: str = "") -> None:
        """The operator clicked available, away or wrapped up. why: what they are away for, in words."""
        seat = self._seats[operator_id]
        if may_choose(seat.presence, wanted):
            if wanted is not seat.presence:
                self._wrapping_up.over(seat)
            seat.become(wanted, self._now_ms(), why)
            self._changed.set()
        else:
            seat.tell({"type": "error", "message": f"{wanted} is not possible while {seat.presence}"})
        seat.tell_state()

    def force(self, operator_id: str, forced: Forced) -> bool:
        """A supervisor changes an operator's state. False: they are in a call, it changes when that and the work behind
        it are over. Raises NobodySits and CannotForce."""
        now = self._forcing.force(operator_id, forced)
        self._changed.set()
        return now

    def wrap_up(self, operator_id: str, code: str, note: str, then: Presence | None) -> None:
        """What the operator says of the call that is over. then: with what they go on, None: they are not done yet."""
        if self._wrapping_up.put(self._seats[operator_id], code, note) and then:
            self.choose(operator_id, then)

    def more_time(self, operator_id: str) -> None:
        """The operator needs longer for it, once."""
        self._wrapping_up.more_time(self._seats[operator_id])

    async def answer(self, operator_id: str, offer_id: str, accept: bool) -> None:
        """The operator accepted or declined an offer. Of several who try, the one whose seat it rings at gets it; the
        others are told who that is."""
        seat = self._seats[operator_id]
        if seat.offer is None or not seat.offer.shown or seat.offer.id != offer_id:
            call_id, why = self._offers.came_to(offer_id)
            by = self._seats.name_at(call_id)
            seat.tell({"type": "offer_gone", "offer": offer_id, **({"why": "taken", "by": by} if by else {"why": why})})
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

    def mute(self, operator_id: str, muted: bool) -> None:
        """The operator's page sends silence, or their voice again."""
        seat = self._seats[operator_id]
        seat.muted = muted and seat.call is not None

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

    def ask(self, operator_id: str, wish: Wish) -> None:
        """Something that the operator wants done in the call that they talk in."""
        seat = self._seats[operator_id]
        if isinstance(wish, SayArticle) and not _hears_the_bot(seat):
            seat.tell(not_said(wish.article, "not_talking"))
        elif seat.with_bot is not None:
            seat.tell({"type": "error", "message": "the bot has the call; wait until it comes back"})
        elif seat.call:
            seat.call.from_desk(wish)

    def give_to_bot(self, operator_id: str, flow: str) -> None:
        """The operator gives the call back to the bot, at this flow. What is refused is told, and changes nothing."""
        seat = self._seats[operator_id]
        if seat.call is None or not _hears_the_bot(seat):
            seat.tell(refused(flow, "not_talking"))
        elif self._stops_ms is not None:
            seat.tell(refused(flow, "server_stops"))
        else:
            seat.call.from_desk(ToBot(flow, operator_id))

    def let_go(self, operator_id: str) -> None:
        """The operator waits no longer for the call that they gave to the bot."""
        seat = self._seats[operator_id]
        if seat.call and seat.with_bot is not None:
            seat.call.from_desk(OperatorGone("let_go"))

    def hang_up(self, operator_id: str) -> None:
        """While the bot has the call, it keeps it."""
        seat = self._seats[operator_id]
        if seat.with_bot is not None:
            self.let_go(operator_id)
        elif seat.call:
            seat.call.from_desk(OperatorGone("hung_up"))

    # ------------------------------------------------------------------------------------------------------ rounds

    async def run(self) -> None:
        """Make offers and watch time-outs until cancelled; whatever fails, callers and operators are not left alone."""
        try:
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
        finally:
            await self._close_work()

    async def _close_work(self) -> None:
        """The server stops: what operators wrote so far is kept."""
        for seat in self._seats:
            self._wrapping_up.over(seat)
        try:
            await self._wrapping_up.record()
        except HistoryUnavailable as error:
            log.error("desk.history_unavailable", error=str(error))

    async def look(self) -> None:
        """One round: time-outs, callers for whom waiting is hopeless, new offers, places. Raises HistoryUnavailable."""
        self._changed.clear()
        self._wrapping_up.look(self._seats)
        self._forcing.look()
        await self._rounds.look()
        await self._wrapping_up.record()

    def _lose(self, seat: Seat) -> None:
        self._wrapping_up.over(seat)
        self._seats.lose(seat)

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


def _hears_the_bot(seat: Seat) -> bool:
    """Whether the operator talks in a call that has a bot."""
    return seat.call is not None and seat.call.bot_flows is not None and seat.with_bot is None
