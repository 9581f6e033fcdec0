"""A call rings at a seat: offered, accepted, declined, timed out or revoked; each in the history before it is shown."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from history import Entry, new_id
from telephony.late_writing import Appends
from telephony.operators.call_side import Accepted, CallSide
from telephony.operators.presence import Presence
from telephony.operators.queue import WaitingCall
from telephony.operators.seats import Offer, Seat

MOST_KNOWN = 1000
"""Offers whose end is remembered, for operators who answer too late."""


class Offers:
    """Coroutines raise HistoryUnavailable: what was to be made or accepted is then undone, what was to end ends."""

    def __init__(self, journal: Appends, now_ms: Callable[[], int]) -> None:
        self._journal, self._now_ms = journal, now_ms
        self._revoked: list[tuple[Seat, Offer]] = []
        self._known: OrderedDict[str, tuple[str, str]] = OrderedDict()

    def came_to(self, offer_id: str) -> tuple[str, str]:
        """The call of an offer, and how it ended: 'taken' while it rings, or was accepted; ('', 'taken') for one that
        nobody knows any more."""
        return self._known.get(offer_id, ("", "taken"))

    async def make(self, seat: Seat, waiting: WaitingCall, call: CallSide) -> None:
        offer = seat.offer = Offer(new_id(), waiting, call, self._now_ms() + seat.offer_ms)
        seat.become(Presence.OFFERED, self._now_ms())
        self._remember(offer, "taken")
        recorded = False
        try:
            await self._record("offer.made", seat, offer)
            recorded = True
        finally:
            if not recorded and seat.offer is offer:
                seat.offer = None
                seat.become(Presence.AVAILABLE, self._now_ms())
        if seat.offer is offer:
            seat.tell_state()
            seat.show_offer(self._now_ms())

    async def accept(self, seat: Seat, offer: Offer) -> None:
        """The call hears of it, unless it ended in the meantime."""
        seat.takes(offer)
        seat.become(Presence.ON_CALL, self._now_ms())
        recorded = False
        try:
            await self._record("offer.accepted", seat, offer)
            recorded = True
        finally:
            if not recorded and seat.talks_to(offer.call_id):
                seat.offer, seat.call = offer, None
                seat.become(Presence.OFFERED, self._now_ms())
        if seat.talks_to(offer.call_id):
            seat.tell_state()
            offer.call.from_desk(Accepted(seat.id, seat.name))

    async def decline(self, seat: Seat, offer: Offer) -> None:
        await self._end("offer.declined", seat, offer, "declined", Presence.AVAILABLE)

    async def time_out(self, seat: Seat, offer: Offer) -> None:
        await self._end("offer.timed_out", seat, offer, "timed_out", Presence.AWAY)

    def revoke(self, seat: Seat, why: str) -> None:
        """The caller or the operator is gone: stops ringing at once; recorded by `record_revoked`."""
        offer, seat.offer = seat.offer, None
        if offer:
            self._remember(offer, why)
            seat.offer_gone(offer, why)
            self._revoked.append((seat, offer))

    async def record_revoked(self) -> None:
        while self._revoked:
            await self._record("offer.revoked", *self._revoked.pop(0))

    async def _end(self, kind: str, seat: Seat, offer: Offer, why: str, then: Presence) -> None:
        seat.offer = None
        self._remember(offer, why)
        try:
            await self._record(kind, seat, offer)
        finally:
            seat.become(then, self._now_ms(), "unanswered" if then is Presence.AWAY else "")
            seat.offer_gone(offer, why)
            seat.tell_state()

    def _remember(self, offer: Offer, why: str) -> None:
        self._known[offer.id] = (offer.call_id, why)
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)

    async def _record(self, kind: str, seat: Seat, offer: Offer) -> None:
        payload = {"operator": seat.id, "offer": offer.id}
        await self._journal.append(offer.call_id, [Entry(kind, payload, offer.call.now_ms(), actor=seat.id)])
