"""Legs that this server has rung: each waits here until it is answered, or until it is known that it will not be."""

from __future__ import annotations

import asyncio
import hmac
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

MOST_LEGS = 1000


class Outcome(StrEnum):
    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    FAILED = "failed"


WORDS = {
    "busy": Outcome.BUSY,
    "no-answer": Outcome.NO_ANSWER,
    "noanswer": Outcome.NO_ANSWER,
    "unanswered": Outcome.NO_ANSWER,
    "timeout": Outcome.NO_ANSWER,
    "canceled": Outcome.NO_ANSWER,
    "cancelled": Outcome.NO_ANSWER,
    "rejected": Outcome.DECLINED,
    "declined": Outcome.DECLINED,
}
"""What phone systems call it when a leg was not answered; any other last word is FAILED."""


@dataclass
class Leg:
    """One leg. token: of the sound that is expected of it; ref: the phone system's id, '' until it has told it."""

    door: str
    token: str = field(repr=False)
    ring_s: int = 30
    ref: str = ""
    detail: str = ""
    """Why it was not answered, in the phone system's words."""
    stop: Callable[[], Awaitable[None]] | None = field(default=None, repr=False)
    """Makes the phone system stop ringing; errors are its own."""
    _outcome: asyncio.Future[Outcome] = field(default_factory=asyncio.Future, repr=False)

    @property
    def open(self) -> bool:
        return not self._outcome.done()

    def tell(self, outcome: Outcome, detail: str = "") -> None:
        """The first word counts."""
        if self.open:
            self.detail = detail
            self._outcome.set_result(outcome)

    async def outcome(self) -> Outcome:
        """Waits until it is known, at the latest until the phone system must have given up (NO_ANSWER)."""
        try:
            async with asyncio.timeout(self.ring_s + GRACE_S):
                return await asyncio.shield(self._outcome)
        except TimeoutError:
            await self.cancel("the phone system told nothing")
            return self._outcome.result()

    async def cancel(self, why: str = "cancelled") -> None:
        """Stop ringing; nothing happens when the outcome is known."""
        if self.open:
            self.tell(Outcome.NO_ANSWER, why)
            if self.stop:
                await self.stop()


GRACE_S = 8.0
"""How long after its ringing time a phone system may take to say that nobody answered."""


class Legs:
    """By token, and by the phone systems' ids; each until its outcome is known."""

    def __init__(self) -> None:
        self._legs: OrderedDict[str, Leg] = OrderedDict()

    def __len__(self) -> int:
        return sum(leg.open for leg in self._legs.values())

    def add(self, leg: Leg) -> None:
        for token in [token for token, known in self._legs.items() if not known.open]:
            del self._legs[token]
        self._legs[leg.token] = leg
        while len(self._legs) > MOST_LEGS:
            self._legs.popitem(last=False)[1].tell(Outcome.FAILED, "too many legs at once")

    def answered(self, token: str) -> None:
        """Its sound begins."""
        given = token.encode("utf-8", "replace")
        for leg in list(self._legs.values()):
            if hmac.compare_digest(leg.token.encode(), given):
                leg.tell(Outcome.ANSWERED)

    def over(self, door: str, ref: str, word: str, detail: str = "") -> bool:
        """The phone system says that a leg has ended; word: in its own. Whether the leg was still expected."""
        for leg in self._legs.values():
            if ref and leg.open and (leg.door, leg.ref) == (door, ref):
                leg.tell(WORDS.get(word.lower(), Outcome.FAILED), detail or word)
                return True
        return False
