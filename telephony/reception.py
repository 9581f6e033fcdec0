"""Who is expected, and who is turned away; who is talking is in `live_calls.py`.

No call is acknowledged to a phone system before its `call.started` is in the history. A door that learns of a call
before its sound arrives (a webhook) leaves it here and gets a token; the token, single use, leads the sound back to it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import structlog

from history import HistoryUnavailable, new_id
from telephony.admission import LOOK_S, Limits, Load, Refusal
from telephony.call import Call
from telephony.control.controls import RUNG_S
from telephony.draining import linger
from telephony.expected import Begin, Expectations, Expected, Party, Send, new_token
from telephony.ledger import LONGEST_NAME, Ledger
from telephony.lines import Line, Lines, UnknownLine
from telephony.live_calls import LiveCalls
from telephony.media import Pacing
from telephony.occasion import Occasion
from telephony.parts import Parts
from telephony.remembered import MOST_NOTES, CarrierStatus, RememberedCalls
from voice.listening.workers import Recognizers

log = structlog.get_logger()

LATE_S = 3.0
"""How long a server that stops waits for a history that it owes something."""
CLAIM_S = 60.0
"""How long an announced call may take until its sound arrives."""


class Full(RuntimeError):
    """This server already has as many calls as it may, or as it can serve."""


class Forwarded(Full):
    """The line is closed, and its calls go to `number` without the bot."""

    def __init__(self, number: str) -> None:
        super().__init__("the line is closed; its calls are forwarded")
        self.number = number


class Draining(Full):
    """This server is shutting down and takes no further calls."""


class Reception:
    """most_calls: how many it takes at once, those whose sound is still expected included; claim_s: how long that takes
    at most. It takes fewer while `watch` runs and finds the server behind. human_number: who takes the calls of lines
    that name nobody."""

    def __init__(
        self, lines: Lines, parts: Parts, most_calls: int, claim_s: float = CLAIM_S, human_number: str = ""
    ) -> None:
        self.lines, self._parts, self._claim_s = lines, parts, claim_s
        self.controls = parts.controls
        self._load = Load(Limits(most_calls))
        self._beginning = 0
        self._expected = Expectations(self._no_sound)
        self._remembered = RememberedCalls()
        self._ledger = Ledger(parts.journal, parts.late)
        self._live = LiveCalls(parts, self._remembered, self._ledger, human_number)
        self._draining = False
        self.turned_away = 0

    def take_up(self, lines: Lines) -> None:
        """New calls are on these lines; those that were announced or run keep theirs."""
        self.lines = lines

    @property
    def recognizers(self) -> Recognizers:
        """Those that the calls use, for doors that only listen."""
        return self._parts.recognizers

    @property
    def live(self) -> int:
        return len(self._live)

    @property
    def taken(self) -> int:
        """Calls at this moment, those whose sound is still expected included."""
        return len(self._live) + len(self._expected) + self._beginning

    @property
    def most_calls(self) -> int:
        return self._load.limits.most_calls

    async def expect(self, line_name: str, caller: str, door: str, ref: str) -> Expected:
        """Begin a call in the history. ref: the phone system's id; announcing the same one twice gives the same call.
        The call keeps its line as it is now, whatever is reloaded meanwhile.

        Raises UnknownLine and Full (both recorded), and HistoryUnavailable.
        """
        for expected in self._expected:
            if ref and expected.ref == ref and expected.door == door:
                return expected
        caller = caller[:LONGEST_NAME]
        try:
            line = self.lines.get(line_name)
        except UnknownLine:
            await self._ledger.unknown_line(line_name[:LONGEST_NAME], caller, door)
            raise
        if self._draining:
            await self._turn_away(line, caller, door, ref, Refusal("draining", "the server is stopping"))
            raise Draining("this server is shutting down and takes no further calls")
        if number := line.forwards_to(datetime.now(UTC)):
            await self._ledger.forward(line, caller, door, ref)
            raise Forwarded(number)
        return await self._begin(line, caller, door, ref, {}, None)

    async def expect_outgoing(
        self,
        line_name: str,
        number: str,
        door: str,
        about: Mapping[str, Any],
        begin: Begin | None = None,
        occasion: Occasion | None = None,
    ) -> Expected:
        """Begin a call of ours to `number` in the history; it is rung by `controls.dial` (see `control/contract.py`).

        about: further facts for `call.started`; occasion: with what the bot begins, None: as with a
        caller. Raises UnknownLine, Full and HistoryUnavailable.
        """
        line = self.lines.get(line_name)
        more = {**about, "direction": "outbound"}
        return await self._begin(line, number[:LONGEST_NAME], door, "", more, begin, occasion)

    async def _begin(
        self,
        line: Line,
        caller: str,
        door: str,
        ref: str,
        more: Mapping[str, Any],
        begin: Begin | None,
        occasion: Occasion | None = None,
    ) -> Expected:
        if self._draining:
            raise Draining("this server is shutting down and takes no further calls")
        if refusal := self._load.refusal(_now_ms(), self.taken):
            await self._turn_away(line, caller, door, ref, refusal)
            raise Full(refusal.detail)
        choice = self._parts.recognizers.choice(line.language)
        token = new_token()
        expected = Expected(new_id(), line, caller, door, ref, choice.engine, token, begin, occasion=occasion)
        self._beginning += 1
        try:
            await self._ledger.begin(expected, choice, more)
        except HistoryUnavailable as error:
            if error.in_doubt:
                self._live.end_later(expected.call_id)
            raise
        finally:
            self._beginning -= 1
        if self._draining:
            await self.give_up(expected, "server_stopped")
            raise Draining("this server is shutting down and takes no further calls")
        self._remembered.began(ref, expected.call_id, door, line.human_number, line.id)
        self._expected.add(expected, self._claim_s if ref else RUNG_S)
        return expected

    def expects(self, token: str) -> bool:
        """Whether a call with this token waits for its sound; the token can be used all the same."""
        return self._expected.of_token(token) is not None or self.controls.expected.of_token(token) is not None

    def claim(self, token: str, ref: str = "") -> Expected | None:
        """The call that this token belongs to; a token works once. ref: the phone system's id, which a leg of ours has
        only now."""
        expected = self._expected.of_token(token) or self.controls.expected.of_token(token)
        if expected is None:
            return None
        self._expected.forget(expected)
        self.controls.expected.forget(expected)
        self.controls.legs.answered(token)
        if ref and not expected.ref:
            expected = replace(expected, ref=ref)
            if not expected.joins:
                self._remembered.began(ref, expected.call_id, expected.door)
        return expected

    async def give_up(self, expected: Expected, reason: str, detail: str = "", outcome: str = "failed") -> None:
        """An expected or claimed call ends before it could begin to talk.

        Of a leg that was to join one, nothing is written.
        """
        self._expected.forget(expected)
        if expected.joins:
            return
        await self._ledger.give_up(expected.call_id, reason, detail, outcome)
        self._remembered.ended(expected.ref, reason)

    def answer(self, expected: Expected, rate_hz: int, send: Send, pacing: Pacing) -> tuple[Party, asyncio.Task[str]]:
        """Start the call, or what else is to be at our end; its task returns why it ended."""
        return self._live.start(expected, rate_hz, send, pacing)

    def running(self, call_id: str) -> Call | None:
        """The call with this id, while it talks."""
        return self._live.of(call_id)

    def in_progress(self) -> list[tuple[str, str]]:
        """(line, with whom) of the calls that talk: 'bot' | 'queue' | 'person'."""
        return self._live.in_progress()

    def ended_properly(self, ref: str) -> bool:
        """Whether the call with the phone system's id `ref` came to its own end; False when it is unknown here."""
        return self._remembered.ended_properly(ref)

    def human_number_of(self, ref: str) -> str:
        """Who takes the call with the phone system's id `ref` when this server cannot, as its line says; '' for the
        house's."""
        return self._remembered.human_number_of(ref)

    def line_of(self, ref: str) -> str:
        """The line of the call with the phone system's id `ref`; '' when it is unknown here."""
        return self._remembered.line_of(ref)

    async def note(self, door: str, ref: str, status: CarrierStatus) -> bool:
        """Put what a phone system says of a call into that call's history; a call whose sound is still expected ends
        when the phone system says that it is over, and so does the ringing of a leg. False: no call with this id came
        through this door lately.

        Raises HistoryUnavailable.
        """
        if status.over and self.controls.legs.over(door, ref, status.status, status.detail):
            return True
        known = self._remembered.of(door, ref)
        if known is None:
            return False
        known.notes += 1
        if known.notes <= MOST_NOTES:
            at_ms = 0 if known.answered_s is None else int((time.monotonic() - known.answered_s) * 1000)
            await self.note_of(known.call_id, at_ms, status)
        if status.answered_by and (call := self._live.of(known.call_id)):
            call.answered_by(status.answered_by)
        expected = self._expected.of_call(known.call_id)
        if status.over and expected:
            await self.give_up(expected, "caller_hung_up")
        return True

    async def note_of(self, call_id: str, at_ms: int, status: CarrierStatus) -> None:
        """The same for a call that is known by our own id. Raises HistoryUnavailable."""
        await self._ledger.note(call_id, at_ms, status)

    async def watch(self) -> None:
        """Look at the load, until cancelled: the recognizers' backlog, and how late this very task is."""
        while True:
            due_s = time.monotonic() + LOOK_S
            await asyncio.sleep(LOOK_S)
            late_ms = round((time.monotonic() - due_s) * 1000)
            # One open request is work under way; with two, one caller waits for another.
            behind = [worker.waiting_ms for worker in self._parts.recognizers.stats() if worker.waiting > 1]
            backlog_ms = max(behind, default=0)
            self._load.look(_now_ms(), backlog_ms, late_ms)

    @property
    def draining(self) -> bool:
        """Whether it takes no further calls for good."""
        return self._draining

    def refusal(self) -> Refusal | None:
        """Why a call would be turned away at this moment; None: it would be taken."""
        return self._load.refusal(_now_ms(), len(self._live) + len(self._expected) + self._beginning)

    async def close(self, grace_s: float, hurry: asyncio.Event | None = None) -> None:
        """Take no further calls; running ones may finish for `grace_s`, then they end as 'server_stopped'.

        Towards the end of that time the bot takes its leave: a person takes the call where the phone system dials one,
        others are promised a call-back. hurry: ends the time at once.
        """
        self._draining = True
        hurry = hurry or asyncio.Event()
        is_asked = self._live.has_a_phone_system
        await self._live.finish(grace_s, hurry)
        for expected in self._expected:
            await self.give_up(expected, "server_stopped")
        await self._parts.late.close(LATE_S)
        self._live.give_up_late_ends()
        if is_asked and grace_s:
            await linger(hurry)

    def figures(self) -> dict[str, int]:
        return {"calls": self.live, "expected": len(self._expected), "turned_away": self.turned_away}

    async def _turn_away(self, line: Line, caller: str, door: str, ref: str, refusal: Refusal) -> None:
        self.turned_away += 1
        await self._ledger.turn_away(line, caller, door, ref, refusal)

    async def _no_sound(self, expected: Expected) -> None:
        log.warning("reception.no_media", call_id=expected.call_id, door=expected.door)
        try:
            await self.give_up(expected, "no_media", "the sound of the call did not come in time")
        except HistoryUnavailable as error:
            log.error("reception.history_unavailable", call_id=expected.call_id, error=str(error))


def _now_ms() -> int:
    return int(time.monotonic() * 1000)
