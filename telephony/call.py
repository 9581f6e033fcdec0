"""One call: the only place where sound, dialog and history meet.

What the caller does (speech, keys, silence), what the desk does and what plays become inputs of one queue; one task
takes them in order. Inputs that matter to the dialog become events for `dialogs.engine.step`; the event and the
actions it leads to are committed to the history before any of them is carried out.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from dialogs import engine
from dialogs.events import (
    Action,
    Callback,
    CallEnded,
    CallerSaid,
    CallerSilent,
    CallerTyped,
    CallStarted,
    End,
    Event,
    Handoff,
    HearingLost,
    Listen,
    LookedUp,
    Lookup,
    Note,
    PartFailed,
    Say,
    TurnSettings,
    to_json,
)
from history import Entry, HistoryUnavailable, Journal
from telephony.handover import Handover
from telephony.interrupting import Interrupting
from telephony.keys import Keys, key_means
from telephony.lines import Line
from telephony.media import Command, Held, HungUp, KeyPressed, MarkPlayed, Pacing, Tell
from telephony.operators.desk import Accepted, Desk, DeskEvent, NobodyThere, OperatorGone, Placed
from telephony.playback import Playback
from telephony.preparing import Preparing
from telephony.prompts import PlaybackEvent, PlaybackIdle, PromptEnded, PromptStarted
from telephony.record import CallRecord, heard_turn, played_turn, turn_entry
from telephony.silence import SilenceClock
from telephony.speaking import Speaking, fillers
from telephony.turn_limits import barge_in_with, endpointing_with
from voice.listening.expecting import Completeness
from voice.listening.heard import Heard, ListenerEvent, RecognizerRestarted, SpeechStarted, SpeechStopped
from voice.listening.hinted import HintedRecognizer
from voice.listening.listener import Listener
from voice.listening.workers import Recognizers, RecognizersUnavailable
from voice.speaking.prompts import Speaker

log = structlog.get_logger()

TICK_S = 0.05
LONGEST_CALL_MS = 60 * 60 * 1000
LAST_WORDS_S = 2.0
"""How long the recognizer keeps a caller who hung up in mid-sentence, so that their words are kept."""


@dataclass(frozen=True)
class Parts:
    """What every call of this server shares."""

    journal: Journal
    recognizers: Recognizers
    speaker: Speaker
    desk: Desk


@dataclass(frozen=True)
class _Failed:
    part: str
    detail: str


@dataclass(frozen=True)
class _Tick:
    pass


@dataclass(frozen=True)
class _Broken:
    """The connection broke, or the far end spoke nonsense."""

    reason: str
    detail: str


_Input = ListenerEvent | PlaybackEvent | DeskEvent | KeyPressed | Held | HungUp | LookedUp | _Failed | _Tick | _Broken


class Call:
    """From the answer to the hang-up. send: carries a command to the far end, sound at `rate_hz`."""

    def __init__(
        self,
        call_id: str,
        line: Line,
        caller: str,
        rate_hz: int,
        parts: Parts,
        send: Callable[[Command], Awaitable[None]],
        pacing: Pacing,
    ) -> None:
        self.call_id = call_id
        self._line, self._caller, self._rate_hz, self._parts, self._send = line, caller, rate_hz, parts, send
        self._answered_s = time.monotonic()
        self._inputs: asyncio.Queue[_Input] = asyncio.Queue()
        self._background: set[asyncio.Task[None]] = set()
        self._record = CallRecord(call_id, parts.journal, self.now_ms, self._show)
        self._playback = Playback(send, rate_hz, self.now_ms, self._inputs.put_nowait, pacing)
        self._interrupting = Interrupting(line.barge_in, self._playback)
        self._speaking = Speaking(
            parts.speaker, self._playback, rate_hz, line.voice, self.now_ms, self._voice_failed, fillers(line.book)
        )
        self._preparing = Preparing(line, parts.speaker, self._speaking.voice_for, self.now_ms, rate_hz)
        self._handover = Handover(
            self, line, caller, rate_hz, parts.desk, parts.recognizers, self._record, send
        )  # fmt: skip
        self._listener: Listener | None = None
        self._state = engine.start(line.book, line.language)
        self._silence = SilenceClock()
        self._keys = Keys()
        self._speaking_since_ms: int | None = None
        self._answers_ms: int | None = None
        self._afterwards: list[Handoff | End] = []
        self._hearing_lost = 0
        self._failures = 0
        self._outcome = ""
        self._over: str | None = None

    # ------------------------------------------------------------------------------- called by the door and the desk

    def now_ms(self) -> int:
        """Milliseconds since the call was answered."""
        return int((time.monotonic() - self._answered_s) * 1000)

    def transcript(self) -> Sequence[Mapping[str, Any]]:
        return self._record.turns

    def hear(self, pcm: bytes) -> None:
        """The caller's sound, PCM16 at the door's rate, any length."""
        if self._listener:
            self._listener.feed(pcm, self.now_ms())
        if self._handover.talk:
            self._handover.talk.caller_sound(pcm)

    def _from_listener(self, event: ListenerEvent) -> None:
        """What a voice does to a prompt waits for nothing that the call is busy with, a search or a synthesis."""
        if isinstance(event, SpeechStarted):
            self._interrupting.voice(event.at_ms, self.now_ms())
        elif isinstance(event, SpeechStopped):
            self._interrupting.voice_stopped(self.now_ms())
        self._inputs.put_nowait(event)

    def press(self, key: str) -> None:
        self._inputs.put_nowait(KeyPressed(key))

    def held(self, held: bool) -> None:
        """The far end put the call on hold, or took it back."""
        self._inputs.put_nowait(Held(held))

    def mark_played(self, mark: MarkPlayed) -> None:
        self._playback.mark_played(mark.name)

    def flow(self, takes_sound: bool) -> None:
        """Whether the far end takes sound for now."""
        self._playback.flow(takes_sound)

    def hung_up(self, reason: str) -> None:
        self._inputs.put_nowait(HungUp(reason))

    def broken(self, reason: str, detail: str) -> None:
        """The far end broke the protocol or the connection: the call ends, with this reason in the history."""
        self._inputs.put_nowait(_Broken(reason, detail))

    def from_desk(self, event: DeskEvent) -> None:
        self._inputs.put_nowait(event)

    def from_operator(self, pcm: bytes) -> None:
        if self._handover.talk:
            self._handover.talk.operator_sound(pcm)

    # ------------------------------------------------------------------------------------------------------ the life

    async def run(self) -> str:
        """Answer, talk, end; returns the reason. What goes wrong ends the call, with its reason in the history."""
        structlog.contextvars.bind_contextvars(call_id=self.call_id)
        tasks = [asyncio.create_task(work) for work in (self._playback.run(), self._speaking.run(), self._tick())]
        try:
            await self._answer()
            while self._over is None:
                await self._take(await self._inputs.get())
        except HistoryUnavailable as error:
            log.error("call.history_unavailable", error=str(error))
            self._over = "history_unavailable"
        except Exception:
            log.exception("call.internal_error")
            self._over = "internal_error"
        finally:
            for task in (*tasks, *self._background):
                task.cancel()
            await _to_the_end(self._close(self._over or "server_stopped"))
        return self._over or "server_stopped"

    async def _answer(self) -> None:
        try:
            recognizer = await self._parts.recognizers.open(self._line.language)
        except RecognizersUnavailable as error:
            log.error("call.deaf", error=str(error))
            self._inputs.put_nowait(_Failed("recognition", str(error)))
        else:
            self._listener = Listener(
                HintedRecognizer(recognizer, self._line.hints) if self._line.hints else recognizer,
                rate_hz=self._rate_hz,
                emit=self._from_listener,
                endpointing=self._line.endpointing,
                judge=self._consider,
            )
        day = datetime.now().astimezone().date().isoformat()
        await self._advance(CallStarted(self.now_ms(), self._line.id, self._line.language, self._caller, day))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            if self._listener:
                self._listener.tick(self.now_ms())
            if self._handover.talk:
                self._handover.talk.tick(self.now_ms())
            self._inputs.put_nowait(_Tick())

    async def _take(self, item: _Input) -> None:
        match item:
            case _Tick():
                await self._look_at_the_clock()
            case SpeechStarted():
                self._keys.voice_started()
                self._speaking_since_ms = item.at_ms
                self._silence.speech(self.now_ms())
            case SpeechStopped():
                self._keys.voice_stopped()
                self._speaking_since_ms = None
            case Heard(is_final=False):
                self._record.partial("caller", item)
            case Heard():
                await self._heard(item)
            case KeyPressed():
                await self._key(item.key)
            case Held():
                await self._hold(item.held)
            case LookedUp():
                await self._advance(item)
            case PromptStarted():
                self._silence.speech(self.now_ms())
            case PromptEnded():
                await self._record.turn(played_turn(item))
            case PlaybackIdle():
                await self._quiet()
            case RecognizerRestarted():
                await self._hearing_restarted(item)
            case OperatorGone(reason="hung_up"):
                await self._end("operator_ended")
            case Placed() | Accepted() | NobodyThere() | OperatorGone():
                if isinstance(item, Accepted):
                    self._playback.stop()
                event = await self._handover.from_desk(item)
                if event:
                    await self._advance(event)
            case _Failed():
                await self._part_failed(item)
            case HungUp():
                await self._end(item.reason)
            case _Broken():
                log.warning("call.broken", reason=item.reason, detail=item.detail)
                await self._record.add("media.error", {"code": item.reason, "detail": item.detail})
                await self._end(item.reason)
        for key in self._keys.due():
            await self._typed(key)

    # ------------------------------------------------------------------------------------------------ what is heard

    async def _heard(self, heard: Heard) -> None:
        turn = heard_turn("caller", heard)
        said_first = self._keys.words_came()
        if self._handover.talk:
            await self._record.turn(turn)
            return
        if not said_first or not await self._interrupting.takes_the_turn(heard.text, self._means_something):
            await self._record.turn(turn)
            self._interrupting.go_on()
            await self._quiet()
            return
        self._answers_ms = heard.ended_ms
        self._interrupting.give_way()
        self._silence.forget()
        await self._advance(CallerSaid(self.now_ms(), heard.text, heard.confidence), turn_entry(turn))

    async def _key(self, key: str) -> None:
        if self._handover.talk:
            return
        self._interrupting.give_way()
        sounding = self._listener is not None and self._listener.sounding
        pressed = self._keys.press(key, key_means(self._line.book, self._state, key), sounding)
        if pressed.ends_turn and self._listener:
            self._listener.end_turn(self.now_ms())
        if pressed.now:
            await self._typed(key)

    async def _typed(self, key: str) -> None:
        self._answers_ms = self.now_ms()
        self._silence.key()
        await self._advance(CallerTyped(self.now_ms(), key))
        await self._quiet()

    async def _consider(self, text: str) -> Completeness:
        """The words so far, at a pause: prepare what they would lead to, say what they are worth."""
        if self._handover.active:
            return Completeness.OPEN
        return await self._preparing.consider(self._state, text)

    async def _means_something(self, text: str) -> bool:
        try:
            return await self._preparing.means_something(self._state, text)
        except Exception:
            log.exception("call.not_weighed")
            return True  # The dialog takes the words itself, and says what is wrong with the search if it fails again.

    async def _hearing_restarted(self, restarted: RecognizerRestarted) -> None:
        log.warning("call.recognizer_restarted", reason=restarted.reason, lost_speech=restarted.lost_speech)
        engine_name = self._parts.recognizers.choice(self._line.language).engine
        await self._record.add("recognizer.restarted", {"engine": engine_name, "reason": restarted.reason})
        if restarted.lost_speech:
            self._keys.words_lost()
        if restarted.lost_speech and not self._handover.talk:
            self._speaking_since_ms = None
            self._interrupting.voice_stopped(self.now_ms())
            self._interrupting.give_way()
            self._hearing_lost += 1
            await self._advance(HearingLost(self.now_ms(), repeated=self._hearing_lost > 1))

    async def _hold(self, held: bool) -> None:
        """On hold nobody listens and nobody is waited for; afterwards the prompt goes on with its sentence."""
        await self._record.add("call.held", {"held": held})
        if held:
            self._playback.hold()
            self._silence.speech(self.now_ms())
        else:
            self._playback.release()
            self._interrupting.go_on()
            await self._quiet()

    async def _look_at_the_clock(self) -> None:
        now_ms = self.now_ms()
        if now_ms >= LONGEST_CALL_MS:
            await self._end("too_long")
            return
        self._interrupting.clock(now_ms)
        if self._silence.ran_out(now_ms):
            if self._listener:
                self._listener.hear_everybody()
            await self._advance(CallerSilent(now_ms))

    async def _quiet(self) -> None:
        """When nothing plays: what waited for that is done, or the caller's time to speak begins."""
        if self._playback.busy or self._playback.held:
            return
        while self._afterwards and self._over is None:
            action = self._afterwards.pop(0)
            if isinstance(action, Handoff):
                await self._handover.enqueue(action)
            else:
                self._outcome = action.outcome or self._outcome
                await self._end("bot_ended")
        if self._speaking_since_ms is None and not self._handover.active:
            self._silence.quiet(self.now_ms())

    # ----------------------------------------------------------------------------------------------- what is to be done

    async def _advance(self, event: Event, *before: Entry) -> None:
        """Give the dialog an event; commit it with the actions it leads to; then carry them out."""
        if self._over is not None:
            return
        state, actions = engine.step(self._line.book, self._state, event)
        decided_ms = self.now_ms()
        entries = [*before, Entry("dialog.event", to_json(event), event.at_ms)]
        entries += [Entry("dialog.action", to_json(action), event.at_ms, actor="bot") for action in actions]
        await self._record.add_all(entries)
        self._state = state
        self._wait_as(state.listen.turns if state.phase == "listening" and state.listen else None)
        for action in actions:
            await self._do(action, decided_ms)

    def _wait_as(self, turns: TurnSettings | None) -> None:
        """While the dialog listens, its step's settings are in force; after that the line's are again."""
        self._interrupting.pause_by(barge_in_with(self._line.barge_in, turns))
        if self._listener:
            self._listener.endpoint_by(endpointing_with(self._line.endpointing, turns))

    async def _do(self, action: Action, decided_ms: int) -> None:
        match action:
            case Say():
                self._speaking.say(action, decided_ms, self._answers_ms)
                self._answers_ms = None
            case Listen():
                self._silence.expect(action)
                if self._listener:
                    self._listener.expect(action.phrases)
                await self._quiet()
            case Lookup():
                self._start(self._look_up(action))
            case Handoff() | End():
                self._silence.forget()
                self._afterwards.append(action)
                await self._quiet()
            case Callback():
                payload = {"queue": action.queue, "reason": action.reason, "slots": dict(action.slots)}
                await self._record.add("callback.requested", {**payload, "number": action.number or self._caller})
            case Note(topic="outcome"):
                self._outcome = action.values.get("outcome", self._outcome)
            case Note():
                pass  # committed with its event; nothing else to do

    def _voice_failed(self, why: str) -> None:
        self._inputs.put_nowait(_Failed("synthesis", why))

    async def _look_up(self, lookup: Lookup) -> None:
        if prepared := self._preparing.take(lookup):
            self._inputs.put_nowait(prepared)
            return
        try:
            found = await asyncio.to_thread(self._line.understanding.lookup, lookup, self.now_ms())
        except Exception as error:
            log.exception("call.lookup_failed")
            self._inputs.put_nowait(_Failed("search", f"{type(error).__name__}: {error}"))
        else:
            self._inputs.put_nowait(found)

    async def _part_failed(self, failed: _Failed) -> None:
        """A part the dialog relies on failed: towards a human, even when the bot has lost its voice."""
        self._failures += 1
        if self._failures <= 2:
            await self._advance(PartFailed(self.now_ms(), failed.part, failed.detail))
        elif not (self._handover.active or self._afterwards):
            await self._end("failed")

    # ------------------------------------------------------------------------------------------------------- the end

    async def _end(self, reason: str) -> None:
        if self._over is not None:
            return
        if reason not in ("bot_ended", "operator_ended"):
            await self._last_words()
        await self._advance(CallEnded(self.now_ms(), reason))
        self._over = reason

    async def _last_words(self) -> None:
        """A caller who is cut off in mid-sentence has said it all the same, and heard what was played until then."""
        if ended := self._playback.abandon():
            await self._record.turn(played_turn(ended))
        if self._listener is None or self._speaking_since_ms is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                await self._listener.finish(self.now_ms())
        while not self._inputs.empty():
            item = self._inputs.get_nowait()
            if isinstance(item, Heard) and item.is_final:
                await self._record.turn(heard_turn("caller", item))

    async def _close(self, reason: str) -> None:
        for last in (
            self._handover.leave(reason),
            self._record.add("call.ended", {"reason": reason, "outcome": self._outcome or "abandoned"}),
        ):
            try:
                await last
            except HistoryUnavailable as error:
                log.error("call.end_not_recorded", error=str(error), reason=reason)
            except Exception:
                log.exception("call.close_failed", reason=reason)
        if self._listener:
            await self._listener.close()
        await self._tell({"type": "ended", "reason": reason})
        log.info("call.ended", reason=reason, outcome=self._outcome, duration_ms=self.now_ms())

    # ------------------------------------------------------------------------------------------------------ showing

    def _show(self, message: Mapping[str, Any]) -> None:
        self._parts.desk.tell_operator(self.call_id, message)
        self._start(self._tell(message))

    async def _tell(self, message: Mapping[str, Any]) -> None:
        with contextlib.suppress(ConnectionError):
            await self._send(Tell(message))

    def _start(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


async def _to_the_end(closing: Coroutine[Any, Any, None]) -> None:
    """Wait for it even when cancelled meanwhile: a server that stops cuts no call short that is just ending."""
    task = asyncio.create_task(closing)
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()
