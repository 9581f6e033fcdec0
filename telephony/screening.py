"""A call of ours was answered: the bot listens who it is before it speaks, and then for second thoughts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

import structlog

from dialogs.spoken_choices import hear_machine
from telephony.inputs import AnsweredBy, Input, Tick
from telephony.media import KeyPressed
from telephony.occasion import Occasion
from telephony.outbound.answering.greeting import Greeting, Rules, Verdict
from telephony.outbound.answering.tones import Beep, Tones
from voice.listening.heard import Heard, SpeechStarted, SpeechStopped

log = structlog.get_logger()

Listening = Literal["person", "machine"]


class Screening:
    """One call's. begin: the dialog begins, for a person or with the message for a machine; end: the call is over,
    with this outcome; note: an event for the history."""

    def __init__(
        self,
        occasion: Occasion,
        language: str,
        rate_hz: int,
        now_ms: Callable[[], int],
        begin: Callable[[Listening], Awaitable[None]],
        end: Callable[[str], Awaitable[None]],
        note: Callable[[str, Mapping[str, Any]], Awaitable[object]],
        rules: Rules | None = None,
    ) -> None:
        self._errand, self._now_ms = occasion, now_ms
        self._begin, self._end, self._note = begin, end, note
        self._greeting = Greeting(lambda words: hear_machine(words, language), rules or Rules())
        self._tones = Tones(rate_hz)
        self._acted_on: Verdict | None = None
        self._begun = False

    @property
    def watching(self) -> bool:
        """A verdict is still to come, or may still change."""
        verdict = self._greeting.verdict
        if verdict is None or not self._begun:
            return True
        late = self._now_ms() - verdict.at_ms > self._greeting.rules.second_thoughts_ms
        return verdict.who == "person" and verdict.why != "carrier" and not late

    def hear(self, pcm: bytes) -> None:
        """The far end's sound, PCM16."""
        if not self.watching:
            return
        for tone in self._tones.feed(pcm):
            now_ms = self._now_ms()
            self._greeting = self._greeting.beep(now_ms) if isinstance(tone, Beep) else self._greeting.fax(now_ms)

    async def takes(self, item: Input) -> bool:
        """Whether the call has nothing more to do about this input: nobody talks to the bot yet, or it belongs to the
        greeting, whose words may arrive after the verdict."""
        now_ms = self._now_ms()
        greeting = isinstance(item, Heard) and self._acted_on is not None and item.started_ms <= self._acted_on.at_ms
        if not self.watching:
            return greeting
        match item:
            case SpeechStarted():
                self._greeting = self._greeting.voice(item.at_ms)
            case SpeechStopped():
                self._greeting = self._greeting.voice_ended(item.at_ms)
            case Heard():
                self._greeting = self._greeting.words(item.text, now_ms, is_final=item.is_final)
            case AnsweredBy():
                self._greeting = self._greeting.told(item.who, now_ms)
            case KeyPressed() if self._greeting.verdict is None:
                self._greeting = self._greeting.key(now_ms)
        self._greeting = self._greeting.decided(now_ms)
        talks = self._begun
        await self._act(now_ms)
        return greeting or (not talks and isinstance(item, SpeechStarted | SpeechStopped | Heard | KeyPressed | Tick))

    async def _act(self, now_ms: int) -> None:
        verdict = self._greeting.verdict
        if verdict is None:
            return
        if verdict != self._acted_on:
            self._acted_on = verdict
            log.info("call.answered_by", who=verdict.who, why=verdict.why)
            said = {"who": verdict.who, "why": verdict.why, "at_ms": verdict.at_ms}
            await self._note("call.answered_by", said)
            if verdict.who == "person":
                if not self._begun:
                    self._begun = True
                    await self._begin("person")
            elif verdict.who == "fax" or self._begun or not self._errand.leaves_message:
                self._begun = True
                await self._end(verdict.who)
        if not self._begun and self._greeting.may_leave_message(now_ms):
            self._begun = True
            await self._begin("machine")
