"""An operator has the bot say an article into the call: caller, operator and guests hear it, and it is the bot's turn.

The line's voice joins the talk like a person who hears nobody. The operator's microphone rests while it sounds, so that
the caller hears one voice, and a loudspeaker on a desk does not bring the bot back as the operator's words.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dialogs.events import Candidate, Say
from telephony.carrying import TALK_RATE_HZ
from telephony.conversation import Conversation
from telephony.handover import Handover
from telephony.inputs import Input, Said
from telephony.lines import Line
from telephony.media import Command, Pacing, SoundOut
from telephony.operators.call_side import SayArticle, StopSaying
from telephony.operators.refusing import not_said
from telephony.playback import Playback
from telephony.prompts import PlaybackEvent, PlaybackIdle, PromptEnded, PromptStarted
from telephony.record import CallRecord, played_turn
from telephony.speaking import Speaking
from telephony.talk import Talk
from voice.speaking.prompts import Speaker
from voice.speaking.synthesizer import SynthesisFailed

LONGEST_SAID = 600
"""Letters, some 40 s; who has more to tell does it in a talk."""
PACING = Pacing(lead_ms=60, confirms=False)
"""People who talk are mixed as they come, and little of a voice is kept (`conference.MOST_WAITING`)."""


@dataclass
class _Saying:
    """sounds: it has begun to. stopped: the operator did that. failure: why there is no sound (any more)."""

    article: str
    operator: str
    talk: Talk
    sounds: bool = False
    complete: bool = False
    stopped: bool = False
    failure: str = ""


class Saying:
    """One call's. held: whether the caller's phone has put us on hold. tell: what the operator's console is told.
    start: runs work beside the call until it ends."""

    def __init__(
        self,
        line: Line,
        speaker: Speaker,
        conversation: Conversation,
        handover: Handover,
        record: CallRecord,
        now_ms: Callable[[], int],
        held: Callable[[], bool],
        tell: Callable[[Mapping[str, Any]], None],
        take_in: Callable[[Input], None],
        start: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._line, self._conversation, self._handover, self._record = line, conversation, handover, record
        self._now_ms, self._held, self._tell, self._start = now_ms, held, tell, start
        self._playback = Playback(self._sound, TALK_RATE_HZ, now_ms, lambda event: take_in(Said(event)), PACING)
        self._speaking = Speaking(speaker, self._playback, TALK_RATE_HZ, line.voice, now_ms, self._failed)
        self._saying: _Saying | None = None
        self._runs = False

    def retold(self) -> Sequence[Mapping[str, Any]]:
        """Which article is being said, for a console that comes back."""
        return [_now(self._saying)] if self._saying else []

    def grant(self, wish: SayArticle | StopSaying) -> None:
        """What is refused is told, and changes nothing."""
        match wish:
            case StopSaying() if self._saying:
                self._saying.stopped = True
                self._playback.stop()
            case SayArticle():
                found = self._line.understanding.known(wish.article, self._language(wish))
                reason = self._refusal(wish, found)
                if reason or found is None:
                    self._tell(not_said(wish.article, reason))
                else:
                    self._begin(wish, found)

    def _language(self, wish: SayArticle) -> str:
        return wish.language or self._conversation.state.language

    def _refusal(self, wish: SayArticle, found: Candidate | None) -> str:
        talk = self._handover.talk
        if talk is None or not self._handover.talks_to(wish.operator):
            return "not_talking"
        if talk.held or self._held():
            return "on_hold"
        if self._saying:
            return "already_saying"
        if found is None:
            return "unknown_article"
        if wish.version and wish.version != found.version:
            return "other_version"
        if found.sensitive:
            return "sensitive"
        if len(found.spoken) > LONGEST_SAID:
            return "too_long"
        try:
            self._speaking.voice_for(self._language(wish))
        except SynthesisFailed:
            return "no_voice"
        return ""

    def _begin(self, wish: SayArticle, found: Candidate) -> None:
        assert self._handover.talk
        if not self._runs:
            self._runs = True
            self._start(self._playback.run())
            self._start(self._speaking.run())
        self._saying = saying = _Saying(found.article, wish.operator, self._handover.talk)
        said = Say(found.spoken, self._language(wish), article=found.article, article_version=found.version)
        self._speaking.say(said, self._now_ms())
        if saying.failure:  # its voice has no word for any of it
            self._saying = None
            self._tell(not_said(wish.article, "no_voice"))
        else:
            self._tell(_now(saying))

    async def news(self, event: PlaybackEvent) -> None:
        """What became of the sound. Raises HistoryUnavailable."""
        saying = self._saying
        if saying is None:
            return
        match event:
            case PromptStarted():
                saying.sounds = True
                self._tell(_now(saying))
            case PromptEnded():
                saying.complete = event.complete
                saying.talk.bot_done()
                await self._write(event, saying)
            case PlaybackIdle():
                saying.talk.bot_done()
                self._saying = None
                self._tell({"type": "saying", "article": saying.article, "state": "over", "why": _why(saying)})

    async def close(self) -> None:
        """The call is over: what was heard of it is written down. Raises HistoryUnavailable."""
        ended, saying, self._saying = self._playback.abandon(), self._saying, None
        if ended and saying:
            await self._write(ended, saying)

    async def _write(self, ended: PromptEnded, saying: _Saying) -> None:
        await self._record.turn({**played_turn(ended), "asked_by": saying.operator})

    async def _sound(self, command: Command) -> None:
        saying = self._saying
        if isinstance(command, SoundOut) and saying and not saying.talk.bot_sound(command.pcm):
            self._playback.stop()  # the caller does not hear it: on hold, or the operator has gone

    def _failed(self, why: str) -> None:
        if self._saying:
            self._saying.failure = why


def _now(saying: _Saying) -> dict[str, Any]:
    return {"type": "saying", "article": saying.article, "state": "speaking" if saying.sounds else "preparing"}


def _why(saying: _Saying) -> str:
    """'said' | 'stopped' | 'failed' | 'broken_off'."""
    if saying.complete:
        return "said"
    if saying.stopped:
        return "stopped"
    return "failed" if saying.failure else "broken_off"
