"""One call's way to an operator: waiting, being offered, talking, and what happens when nobody is there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from dialogs.events import Event, Handoff, HandoffFailed, OfferFailed, OperatorJoined, QueueMoved
from telephony.hold_music import HoldMusic
from telephony.lines import Line
from telephony.media import Command
from telephony.operators.desk import (
    Accepted,
    CallSide,
    Desk,
    DeskEvent,
    Moved,
    NobodyThere,
    NotTaken,
    OperatorGone,
    Placed,
)
from telephony.operators.queue import WaitingCall
from telephony.record import CallRecord, heard_turn
from telephony.talk import Talk
from voice.listening.heard import Heard, ListenerEvent
from voice.listening.workers import Recognizers, RecognizersUnavailable

log = structlog.get_logger()


class Handover:
    """One call's. music: plays while the caller waits."""

    def __init__(
        self,
        call: CallSide,
        line: Line,
        caller: str,
        rate_hz: int,
        desk: Desk,
        recognizers: Recognizers,
        record: CallRecord,
        send: Callable[[Command], Awaitable[None]],
        music: HoldMusic | None = None,
    ) -> None:
        self._call, self._line, self._caller, self._rate_hz = call, line, caller, rate_hz
        self._desk, self._recognizers, self._record, self._send = desk, recognizers, record, send
        self._queue = ""
        self._music, self._keeps_place = music, False
        self._operator = self._last_operator = ""
        self._turns: set[asyncio.Task[None]] = set()
        self.waiting = False
        """The caller is in a queue."""
        self.ringing = ""
        """Whom the caller is being put through to."""
        self.talk: Talk | None = None
        """The caller talks to an operator, to a guest, or to both."""
        self.aside = False
        """The bot has the call, and the operator who gave it waits for it."""

    @property
    def active(self) -> bool:
        return self.waiting or bool(self.ringing) or self.talk is not None

    def ring(self, to: str) -> None:
        """The caller is being put through."""
        self.ringing = to
        self.play_music(True)

    def rings_no_more(self) -> None:
        if self.ringing:
            self.ringing = ""
            self.play_music(self.waiting)

    def talks_to(self, operator: str) -> bool:
        """Whether the caller talks to this operator."""
        return self.talk is not None and self._operator == operator

    async def enqueue(self, handoff: Handoff, urgency: str, known_to: str = "") -> Event | None:
        """Put the caller into the queue; the desk answers through the call's `from_desk`. An operator who waits for the
        call has it at once: what the dialog must hear of that. urgency: 'low' | 'normal' | 'high', as their words told
        it. known_to: the operator of a call before, '' for nobody."""
        slots = {**handoff.slots, **({"briefing": handoff.briefing} if handoff.briefing else {})}
        if self.aside and (joined := await self._come_back(handoff, slots)):
            return joined
        queued = {"queue": handoff.queue, "reason": handoff.reason, "slots": slots, "skills": list(handoff.skills)}
        await self._record.add("handoff.queued", queued)
        self._queue = handoff.queue
        self._wait(True)
        waiting = WaitingCall(
            call_id=self._call.call_id,
            queue=handoff.queue,
            priority=handoff.priority,
            since_ms=_clock_ms(),
            max_wait_ms=handoff.max_wait_ms,
            line=self._line.id,
            caller=self._caller,
            language=self._line.language,
            reason=handoff.reason,
            slots=slots,
            announce_every_ms=handoff.announce_every_ms,
            max_length=handoff.max_length,
            join_empty=handoff.join_empty,
            leave_when_empty=handoff.leave_when_empty,
            urgency=urgency,
            last_operator=self._last_operator or known_to,
            skills=frozenset(handoff.skills),
        )
        self._desk.enqueue(waiting, self._call)
        return None

    async def from_desk(self, event: DeskEvent) -> Event | None:
        """Carry out what the desk says; the event that the dialog must hear of it, if any."""
        queue, now_ms = self._queue, self._call.now_ms()
        match event:
            case Moved() if self.waiting:
                self._queue = event.queue  # which the dialog hears with the next place
            case Placed() if self.waiting:
                return QueueMoved(now_ms, queue, event.place, event.wait_ms)
            case NotTaken() if self.waiting:
                return OfferFailed(now_ms, queue)
            case NobodyThere() if self.waiting:
                self._wait(False)
                return HandoffFailed(now_ms, queue, event.reason)
            case Accepted():
                await self._join(event)
                return OperatorJoined(now_ms, event.operator_id)
            case OperatorGone("let_go" | "lost") if self.aside:
                await self.let_go(event.reason)
            case OperatorGone(reason="lost") if self.talk:
                await self.part("lost")
                return HandoffFailed(now_ms, queue, "operator_lost")
        return None

    async def _join(self, accepted: Accepted) -> None:
        self._wait(False)
        self._operator = accepted.operator_id
        await self._record.add("operator.joined", {"operator": accepted.operator_id, "name": accepted.operator_name})
        await self._talk_to_operator()

    async def _talk_to_operator(self) -> None:
        try:
            recognizer = await self._recognizers.open(self._line.language)
        except RecognizersUnavailable as error:
            log.error("call.operator_not_transcribed", error=str(error))
            recognizer = None
        self.talk = Talk(
            recognizer,
            caller_rate_hz=self._rate_hz,
            now_ms=self._call.now_ms,
            send=self._send,
            to_operator=lambda pcm: self._desk.sound_to_operator(self._call.call_id, pcm),
            emit=self._operator_heard,
        )
        self._desk.connected(self._call.call_id)

    async def give_back(self, flow: str, returns: bool) -> None:
        """The operator hears the caller no more, and the bot talks. returns: the operator waits for the call; else they
        are done with it."""
        talk, self.talk = self.talk, None
        if talk:
            await talk.close()
        self.play_music(False)  # who gave them back had them on hold, perhaps
        await asyncio.gather(*self._turns)
        given = {"operator": self._operator, "flow": flow, "returns": returns}
        await self._record.add("handback.started", given, actor=self._operator)
        self.aside = returns
        if returns:
            self._desk.goes_to_bot(self._call.call_id, flow)
        else:
            await self._operator_left("given_back")
            self._desk.leave(self._call.call_id, "given_back")

    async def _come_back(self, handoff: Handoff, slots: Mapping[str, str]) -> Event | None:
        """The operator who waits for the call has it; None when their console is not there."""
        if not self._desk.is_waited_for(self._call.call_id):
            await self.let_go("lost")
            return None
        handed = {"queue": handoff.queue, "reason": handoff.reason, "slots": dict(slots)}
        await self._record.add("handback.ended", {"operator": self._operator, "why": "returned", **handed})
        self.aside = False
        self._desk.comes_back(self._call.call_id, handed)
        await self._talk_to_operator()
        return OperatorJoined(self._call.now_ms(), self._operator)

    async def let_go(self, why: str) -> None:
        """The operator who waits for the call, if one does, is done with it. why: 'let_go' | 'lost' | 'put_through'."""
        if self.aside:
            await self._waits_no_more(why)
            self._desk.leave(self._call.call_id, "given_back")

    async def _waits_no_more(self, why: str) -> None:
        self.aside = False
        await self._record.add("handback.ended", {"operator": self._operator, "why": why})
        await self._operator_left(why)

    def _operator_heard(self, event: ListenerEvent) -> None:
        if isinstance(event, Heard) and not event.is_final:
            self._record.partial("operator", event)
        elif isinstance(event, Heard) and event.text:
            turn = asyncio.create_task(self._record.turn(heard_turn("operator", event)))
            self._turns.add(turn)
            turn.add_done_callback(self._turns.discard)

    def place(self) -> dict[str, Any]:
        """For the history: at which place the caller waits, since when, and what else makes a place; empty when they do
        not wait."""
        found = self._desk.place_of(self._call.call_id) if self.waiting else None
        if found is None:
            return {}
        place, waiting = found
        since = datetime.now(UTC) - timedelta(milliseconds=_clock_ms() - waiting.since_ms)
        told = {"place": place, "since": since.isoformat(), "priority": waiting.priority, "line": waiting.line}
        return {**told, "language": waiting.language, "skills": sorted(waiting.skills)}

    def keep_place(self, seq: int, number: str) -> None:
        """The caller gives up the line and is called back at their place; seq: of the promise in the history."""
        self._keeps_place = self.waiting and self._desk.kept_places.keep(self._call.call_id, seq, number)
        self._wait(False)

    def _wait(self, waits: bool) -> None:
        self.waiting = waits
        self.play_music(waits)

    def play_music(self, plays: bool) -> None:
        """To the caller, wherever nothing else sounds."""
        if self._music:
            self._music.start() if plays else self._music.stop()

    def give_up_waiting(self, reason: str) -> None:
        """The caller, if they wait, does so no longer."""
        self.rings_no_more()
        if self.waiting:
            self._wait(False)
            self._desk.leave(self._call.call_id, reason)

    def talk_to_guests(self) -> Talk:
        """A talk in which the caller is alone, until guests join."""
        return Talk(None, self._rate_hz, self._call.now_ms, self._send, None, self._operator_heard)

    async def operator_leaves(self, reason: str) -> None:
        """The caller goes on talking to guests."""
        if self.talk and self._operator:
            await self.talk.operator_leaves()
            await self._operator_left(reason)
            self._desk.leave(self._call.call_id, reason)

    async def part(self, reason: str) -> None:
        """Nobody talks to the caller any more."""
        talk, self.talk = self.talk, None
        if talk:
            await talk.close()
            await self._operator_left(reason)

    async def _operator_left(self, reason: str) -> None:
        operator, self._operator = self._operator, ""
        if operator:
            self._last_operator = operator
            await asyncio.gather(*self._turns)
            await self._record.add("operator.left", {"operator": operator, "reason": reason})

    async def leave(self, reason: str) -> None:
        """The call is over."""
        self._wait(False)
        self.rings_no_more()
        try:
            if self.aside:
                await self._waits_no_more(reason)
            await self.part(reason)
        finally:  # whatever the history says, the operator is free again
            if not self._keeps_place:
                self._desk.leave(self._call.call_id, reason)


def _clock_ms() -> int:
    """The desk's clock."""
    return int(time.monotonic() * 1000)
