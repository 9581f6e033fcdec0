"""Packets back in their order: late ones waited for, lost ones given up, never more than a few kept. Pure.

A packet in its order is handed on at once: speech recognition has no use for a steady stream, and what a buffer
holds back every turn of the call would wait for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from telephony.rtp.numbering import ahead

DEPTH = 3
"""Packets kept while one is missing before it counts as lost: 60 ms of 20 ms packets."""
FARTHEST = 200
"""A jump over so many packets (4 s) is another stream's numbering, not loss."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Ordered(Generic[Item]):
    """lost: packets missing right before this one."""

    item: Item
    lost: int = 0


class Reordering(Generic[Item]):
    """late: packets dropped because their place was passed already, or because they came twice; lost: never seen."""

    def __init__(self) -> None:
        self.late = 0
        self.lost = 0
        self._next: int | None = None
        self._kept: dict[int, Item] = {}

    def add(self, sequence: int, item: Item) -> list[Ordered[Item]]:
        """What can be handed on now, in order."""
        gap = 0 if self._next is None else ahead(sequence, self._next, 16)
        if self._next is None or abs(gap) > FARTHEST:
            self._kept.clear()
            self._next = sequence
        elif gap < 0 or sequence in self._kept:
            self.late += 1
            return []
        self._kept[sequence] = item
        ready = self._in_order(lost=0)
        if len(self._kept) > DEPTH:
            first = min(self._kept, key=lambda kept: ahead(kept, self._next or 0, 16))
            lost = ahead(first, self._next or 0, 16)
            self.lost += lost
            self._next = first
            ready += self._in_order(lost)
        return ready

    def _in_order(self, lost: int) -> list[Ordered[Item]]:
        ready: list[Ordered[Item]] = []
        while self._next is not None and self._next in self._kept:
            ready.append(Ordered(self._kept.pop(self._next), lost))
            self._next, lost = (self._next + 1) % 65_536, 0
        return ready
