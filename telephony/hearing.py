"""What is heard: words, keys, silence, a hold, a recognizer that died; and which of it is the caller's turn."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from dialogs.events import CallerSaid, CallerSilent, CallerTyped, HearingLost
from telephony.conversation import Conversation
from telephony.ear import Ear
from telephony.handover import Handover
from telephony.interrupting import Interrupting
from telephony.keys import Keys, key_means
from telephony.lines import Line
from telephony.playback import Playback
from telephony.preparing import Preparing
from telephony.record import CallRecord, heard_turn
from voice.listening.expecting import Completeness
from voice.listening.heard import Heard, RecognizerRestarted, SpeechStarted
from voice.listening.recognizer import Recognition
from voice.listening.unsure import unsure_words
from voice.listening.workers import Recognizers

log = structlog.get_logger()


class Hearing:
    """One call's."""

    def __init__(
        self,
        line: Line,
        recognizers: Recognizers,
        conversation: Conversation,
        ear: Ear,
        record: CallRecord,
        playback: Playback,
        interrupting: Interrupting,
        preparing: Preparing,
        handover: Handover,
        now_ms: Callable[[], int],
    ) -> None:
        self._line, self._recognizers, self._conversation = line, recognizers, conversation
        self._ear, self._record, self._playback = ear, record, playback
        self._interrupting, self._preparing, self._handover, self._now_ms = interrupting, preparing, handover, now_ms
        self._keys = Keys()
        self._lost = 0

    async def consider(self, said: Recognition) -> Completeness:
        """The words so far, at a pause: prepare what they would lead to, say what they are worth."""
        if self._handover.active:
            return Completeness.OPEN
        return await self._preparing.consider(self._conversation.state, said.text, unsure_words(said.words))

    def overhear(self, text: str) -> None:
        """The words so far, while the voice goes on."""
        if not self._handover.active:
            self._preparing.overhear(self._conversation.state, text)

    def voice_started(self, started: SpeechStarted) -> None:
        self._keys.voice_started()
        self._ear.speaking_since_ms = started.at_ms
        self._conversation.silence.speech(self._now_ms())

    def voice_stopped(self) -> None:
        self._keys.voice_stopped()
        self._ear.speaking_since_ms = None

    async def heard(self, heard: Heard) -> None:
        """The words of a whole turn."""
        turn = heard_turn("caller", heard)
        said_first = self._keys.words_came()
        if self._handover.talk:
            await self._record.turn(turn)
            return
        if not said_first or not await self._interrupting.takes_the_turn(heard.text, self._means_something):
            await self._record.turn(turn)
            self._interrupting.go_on()
            await self._conversation.quiet()
            return
        self._conversation.answers_ms = heard.ended_ms
        self._interrupting.give_way()
        self._conversation.silence.forget()
        said = CallerSaid(self._now_ms(), heard.text, heard.confidence, unsure_words(heard.words))
        await self._conversation.advance(said, self._record.entry(turn), since_ms=heard.started_ms)

    async def key(self, key: str) -> None:
        if self._handover.talk:
            return
        self._interrupting.give_way()
        means = key_means(self._line.book, self._conversation.state, key)
        pressed = self._keys.press(key, means, self._ear.sounding)
        if pressed.ends_turn:
            self._ear.end_turn()
        if pressed.now:
            await self._typed(key)

    async def due_keys(self) -> None:
        """Keys that waited for words which have come meanwhile."""
        for key in self._keys.due():
            await self._typed(key)

    async def _typed(self, key: str) -> None:
        self._conversation.answers_ms = self._now_ms()
        self._conversation.silence.key()
        await self._conversation.advance(CallerTyped(self._now_ms(), key))
        await self._conversation.quiet()

    async def _means_something(self, text: str) -> bool:
        try:
            return await self._preparing.means_something(self._conversation.state, text)
        except Exception:
            log.exception("call.not_weighed")
            return True  # The dialog takes the words itself, and says what is wrong with the search if it fails again.

    async def restarted(self, restarted: RecognizerRestarted) -> None:
        """The recognizer died and another took its place."""
        log.warning("call.recognizer_restarted", reason=restarted.reason, lost_speech=restarted.lost_speech)
        engine_name = self._recognizers.choice(self._line.language).engine
        await self._record.add("recognizer.restarted", {"engine": engine_name, "reason": restarted.reason})
        if restarted.lost_speech:
            self._keys.words_lost()
        if restarted.lost_speech and not self._handover.talk:
            self._ear.speaking_since_ms = None
            self._interrupting.voice_stopped(self._now_ms())
            self._interrupting.give_way()
            self._lost += 1
            await self._conversation.advance(HearingLost(self._now_ms(), repeated=self._lost > 1))

    async def hold(self, held: bool) -> None:
        """On hold nobody listens and nobody is waited for; afterwards the prompt goes on with its sentence."""
        await self._record.add("call.held", {"held": held})
        if held:
            self._playback.hold()
            self._conversation.silence.speech(self._now_ms())
        else:
            self._playback.release()
            self._interrupting.go_on()
            await self._conversation.quiet()

    async def music(self, plays: bool) -> None:
        """On the caller's side: they are waited for, and asked when it stops, or when it goes on for too long."""
        await self._record.add("call.music", {"plays": plays})
        self._conversation.silence.music_plays(plays, self._now_ms())

    async def clock(self) -> None:
        """What is due by time alone: a paused prompt goes on, a silent caller is asked again."""
        now_ms = self._now_ms()
        self._interrupting.clock(now_ms)
        self._conversation.look_for_secrets()
        if self._conversation.silence.ran_out(now_ms):
            self._ear.hear_everybody()
            await self._conversation.advance(CallerSilent(now_ms))
