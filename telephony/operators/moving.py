"""Supervisors move who waits: to another queue, to the front of theirs, to a free operator of their choice.

Each is in the history before it has an effect. Who is called back is not moved: they are on the list of call-backs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from history import Entry
from telephony.late_writing import Appends
from telephony.operators import queue
from telephony.operators.call_side import CallSide, Moved
from telephony.operators.offers import Offers
from telephony.operators.presence import Presence
from telephony.operators.queue import WaitingCall
from telephony.operators.seating import Seating
from telephony.operators.seats import Seat
from telephony.operators.waiting_line import WaitingLine


class NotWaiting(KeyError):
    """No caller waits in this call (any more)."""


class CannotMove(ValueError):
    """code: 'called_back' | 'already_there' | 'nobody_there' | 'not_free'; the message says what can be done."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class QueueRules:
    """What a queue says of waiting in it, as its flowbook has it."""

    max_wait_ms: int
    announce_every_ms: int
    max_length: int
    join_empty: bool
    leave_when_empty: bool
    skills: frozenset[str] = frozenset()


class Moving:
    """The desk's. now_ms: its clock. changed: the desk is to look at its queue.

    All raise NotWaiting, CannotMove and HistoryUnavailable. by: the id of who wants it.
    """

    def __init__(
        self,
        line: WaitingLine,
        seats: Seating,
        offers: Offers,
        journal: Appends,
        now_ms: Callable[[], int],
        changed: Callable[[], None],
    ) -> None:
        self._line, self._seats, self._offers = line, seats, offers
        self._journal, self._now_ms, self._changed = journal, now_ms, changed

    async def to_queue(self, call_id: str, name: str, rules: QueueRules, by: str) -> None:
        """With the priority and the time waited so far; from now on they wait as long as that queue allows, for who has
        the skills that it asks for. There is always room for them."""
        waiting, _ = self._find(call_id)
        if waiting.queue == name:
            raise CannotMove("already_there", f"they wait in {name} already")

        def there(waiting: WaitingCall) -> WaitingCall:
            so_far_ms = self._now_ms() - waiting.since_ms
            return replace(
                waiting, queue=name, max_wait_ms=so_far_ms + rules.max_wait_ms, max_length=rules.max_length,
                announce_every_ms=rules.announce_every_ms, join_empty=rules.join_empty,
                leave_when_empty=rules.leave_when_empty, skills=rules.skills,
            )  # fmt: skip

        if queue.hopeless(there(waiting), self._seats.candidates(), self._now_ms(), joined=False):
            raise CannotMove("nobody_there", f"nobody works in {name} now, and it may not be joined like that")
        call = await self._written(call_id, {"from": waiting.queue, "queue": name}, by)
        self._withdraw(call_id)
        self._line.change(call_id, there)
        call.from_desk(Moved(name))
        self._changed()

    async def to_front(self, call_id: str, by: str) -> None:
        """They are the next of their queue."""
        waiting, _ = self._find(call_id)
        everybody = self._line.in_order()
        if queue.place(everybody, call_id) == 1:
            raise CannotMove("already_there", f"they are the next of {waiting.queue} already")
        priority = queue.before_all(everybody, waiting.queue)
        await self._written(call_id, {"queue": waiting.queue, "priority": priority}, by)
        self._line.change(call_id, lambda waiting: replace(waiting, priority=priority))
        self._changed()

    async def to_operator(self, call_id: str, operator_id: str, by: str) -> None:
        """It rings there at once, whichever queues they serve; when they do not take it, it waits on at its place."""
        waiting, _ = self._find(call_id)
        self._free(operator_id)
        call = await self._written(call_id, {"queue": waiting.queue, "operator": operator_id}, by)
        seat = self._free(operator_id)
        self._withdraw(call_id)
        self._changed()
        await self._offers.make(seat, self._find(call_id)[0], call)

    # ---------------------------------------------------------------------------------------------------------- inside

    def _find(self, call_id: str) -> tuple[WaitingCall, CallSide]:
        found = self._line.find(call_id)
        if found is None:
            raise NotWaiting(call_id)
        if found[0].promised:
            raise CannotMove("called_back", "they have hung up and are called back; see the list of call-backs")
        return found

    def _free(self, operator_id: str) -> Seat:
        seat = self._seats.find(operator_id)
        if seat is None or seat.presence is not Presence.AVAILABLE or seat.socket is None:
            raise CannotMove("not_free", "this operator is not free now; choose another one")
        return seat

    async def _written(self, call_id: str, payload: dict[str, object], by: str) -> CallSide:
        """The call, which may have been taken, or have ended, meanwhile: raises NotWaiting then."""
        _, call = self._find(call_id)
        await self._journal.append(call_id, [Entry("handoff.moved", payload, call.now_ms(), actor=by)])
        return self._find(call_id)[1]

    def _withdraw(self, call_id: str) -> None:
        """Wherever it rings, it does so no longer."""
        for seat in self._seats:
            if seat.rings_for(call_id):
                self._offers.revoke(seat, "withdrawn")
                seat.become(Presence.AVAILABLE, self._now_ms())
                seat.tell_state()
