"""The callers who wait, each with its call, and what they are told about their place."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from telephony.operators import queue
from telephony.operators.call_side import CallSide, NotTaken, Placed
from telephony.operators.queue import WaitingCall

TOLD_AGAIN_MS = 20_000
"""A caller hears no more often that somebody did not take their call: five busy phones are one thing to know."""


@dataclass
class _Waiter:
    waiting: WaitingCall
    call: CallSide
    told_place: int = 0
    told_at_ms: int = 0
    joined: bool = False
    not_taken: bool = False
    told_not_taken_ms: int | None = None


class WaitingLine:
    """announce_every_ms: how often callers hear their place while it does not change, unless their queue says so."""

    def __init__(self, announce_every_ms: int) -> None:
        self._announce_every_ms = announce_every_ms
        self._waiters: dict[str, _Waiter] = {}

    def __len__(self) -> int:
        return len(self._waiters)

    def add(self, waiting: WaitingCall, call: CallSide) -> None:
        self._waiters[waiting.call_id] = _Waiter(waiting, call)

    def remove(self, call_id: str) -> None:
        """Does nothing when it does not wait (any more)."""
        self._waiters.pop(call_id, None)

    def find(self, call_id: str) -> tuple[WaitingCall, CallSide] | None:
        waiter = self._waiters.get(call_id)
        return (waiter.waiting, waiter.call) if waiter else None

    def change(self, call_id: str, changed: Callable[[WaitingCall], WaitingCall]) -> None:
        """It waits on, but so, and hears of its place anew. Raises KeyError when it is gone."""
        waiter = self._waiters[call_id]
        waiter.waiting, waiter.told_place = changed(waiter.waiting), 0

    def declined(self, call_id: str, operator_id: str) -> None:
        """This operator is not asked again for this call, which keeps its place."""
        waiter = self._waiters.get(call_id)
        if waiter:
            declined_by = waiter.waiting.declined_by | {operator_id}
            waiter.waiting = replace(waiter.waiting, declined_by=declined_by)

    def not_taken(self, call_id: str) -> None:
        """An offer of it came to nothing; `tell_not_taken` says so."""
        waiter = self._waiters.get(call_id)
        if waiter:
            waiter.not_taken = True

    def tell_not_taken(self, now_ms: int) -> None:
        """Tell those whose offer came to nothing, each once, and not again for `TOLD_AGAIN_MS`."""
        for waiter in self._waiters.values():
            failed, waiter.not_taken = waiter.not_taken, False
            last_ms = waiter.told_not_taken_ms
            if failed and not waiter.waiting.promised and (last_ms is None or now_ms - last_ms >= TOLD_AGAIN_MS):
                waiter.told_not_taken_ms = now_ms
                waiter.call.from_desk(NotTaken())

    def in_order(self, without: Collection[str] = ()) -> list[WaitingCall]:
        waiting = (waiter.waiting for waiter in self._waiters.values() if waiter.waiting.call_id not in without)
        return queue.in_order(waiting)

    def has_joined(self, call_id: str) -> bool:
        """Whether it waits longer than since the last round. True from the next question on."""
        waiter = self._waiters.get(call_id)
        joined = waiter is not None and waiter.joined
        if waiter:
            waiter.joined = True
        return joined

    def keep_place(self, call_id: str, instead: CallSide, number: str) -> None:
        """The caller hangs up; `instead` waits at their place, to call `number` back. Raises KeyError when it is
        gone."""
        waiter = self._waiters[call_id]
        self._waiters[call_id] = _Waiter(replace(waiter.waiting, promised=True, caller=number), instead, joined=True)

    def announce(self, now_ms: int, wait_ms: Callable[[WaitingCall, int, int], int | None]) -> None:
        """Tell those whose place changed, or who have not heard of it for long.

        wait_ms: what is left of the wait of a call, given its place and when the foremost of its queue came.
        """
        everybody = self.in_order()
        foremost: dict[str, int] = {}
        for waiting in everybody:
            foremost.setdefault(waiting.queue, waiting.since_ms)
            waiter, place = self._waiters[waiting.call_id], queue.place(everybody, waiting.call_id)
            every_ms = waiting.announce_every_ms or self._announce_every_ms
            if place != waiter.told_place or now_ms - waiter.told_at_ms >= every_ms:
                waiter.told_place, waiter.told_at_ms = place, now_ms
                waiter.call.from_desk(Placed(place, wait_ms(waiting, place, foremost[waiting.queue])))
