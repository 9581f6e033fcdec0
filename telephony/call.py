"""One call: the only place where sound, dialog and history meet.

What the caller does (speech, keys, silence), what the desk does and what plays become inputs of one queue; one task
takes them in order. What is heard is weighed in `hearing.py`; what the dialog makes of it is committed and carried out
in `conversation.py`; how it begins is in `opening.py`, how it ends in `ending.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

import structlog

from dialogs.events import Handoff, LookedUp, Responded
from history import HistoryUnavailable
from telephony.confiding import Confiding
from telephony.conversation import Conversation
from telephony.ear import Ear
from telephony.ending import Ending, to_the_end
from telephony.giving_back import GivingBack, bot_flows
from telephony.guests import GuestNews, Guests
from telephony.handover import Handover
from telephony.hearing import Hearing
from telephony.hold_music import HoldMusic
from telephony.inputs import AnsweredBy, Broken, Failed, Input, Said, Tick, WindUp
from telephony.interrupting import Interrupting
from telephony.lines import Line
from telephony.media import Command, Held, HungUp, KeyPressed, MarkPlayed, Pacing, SoundOut, Tell
from telephony.occasion import Occasion
from telephony.opening import Opening
from telephony.operators.call_side import Dialled, Dismissed, Invited, Parked, SayArticle, StopSaying
from telephony.operators.desk import Accepted, DeskEvent, Moved, NobodyThere, NotTaken, OperatorGone, Placed, ToBot
from telephony.outbound.answering.greeting import Who
from telephony.overhearing import Overhearing
from telephony.parts import Parts
from telephony.playback import Playback
from telephony.preparing import Preparing
from telephony.prompts import PlaybackIdle, PromptEnded, PromptStarted
from telephony.putting_through import PuttingThrough
from telephony.record import CallRecord, played_turn, sounding_turn
from telephony.recording.call_recording import CallRecording
from telephony.running import Running
from telephony.saying import Saying
from telephony.speaking import Speaking, fillers
from telephony.wishes import Wishes
from voice.listening.heard import (
    Heard,
    MusicStarted,
    MusicStopped,
    RecognizerRestarted,
    SpeechStarted,
    SpeechStopped,
)

log = structlog.get_logger()

TICK_S = 0.05
LONGEST_CALL_MS = 60 * 60 * 1000


class Call:
    """From the answer to the hang-up. send: carries a command to the far end, sound at `rate_hz`.

    occasion: what a call of ours is about, None for a caller's; `caller` is then who was called. human_next: whoever
    carries the call gives it to a person when it does not come to its own end.
    """

    def __init__(
        self,
        call_id: str,
        line: Line,
        caller: str,
        rate_hz: int,
        parts: Parts,
        send: Callable[[Command], Awaitable[None]],
        pacing: Pacing,
        occasion: Occasion | None = None,
        human_next: bool = False,
    ) -> None:
        self.call_id = call_id
        self._parts, self._send, self._human_next, self._line = parts, send, human_next, line
        self._answered_s = time.monotonic()
        self._inputs: asyncio.Queue[Input] = asyncio.Queue()
        self._background: set[asyncio.Task[None]] = set()
        take_in, now_ms = self._inputs.put_nowait, self.now_ms
        self._confiding = confiding = Confiding(now_ms)
        parts.late.begin(call_id, lambda why: take_in(Failed("history", why)), self._history_slow)
        self._record = record = CallRecord(call_id, parts.late, now_ms, self._show, confiding)
        self._recording = recording = CallRecording(
            call_id, line.recording, parts.recorder, record, confiding, now_ms, rate_hz
        )
        self._playback = playback = Playback(self._sound, rate_hz, now_ms, take_in, pacing)
        self._speaking = Speaking(
            parts.speaker, playback, rate_hz, line.voice, now_ms, self._voice_failed, fillers(line.book)
        )
        self._handover = handover = Handover(
            self, line, caller, rate_hz, parts.desk, parts.recognizers, record, self._sound,
            HoldMusic(line.music, rate_hz, self._sound, lambda: playback.silent, now_ms) if line.music else None,
        )  # fmt: skip
        interrupting = Interrupting(line.barge_in, playback)
        preparing = Preparing(line, parts.speaker, self._speaking.voice_for, now_ms, rate_hz)
        self._ear = ear = Ear(line, rate_hz, interrupting, now_ms, take_in)
        running = Running(call_id, line, parts.errands, record, self._speaking, ear, now_ms, take_in, self._start)
        self._conversation = Conversation(
            line, caller, record, playback, self._speaking, preparing, handover, ear,
            confiding, recording, running, now_ms, take_in, self._start, self._end, self._put_through,
        )  # fmt: skip
        self._hearing = Hearing(
            line, parts.recognizers, self._conversation, ear, record, playback,
            interrupting, preparing, handover, now_ms,
        )  # fmt: skip
        guests = Guests(
            call_id, line, parts.controls, parts.transfers, parts.speaker, self._inputs.put_nowait, self._from_guest
        )
        self._putting_through = PuttingThrough(
            guests, handover, record, now_ms, handover.talk_to_guests, self._tell_operator, self._end
        )
        self._wishes = Wishes(handover, self._putting_through, record, self._tell_operator, send)
        self._giving_back = GivingBack(
            line, self._conversation, ear, handover, self._putting_through, recording, now_ms, self._tell_operator
        )
        self._saying = Saying(
            line, parts.speaker, self._conversation, handover, record, now_ms, lambda: playback.held,
            self._tell_operator, take_in, self._start,
        )  # fmt: skip
        self._ending = Ending(
            self._conversation, ear, playback, record, recording, handover, self._putting_through, self._saying,
            now_ms, self._inputs,
        )  # fmt: skip
        self.overhearing = Overhearing(handover, record, lambda: confiding.active or recording.state == "paused")
        self._opening = Opening(
            line, caller, occasion, rate_hz, parts, self._conversation, self._hearing, ear, record,
            recording.possible, now_ms, take_in, self._end,
        )  # fmt: skip

    # ------------------------------------------------------------------------------- called by the door and the desk

    def now_ms(self) -> int:
        """Milliseconds since the call was answered."""
        return int((time.monotonic() - self._answered_s) * 1000)

    @property
    def with_whom(self) -> str:
        """'bot' | 'queue' (the caller waits, or is being put through) | 'person'."""
        if self._handover.talk:
            return "person"
        return "queue" if self._handover.active else "bot"

    def transcript(self) -> Sequence[Mapping[str, Any]]:
        said = self._playback.current
        return [*self._record.turns, *([sounding_turn(said, self._playback.started_ms)] if said else [])]

    def hear(self, pcm: bytes) -> None:
        """The caller's sound, PCM16 at the door's rate, any length."""
        self._ear.hear(pcm)
        self._recording.heard(pcm)
        self._opening.hear(pcm)
        if self._handover.talk:
            self._handover.talk.caller_sound(pcm)

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
        self._inputs.put_nowait(Broken(reason, detail))

    def answered_by(self, who: Who) -> None:
        """The phone system has found out who answered a call of ours."""
        self._inputs.put_nowait(AnsweredBy(who))

    def wind_up(self, human: bool) -> None:
        """The server stops soon: say so and end. human: a person takes the call when its sound is over."""
        self._inputs.put_nowait(WindUp(human))

    async def operator_wants(self, wanted: str, who: str) -> str:
        """'pause' what is recorded and written down of this call, or 'resume' it; returns the recording's state.

        Raises HistoryUnavailable.
        """
        return await self._recording.operator_wants(wanted, who)

    @property
    def recording_state(self) -> str:
        """'off' | 'on' | 'paused' | 'failed'."""
        return self._recording.state

    @property
    def bot_flows(self) -> Sequence[Mapping[str, Any]]:
        """At which flows an operator may give the call back to the bot."""
        return bot_flows(self._line)

    def retold(self) -> Sequence[Mapping[str, Any]]:
        """What the operator's console was told of the talk and still holds, for one that comes back."""
        return [*self._wishes.retold(), *self._putting_through.retold(), *self._saying.retold()]

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
        talk = self._conversation
        try:
            await self._opening.answer()
            while talk.over is None:
                await self._take(await self._inputs.get())
        except HistoryUnavailable as error:
            log.error("call.history_unavailable", error=str(error))
            talk.over = "history_unavailable"
        except Exception:
            log.exception("call.internal_error")
            talk.over = "internal_error"
        finally:
            for task in (*tasks, *self._background):
                task.cancel()
            await to_the_end(self._close(talk.over or "server_stopped"))
        return talk.over or "server_stopped"

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._ear.tick()
            if self._handover.talk:
                self._handover.talk.tick(self.now_ms())
            self.overhearing.look()
            self._inputs.put_nowait(Tick())

    async def _take(self, item: Input) -> None:
        if await self._opening.takes(item):
            return
        match item:
            case Tick():
                await self._look_at_the_clock()
            case SpeechStarted():
                self._hearing.voice_started(item)
            case SpeechStopped():
                self._hearing.voice_stopped()
            case Heard(is_final=False):
                self._record.partial("caller", item)
                self._hearing.overhear(item.text)
            case Heard():
                await self._hearing.heard(item)
            case KeyPressed():
                await self._hearing.key(item.key)
            case Held():
                await self._hearing.hold(item.held)
            case MusicStarted() | MusicStopped():
                await self._hearing.music(isinstance(item, MusicStarted))
            case LookedUp() | Responded():
                await self._conversation.advance(item)
            case PromptStarted():
                self._conversation.silence.speech(self.now_ms())
            case PromptEnded():
                await self._record.turn(played_turn(item))
                await self._recording.played(item)
                await self._conversation.due()
            case PlaybackIdle():
                await self._conversation.quiet()
            case RecognizerRestarted():
                await self._hearing.restarted(item)
            case OperatorGone(reason="hung_up"):
                if self._putting_through.operator_may_leave():
                    await self._handover.operator_leaves("left")
                else:
                    await self._end("operator_ended")
            case GuestNews():
                if item.what == "answered":
                    self._playback.stop(softly=True)
                if event := await self._putting_through.news(item):
                    await self._conversation.advance(event)
            case Invited() | Dismissed() | Parked() | Dialled():
                await self._wishes.grant(item)
            case SayArticle() | StopSaying():
                self._saying.grant(item)
            case Said():
                await self._saying.news(item.event)
            case ToBot():
                await self._giving_back.give(item)
            case NobodyThere() if self._human_next and self._record.is_late:
                await self._end("history_unavailable")
            case Placed() | Moved() | NotTaken() | Accepted() | NobodyThere() | OperatorGone():
                if isinstance(item, Accepted):
                    self._playback.stop(softly=True)
                event = await self._handover.from_desk(item)
                if event:
                    await self._conversation.advance(event)
            case Failed():
                await self._conversation.part_failed(item)
            case WindUp():
                await self._conversation.wind_up(item.human)
            case HungUp():
                await self._end(item.reason)
            case Broken():
                log.warning("call.broken", reason=item.reason, detail=item.detail)
                await self._record.add("media.error", {"code": item.reason, "detail": item.detail})
                await self._end(item.reason)
        await self._hearing.due_keys()

    async def _put_through(self, handoff: Handoff) -> None:
        if event := await self._putting_through.begin(handoff):
            await self._conversation.advance(event)

    async def _look_at_the_clock(self) -> None:
        if self.now_ms() >= LONGEST_CALL_MS:
            await self._end("too_long")
        else:
            await self._hearing.clock()
            await self._recording.look()

    async def _end(self, reason: str) -> None:
        await self._ending.end(reason)

    async def _close(self, reason: str) -> None:
        await self._ending.close(reason)
        self._parts.late.end(self.call_id)
        await self._tell({"type": "ended", "reason": reason})

    # ------------------------------------------------------------------------------------------------------ showing

    def _from_guest(self, name: str, pcm: bytes) -> None:
        if self._handover.talk:
            self._handover.talk.guest_sound(name, pcm)

    def _tell_operator(self, message: Mapping[str, Any]) -> None:
        self._parts.desk.tell_operator(self.call_id, message)

    def _voice_failed(self, why: str) -> None:
        self._inputs.put_nowait(Failed("synthesis", why))

    def _history_slow(self) -> None:
        """Who waits for the bot hears that it goes on."""
        if self._playback.silent and not self._handover.active and self._ear.speaking_since_ms is None:
            self._speaking.fill(self._conversation.state.language)

    def _show(self, message: Mapping[str, Any]) -> None:
        self._parts.desk.tell_operator(self.call_id, message)
        self.overhearing.show(message)
        if not message.get("is_final", True):
            self._parts.partials.publish(self.call_id, message)
        self._start(self._tell(message))

    async def _sound(self, command: Command) -> None:
        """Whoever speaks to the caller does so through it: the recording hears it, and the ear must know it again when
        the line brings it back."""
        if isinstance(command, SoundOut):
            self._ear.sent(command.pcm)
        await self._send(command)
        self._recording.sent(command)

    async def _tell(self, message: Mapping[str, Any]) -> None:
        with contextlib.suppress(ConnectionError):
            await self._send(Tell(message))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
