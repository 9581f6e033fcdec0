"""The callers who wait, each with its call, and what they are told about their place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from telephony.operators import queue
from telephony.operators.call_side import CallSide, Placed
from telephony.operators.queue import WaitingCall


@dataclass
class _Waiter:
    waiting: WaitingCall
    call: CallSide
    told_place: int = 0
    told_at_ms: int = 0


class WaitingLine:
    """announce_every_ms: how often callers hear their place while it does not change."""

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

    def declined(self, call_id: str, operator_id: str) -> None:
        """This operator is not asked again for this call, which keeps its place."""
        waiter = self._waiters.get(call_id)
        if waiter:
            declined_by = waiter.waiting.declined_by | {operator_id}
            waiter.waiting = replace(waiter.waiting, declined_by=declined_by)

    def in_order(self, without: Collection[str] = ()) -> list[WaitingCall]:
        waiting = (waiter.waiting for waiter in self._waiters.values() if waiter.waiting.call_id not in without)
        return queue.in_order(waiting)

    def announce(self, now_ms: int) -> None:
        """Tell those whose place changed, or who have not heard of it for long."""
        everybody = self.in_order()
        for waiting in everybody:
            waiter, place = self._waiters[waiting.call_id], queue.place(everybody, waiting.call_id)
            if place != waiter.told_place or now_ms - waiter.told_at_ms >= self._announce_every_ms:
                waiter.told_place, waiter.told_at_ms = place, now_ms
                waiter.call.from_desk(Placed(place))
