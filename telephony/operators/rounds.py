"""The round that looks after everybody: offers that ran out, operators who are gone, callers who wait in vain, who is
next."""

from __future__ import annotations

from collections.abc import Callable

from history import HistoryUnavailable
from telephony.operators import queue
from telephony.operators.call_side import NobodyThere
from telephony.operators.expected_wait import AnswerTimes
from telephony.operators.offers import Offers
from telephony.operators.presence import Presence
from telephony.operators.queue import WaitingCall
from telephony.operators.seating import Seating
from telephony.operators.seats import Seat
from telephony.operators.waiting_line import WaitingLine

RECONNECT_MS = 10_000
"""How long a caller waits for an operator whose connection broke during the call, and the work behind one does."""


class Rounds:
    """The desk's. leave: a call waits no longer, for a reason. lose: an operator did not come back."""

    def __init__(
        self,
        line: WaitingLine,
        seats: Seating,
        offers: Offers,
        answers: AnswerTimes,
        now_ms: Callable[[], int],
        leave: Callable[[str, str], None],
        lose: Callable[[Seat], None],
    ) -> None:
        self._line, self._seats, self._offers, self._answers = line, seats, offers, answers
        self._now_ms, self._leave, self._lose = now_ms, leave, lose

    async def look(self) -> None:
        """Raises HistoryUnavailable."""
        for seat in self._seats:
            seat.look_at_recording()
            if seat.offer and self._now_ms() >= seat.offer.expires_ms:
                self._line.not_taken(seat.offer.call_id)
                await self._offers.time_out(seat, seat.offer)
            gone_ms = 0 if seat.lost_since_ms is None else self._now_ms() - seat.lost_since_ms
            if gone_ms >= RECONNECT_MS and seat in self._seats:
                self._lose(seat)
        self._send_away_the_hopeless()
        self._line.tell_not_taken(self._now_ms())
        await self._make_offers()
        await self._offers.record_revoked()
        self._line.announce(self._now_ms(), self._wait_ms)
        for seat in self._seats:
            seat.show_waiting(self._line.in_order(), self._now_ms())

    def unoffered(self) -> list[WaitingCall]:
        """The callers whom nobody is being offered, the next one first."""
        return self._line.in_order(without=self._seats.offered())

    def _send_away_the_hopeless(self) -> None:
        for waiting in self.unoffered():
            joined = self._line.has_joined(waiting.call_id)
            why = queue.hopeless(waiting, self._seats.candidates(), self._now_ms(), joined)
            found = self._line.find(waiting.call_id) if why else None
            if found:
                self._leave(waiting.call_id, why)
                found[1].from_desk(NobodyThere(why))

    def _wait_ms(self, waiting: WaitingCall, place: int, foremost_entered_ms: int) -> int | None:
        return self._answers.expected_wait_ms(waiting.queue, place, foremost_entered_ms, self._now_ms())

    async def _make_offers(self) -> None:
        failed: HistoryUnavailable | None = None
        for waiting, operator_id in queue.next_offers(self.unoffered(), self._seats.candidates()):
            seat, found = self._seats.find(operator_id), self._line.find(waiting.call_id)
            # Neither left, nor was the call moved, during the offer before.
            still = found is not None and found[0] == waiting and waiting.call_id not in self._seats.offered()
            if seat and found and still and seat.presence is Presence.AVAILABLE:
                try:
                    await self._offers.make(seat, *found)
                except HistoryUnavailable as error:  # of a promised call-back; who waits on the line is offered
                    failed = error
        if failed:
            raise failed
