"""What is to be done: events go to the dialog, and what it decides becomes sound, searches, a handover, an end.

An event and the actions it leads to are committed to the history before any of them is carried out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from dialogs import engine
from dialogs.confidence import in_confidence
from dialogs.events import (
    Action,
    Callback,
    End,
    Event,
    Handoff,
    Listen,
    Lookup,
    Message,
    Note,
    PartFailed,
    Record,
    Request,
    Say,
    ServiceEnds,
    Surveyed,
    SwitchLanguage,
)
from dialogs.queueing import ASKED_IN_QUEUE
from dialogs.state import State
from dialogs.walking import told_walk
from history import Entry
from telephony.confiding import Confiding
from telephony.ear import Ear
from telephony.handover import Handover
from telephony.inputs import Failed, Input
from telephony.lines import Line
from telephony.playback import Playback
from telephony.preparing import Preparing
from telephony.record import CallRecord, step_entries
from telephony.recording.call_recording import CallRecording
from telephony.running import Running
from telephony.sensing import Sensing
from telephony.silence import SilenceClock
from telephony.speaking import Speaking

log = structlog.get_logger()

MOST_FAILURES = 2
"""Of parts in one call, that the dialog hears of; with one more the call ends, unless a human is on the way."""


class Conversation:
    """One call's dialog. take_in: puts an input into the call's queue. start: runs work beside the call until it ends.
    end: ends the call, for the reason given."""

    def __init__(
        self,
        line: Line,
        caller: str,
        record: CallRecord,
        playback: Playback,
        speaking: Speaking,
        preparing: Preparing,
        handover: Handover,
        ear: Ear,
        confiding: Confiding,
        recording: CallRecording,
        running: Running,
        now_ms: Callable[[], int],
        take_in: Callable[[Input], None],
        start: Callable[[Coroutine[Any, Any, None]], None],
        end: Callable[[str], Awaitable[None]],
        put_through: Callable[[Handoff], Awaitable[None]],
    ) -> None:
        self._line, self._caller, self._record = line, caller, record
        self._playback, self._speaking, self._preparing = playback, speaking, preparing
        self._handover, self._ear, self._now_ms = handover, ear, now_ms
        self._take_in, self._start, self._end, self._put_through = take_in, start, end, put_through
        self._confiding, self._recording, self._running = confiding, recording, running
        self._afterwards: list[Handoff | End] = []
        self._failures = 0
        self._ends_as = "bot_ended"
        self._sensing = Sensing()
        self.silence = SilenceClock()
        self.state: State = engine.start(line.book, line.language)
        self.answers_ms: int | None = None
        """When the caller's last voiced sample, or key, came, until a prompt answers it."""
        self.outcome = ""
        self.over: str | None = None
        """Why the call is over; None while it is not."""

    async def advance(self, event: Event, *before: Entry, since_ms: int | None = None) -> None:
        """Give the dialog an event; commit it with the actions it leads to; then carry them out.

        since_ms: when the caller began to say it, None for an event of a moment.
        """
        if self.over is not None:
            return
        began_ms = event.at_ms if since_ms is None else since_ms
        state, actions, entries, masked = self.state, list[Action](), [*before], False
        in_secret = in_confidence(self._line.book, state) or self._confiding.covers(began_ms, event.at_ms)
        waiting = [*([] if in_secret else self._sensing.before(event, state)), event]
        entered = state.at[:1]
        while waiting:
            next_event = waiting.pop(0)
            masked |= in_confidence(self._line.book, state) or self._confiding.covers(began_ms, next_event.at_ms)
            walked = engine.walk(self._line.book, state, next_event)
            state, led_to = walked.state, walked.actions
            entries += step_entries(next_event, led_to, masked)
            if walked.way:
                entries.append(Entry("dialog.walked", told_walk(walked.way, state.at), next_event.at_ms))
            if state.at and state.at[:1] != entered:
                entered = state.at[:1]
                entries.append(Entry("flow.entered", {"flow": entered[0]}, next_event.at_ms))
            # What was searched for ahead is there at once: one commit for both steps.
            lookup = next((action for action in led_to if isinstance(action, Lookup)), None)
            found = self._preparing.take(lookup) if lookup else None
            waiting += [found] if found else []
            actions += [action for action in led_to if not (found and action is lookup)]
        decided_ms = self._now_ms()
        await self._record.add_all(entries)
        if state.phase == "operator" != self.state.phase:
            self._ear.expect(())  # what is said to a person is of no question's grammar
        self.state = state
        self.look_for_secrets()
        self._ear.wait_as(state.listen.turns if state.phase == "listening" and state.listen else None)
        for action in actions:
            await self._do(action, decided_ms)
        self.look_for_secrets()

    def look_for_secrets(self) -> None:
        """Whether the caller tells something in confidence at this moment."""
        asked = in_confidence(self._line.book, self.state)
        self._confiding.look(asked, self._playback.confides, self._ear.speaking_since_ms is not None)

    async def quiet(self) -> None:
        """When nothing plays: what waited for that is done, or the caller's time to speak begins."""
        await self.due()
        waits = self._playback.busy or self._playback.held or self._handover.active
        if self._ear.speaking_since_ms is None and not waits:
            self.silence.quiet(self._now_ms())

    async def due(self) -> None:
        """Do what waited for the bot to have spoken, as far as it has."""
        while self._afterwards and self.over is None and self._has_spoken_for(self._afterwards[0]):
            action = self._afterwards.pop(0)
            if isinstance(action, Handoff) and action.to:
                await self._put_through(action)
            elif isinstance(action, Handoff):
                if joined := await self._handover.enqueue(
                    action, self.state.urgency, self.state.contact.get("operator", "")
                ):
                    await self.advance(joined)
            else:
                self.outcome = action.outcome or self.outcome
                await self._end(self._ends_as)

    def _has_spoken_for(self, action: Handoff | End) -> bool:
        """Operators are asked while the bot still says so; one who waits for the call has it at once, and so only when
        the bot is silent."""
        if self._playback.held:
            return False
        if isinstance(action, Handoff) and not (action.to or self._handover.aside):
            return not self._playback.must_be_heard
        return not self._playback.busy

    async def part_failed(self, failed: Failed) -> None:
        """A part the dialog relies on failed: towards a human, even when the bot has lost its voice."""
        self._failures += 1
        if self._failures <= MOST_FAILURES:
            await self.advance(PartFailed(self._now_ms(), failed.part, failed.detail))
        elif not (self._handover.active or self._afterwards):
            await self._end("failed")

    async def wind_up(self, human: bool) -> None:
        """The server stops soon. human: whoever carries the call gives it to a person when it ends as 'server_stopped';
        otherwise a call-back is promised. Who talks to an operator goes on for as long as there is."""
        if not self._handover.talk and self.state.phase not in ("operator", "ending"):
            self._playback.stop()
            self._handover.give_up_waiting("server_stops")
            self._ends_as = "server_stopped" if human else self._ends_as
            await self.advance(ServiceEnds(self._now_ms(), human))

    async def _do(self, action: Action, decided_ms: int) -> None:
        match action:
            case Say():
                self._speaking.say(action, decided_ms, self.answers_ms)
                self.answers_ms = None
            case Listen():
                self.silence.expect(action)
                self._ear.expect(action.phrases)
                await self.quiet()
            case Lookup():
                self._start(self._look_up(action))
            case Handoff() | End():
                self.silence.forget()
                self._afterwards.append(action)
                await self.quiet()
            case Callback():
                payload = {"queue": action.queue, "reason": action.reason, "slots": dict(action.slots)}
                number = action.number or self._caller
                keeps = self._handover.place() if action.reason == ASKED_IN_QUEUE else {}
                seq = await self._record.add("callback.requested", {**payload, "number": number, **keeps})
                if keeps:
                    self._handover.keep_place(seq, number)
            case Record():
                await self._recording.wanted(action)
            case Request() | Message() | SwitchLanguage() | Surveyed():
                self.silence.forget()
                await self._running.run(action, self.state)
            case Note(topic="outcome"):
                self.outcome = action.values.get("outcome", self.outcome)
            case Note():
                pass  # committed with its event; nothing else to do

    async def _look_up(self, lookup: Lookup) -> None:
        try:
            found = await asyncio.to_thread(self._line.understanding.lookup, lookup, self._now_ms())
        except Exception as error:
            log.exception("call.lookup_failed")
            self._take_in(Failed("search", f"{type(error).__name__}: {error}"))
        else:
            self._take_in(found)
