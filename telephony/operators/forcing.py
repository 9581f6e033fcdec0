"""Supervisors change what operators do: at once, and for who is in a call when that and the work behind it are over."""

from __future__ import annotations

from collections.abc import Callable

from telephony.operators.offers import Offers
from telephony.operators.presence import Presence
from telephony.operators.seating import Seating
from telephony.operators.seats import Forced, Seat
from telephony.operators.waiting_line import WaitingLine
from telephony.operators.wrapping_up import WrappingUp


class NobodySits(KeyError):
    """No operator with this id is at work."""


class CannotForce(ValueError):
    """The message says why, and what can be done instead."""


class Forcing:
    """The desk's. now_ms: its clock."""

    def __init__(
        self, seats: Seating, line: WaitingLine, offers: Offers, wrapping_up: WrappingUp, now_ms: Callable[[], int]
    ) -> None:
        self._seats, self._line, self._offers = seats, line, offers
        self._wrapping_up, self._now_ms = wrapping_up, now_ms

    def force(self, operator_id: str, forced: Forced) -> bool:
        """Whether it was done at once. Raises NobodySits and CannotForce."""
        seat = self._seats.find(operator_id)
        if seat is None:
            raise NobodySits(operator_id)
        if forced.wanted == "offline" and not seat.calls_back:
            raise CannotForce("who works by phone cannot be signed off here; put them away instead")
        if seat.call or seat.socket is None:
            seat.forced = forced
            return False
        self._apply(seat, forced)
        return True

    def look(self) -> None:
        """Does what waited for the end of a call."""
        for seat in self._seats:
            if seat.forced and seat.socket and seat.call is None and seat.presence is not Presence.WRAP_UP:
                self._apply(seat, seat.forced)

    def _apply(self, seat: Seat, forced: Forced) -> None:
        seat.forced = None
        wanted = Presence.AVAILABLE if forced.wanted == "available" else Presence.AWAY
        if wanted is Presence.AVAILABLE and seat.presence is Presence.OFFERED:
            return
        if seat.offer:
            self._line.not_taken(seat.offer.call_id)
            self._offers.revoke(seat, "withdrawn")
        self._wrapping_up.over(seat)
        seat.tell({"type": "forced", "state": forced.wanted, "why": forced.why})
        seat.become(wanted, self._now_ms(), forced.why)
        seat.tell_state()
        if forced.wanted == "offline" and seat.socket:
            seat.socket.close("signed_off")
