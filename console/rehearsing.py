"""What the console needs to try flowbooks out, and the simulated calls that people have open."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from dialogs.events import Request, Responded
from dialogs.flowbook import Flowbook
from dialogs.rehearsal.call import Finds
from dialogs.rehearsal.simulator import Simulator

MOST_OPEN = 24
MOST_OF_ONE = 4
"""Of one account; a further one takes the place of its oldest."""
IDLE_S = 1800.0
LONGEST_S = 4 * 3600.0


@dataclass(frozen=True)
class Tried:
    """A flowbook, and the search that it is tried with: its intents, the company's articles."""

    book: Flowbook
    finds: Finds


class Rehearsing(Protocol):
    """Nothing here holds up the event loop."""

    async def tried(self, flowbook: str, text: str) -> Tried:
        """The text as this flowbook of the company. Raises FlowbookErrors, and the shelf's `unusable`."""

    async def ask(self, request: Request, at_ms: int, slots: Mapping[str, Any]) -> Responded:
        """Really ask another system, as a call would."""


@dataclass
class Open:
    """A simulated call. real: whether other systems are really asked. busy: one input at a time."""

    id: str
    owner: str
    simulator: Simulator
    real: bool
    begun_s: float
    used_s: float
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)


class TooMany(Exception):
    """No further simulated call can be opened now."""


class Simulations:
    """The simulated calls that are open, in memory: a restart ends them. now: a monotonic clock in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._open: dict[str, Open] = {}

    def add(self, owner: str, simulator: Simulator, real: bool) -> Open:
        """Raises TooMany."""
        self._forget()
        mine = sorted((one for one in self._open.values() if one.owner == owner), key=lambda one: one.used_s)
        for oldest in mine[: max(0, len(mine) - MOST_OF_ONE + 1)]:
            del self._open[oldest.id]
        if len(self._open) >= MOST_OPEN:
            raise TooMany(f"{MOST_OPEN} simulated calls are open; try again when somebody has ended one")
        now_s = self._now()
        made = Open(secrets.token_urlsafe(12), owner, simulator, real, now_s, now_s)
        self._open[made.id] = made
        return made

    def get(self, call_id: str, owner: str) -> Open | None:
        """None for one that is over, or somebody else's."""
        self._forget()
        found = self._open.get(call_id)
        if found is None or found.owner != owner:
            return None
        found.used_s = self._now()
        return found

    def end(self, call_id: str) -> None:
        """It is over."""
        self._open.pop(call_id, None)

    def _forget(self) -> None:
        now_s = self._now()
        old = [one.id for one in self._open.values() if now_s - one.used_s > IDLE_S or now_s - one.begun_s > LONGEST_S]
        for call_id in old:
            del self._open[call_id]
