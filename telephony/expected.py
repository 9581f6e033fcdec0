"""Calls that wait for their sound, and who is at our end of it once it comes."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from telephony.lines import Line
from telephony.media import Command, MarkPlayed, Pacing
from telephony.occasion import Occasion

Send = Callable[[Command], Awaitable[None]]


class Party(Protocol):
    """Our end of a connection: a `Call`, or a phone that joins one. Its methods queue and never block."""

    call_id: str

    def now_ms(self) -> int:
        """Milliseconds since it was answered."""
        ...

    def hear(self, pcm: bytes) -> None:
        """Sound from the far end, PCM16 at the door's rate, any length."""
        ...

    def press(self, key: str) -> None: ...

    def held(self, held: bool) -> None: ...

    def mark_played(self, mark: MarkPlayed) -> None: ...

    def flow(self, takes_sound: bool) -> None: ...

    def hung_up(self, reason: str) -> None: ...

    def broken(self, reason: str, detail: str) -> None: ...


Begin = Callable[[int, Send, Pacing], tuple[Party, Coroutine[Any, Any, str]]]
"""Given the sound's rate, what carries commands to the far end, and how that takes sound: who is at our end, and its
life, which returns why it ended."""


def new_token() -> str:
    return secrets.token_hex(24)


@dataclass(frozen=True)
class Expected:
    """A call that is in the history and waits for its sound.

    ref: the phone system's id, '' for a leg of ours that has none yet. begin: who is at our end; None: a `Call`. joins:
    it is to join a call that goes on without it, and its end is not that call's. occasion: why we call.
    """

    call_id: str
    line: Line
    caller: str
    door: str
    ref: str
    recognizer: str
    token: str = field(repr=False)
    begin: Begin | None = field(default=None, repr=False, compare=False)
    joins: bool = False
    occasion: Occasion | None = field(default=None, repr=False)


class Expectations:
    """By their tokens; each token works once. expired: awaited when the time is over in which its sound should come."""

    def __init__(self, expired: Callable[[Expected], Awaitable[None]]) -> None:
        self._expired = expired
        self._expected: dict[str, Expected] = {}
        self._expiries: dict[str, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._expected)

    def __iter__(self) -> Iterator[Expected]:
        return iter(list(self._expected.values()))

    def add(self, expected: Expected, within_s: float) -> None:
        self._expected[expected.token] = expected
        self._expiries[expected.token] = asyncio.create_task(self._expire(expected, within_s))

    def of_call(self, call_id: str) -> Expected | None:
        return next((one for one in self._expected.values() if one.call_id == call_id and not one.joins), None)

    def of_token(self, token: str) -> Expected | None:
        """The token can be used all the same."""
        given = token.encode("utf-8", "replace")
        found = [one for one in self._expected.values() if hmac.compare_digest(one.token.encode(), given)]
        return found[0] if found else None

    def forget(self, expected: Expected) -> None:
        self._expected.pop(expected.token, None)
        expiry = self._expiries.pop(expected.token, None)
        if expiry:
            expiry.cancel()

    async def _expire(self, expected: Expected, within_s: float) -> None:
        await asyncio.sleep(within_s)
        self._expiries.pop(expected.token, None)
        await self._expired(expected)
