"""Who sits where: the operators who are connected or may come back to their call, and whom each call finds there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from telephony.operators.call_side import CallSide, OperatorGone
from telephony.operators.presence import Presence
from telephony.operators.queue import Candidate
from telephony.operators.seats import Seat, SeatSocket


class Seating:
    """The desk's. now_ms: a clock that never goes back."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._seats: dict[str, Seat] = {}

    def __iter__(self) -> Iterator[Seat]:
        """As they are now, whoever leaves meanwhile."""
        return iter(list(self._seats.values()))

    def __len__(self) -> int:
        return len(self._seats)

    def __contains__(self, seat: object) -> bool:
        """Whether this very seat is still taken."""
        return isinstance(seat, Seat) and self._seats.get(seat.id) is seat

    def __getitem__(self, operator_id: str) -> Seat:
        return self._seats[operator_id]

    def find(self, operator_id: str) -> Seat | None:
        return self._seats.get(operator_id)

    def take(self, operator_id: str, name: str, queues: frozenset[str], socket: SeatSocket) -> Seat:
        """The operator's seat. A second connection of the same operator takes the seat, and the call, over."""
        seat = self._seats.get(operator_id)
        if seat is None:
            seat = self._seats[operator_id] = Seat(operator_id, name, queues, socket, idle_since_ms=self._now_ms())
        else:
            if seat.socket:
                seat.socket.close("replaced")
            seat.name, seat.queues, seat.socket, seat.lost_since_ms = name, queues, socket, None
        return seat

    def clear(self, seat: Seat) -> None:
        """Nobody sits there any more."""
        del self._seats[seat.id]

    def lose(self, seat: Seat) -> None:
        """The operator of a running call did not come back."""
        self.clear(seat)
        if seat.call:
            seat.call.from_desk(OperatorGone("lost"))

    # ------------------------------------------------------------------------------------------------- of all seats

    def tell_everybody(self, message: Mapping[str, Any]) -> None:
        for seat in self:
            seat.tell(message)

    def candidates(self) -> list[Candidate]:
        return [seat.candidate() for seat in self]

    def free(self) -> list[frozenset[str]]:
        """The queues of each operator who could take a call now; empty for all."""
        return [seat.queues for seat in self if seat.presence is Presence.AVAILABLE]

    def offered(self) -> set[str]:
        """The calls that ring somewhere."""
        return {seat.offer.call_id for seat in self if seat.offer}

    # -------------------------------------------------------------------------------------------------- of one call

    def tell(self, call_id: str, message: Mapping[str, Any]) -> None:
        """To the operator who talks to this call, or at whose seat it rings."""
        for seat in self:
            ringing = seat.offer is not None and seat.offer.shown and seat.rings_for(call_id)
            if seat.talks_to(call_id) or ringing:
                seat.tell({**message, "call_id": call_id})

    def name_at(self, call_id: str) -> str:
        """Who talks to this call or is being offered it; '' for nobody."""
        return next((seat.name for seat in self if seat.talks_to(call_id) or seat.rings_for(call_id)), "")

    def connected(self, call_id: str) -> None:
        """The call has joined both voices."""
        if seat := self.talking(call_id):
            seat.tell_connected()

    def talking(self, call_id: str) -> Seat | None:
        """Where the operator of this call sits."""
        return next((seat for seat in self if seat.talks_to(call_id)), None)

    def sound(self, call_id: str, pcm: bytes) -> None:
        """The caller's voice, PCM16 at 16 kHz."""
        for seat in self:
            if seat.talks_to(call_id) and seat.socket:
                seat.socket.sound(pcm)

    def monitored(self, call_id: str, mode: str, by: str) -> None:
        """A supervisor listens to this call, speaks in it, or does so no more ('')."""
        for seat in self:
            if seat.talks_to(call_id):
                seat.monitored = (mode, by)
                seat.tell_monitored()

    def end(self, call_id: str, reason: str) -> Iterator[tuple[Seat, CallSide]]:
        """The call is over for the operator who talked to it."""
        for seat in self:
            if seat.call and seat.talks_to(call_id):
                call, seat.call, seat.with_bot = seat.call, None, None
                seat.monitored, seat.ended = ("", ""), reason
                seat.tell({"type": "ended", "call_id": call_id, "reason": reason})
                yield seat, call
