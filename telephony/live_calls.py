"""The calls that talk at this moment, from the first sound to the end of the last one when the server stops."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import structlog

from telephony.call import Call
from telephony.draining import drain
from telephony.expected import Expected, Party, Send
from telephony.ledger import Ledger
from telephony.media import Pacing
from telephony.parts import Parts
from telephony.remembered import RememberedCalls

log = structlog.get_logger()

DIALLING = frozenset({"twilio", "telnyx", "plivo", "signalwire", "vonage", "jambonz"})
"""Doors whose phone system asks, when a call's sound is over, what comes next, and is then told a person's number."""


class LiveCalls:
    """human_number: who takes the calls of lines that name nobody."""

    def __init__(self, parts: Parts, remembered: RememberedCalls, ledger: Ledger, human_number: str) -> None:
        self._parts, self._remembered, self._ledger, self._human_number = parts, remembered, ledger, human_number
        self._talking: dict[str, tuple[Expected, Call]] = {}
        self._calls: dict[str, asyncio.Task[str]] = {}
        self._phones: set[asyncio.Task[str]] = set()
        """Legs that joined a call: an operator's phone, a number that a caller was put through to."""
        self._late_ends: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """Without the legs that joined one."""
        return len(self._calls)

    def of(self, call_id: str) -> Call | None:
        """The call with this id, while it talks."""
        talking = self._talking.get(call_id)
        return talking[1] if talking else None

    def in_progress(self) -> list[tuple[str, str]]:
        """(line, with whom) of each."""
        return [(expected.line.id, call.with_whom) for expected, call in self._talking.values()]

    @property
    def has_a_phone_system(self) -> bool:
        """Whether a call talks whose phone system may still ask about it when its sound is over."""
        return any(expected.door != "browser" for expected, _ in self._talking.values())

    def start(self, expected: Expected, rate_hz: int, send: Send, pacing: Pacing) -> tuple[Party, asyncio.Task[str]]:
        """Start the call, or what else is to be at our end; its task returns why it ended."""
        call, life = (
            expected.begin(rate_hz, send, pacing) if expected.begin else self._call(expected, rate_hz, send, pacing)
        )
        task = asyncio.create_task(life, name=f"call {expected.call_id}")
        if expected.joins:
            self._phones.add(task)
            task.add_done_callback(self._phones.discard)
        else:
            self._calls[expected.call_id] = task
            self._parts.controls.answered(expected.call_id, expected.door, expected.ref, send)
        self._remembered.answered(expected.ref, time.monotonic())

        def ended(done: asyncio.Task[str]) -> None:
            reason = reason_of(done)
            self._remembered.ended(expected.ref, reason)
            if expected.joins:
                return
            self._calls.pop(expected.call_id, None)
            self._talking.pop(expected.call_id, None)
            self._parts.controls.ended(expected.call_id)

        task.add_done_callback(ended)
        return call, task

    def _call(
        self, expected: Expected, rate_hz: int, send: Send, pacing: Pacing
    ) -> tuple[Party, Coroutine[Any, Any, str]]:
        call = Call(
            expected.call_id, expected.line, expected.caller, rate_hz, self._parts, send, pacing, expected.occasion,
            self._human_next(expected),
        )  # fmt: skip
        self._talking[expected.call_id] = expected, call
        return call, call.run()

    async def finish(self, grace_s: float, hurry: asyncio.Event) -> None:
        """Let them finish for `grace_s`, take leave towards the end of that time, then end them. hurry: ends it at
        once."""
        if self._calls:
            log.info("reception.draining", calls=len(self._calls), grace_s=grace_s)
            self._parts.desk.server_stops(grace_s)
            await drain(self._calls.values, self._take_leave, grace_s, hurry)
        running = [*self._calls.values(), *self._phones]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _take_leave(self) -> None:
        for expected, call in list(self._talking.values()):
            call.wind_up(human=self._human_next(expected))

    def _human_next(self, expected: Expected) -> bool:
        return bool(expected.line.human_number or self._human_number) and expected.door in DIALLING

    def end_later(self, call_id: str) -> None:
        """A call that was refused and may be in the history all the same is ended there, once that is known."""
        late = asyncio.create_task(self._ledger.end_later(call_id))
        self._late_ends.add(late)
        late.add_done_callback(self._late_ends.discard)

    def give_up_late_ends(self) -> None:
        """Ends that still cannot be written stay unwritten."""
        for late in self._late_ends:
            late.cancel()


def reason_of(ended: asyncio.Task[str]) -> str:
    """Why a call's task ended."""
    return "server_stopped" if ended.cancelled() else ended.result()
