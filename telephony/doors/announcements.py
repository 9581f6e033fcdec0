"""Calls that wait for a connection which can show one name and nothing else."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from telephony.expected import Expected

MOST = 10_000


@dataclass(frozen=True)
class Announced:
    """rate_hz: of the sound that will come. ready: set when the caller can hear it."""

    expected: Expected
    rate_hz: int
    ready: asyncio.Event = field(default_factory=asyncio.Event)


class Announcements:
    """By names that cannot be guessed; each works once. The reception ends the calls whose sound does not come."""

    def __init__(self) -> None:
        self._calls: OrderedDict[str, Announced] = OrderedDict()

    def put(self, name: str, announced: Announced) -> None:
        self._calls[name] = announced
        while len(self._calls) > MOST:
            self._calls.popitem(last=False)

    def take(self, name: str) -> Announced | None:
        return self._calls.pop(name, None)
