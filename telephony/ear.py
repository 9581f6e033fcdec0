"""The caller's sound on its way to a recognizer, and whether a voice is in it at this moment."""

from __future__ import annotations

from collections.abc import Callable

from dialogs.events import TurnSettings
from telephony.interrupting import Interrupting
from telephony.lines import Line
from telephony.turn_limits import barge_in_with, endpointing_with
from voice.listening.echo import Echo
from voice.listening.expecting import Judge
from voice.listening.heard import ListenerEvent, SpeechStarted, SpeechStopped
from voice.listening.hinted import HintedRecognizer
from voice.listening.listener import Listener
from voice.listening.workers import Recognizers, RecognizersUnavailable


class Ear:
    """One call's; deaf until it is opened. rate_hz: of the sound; emit: gets what is heard, and must not block."""

    def __init__(
        self,
        line: Line,
        rate_hz: int,
        interrupting: Interrupting,
        now_ms: Callable[[], int],
        emit: Callable[[ListenerEvent], None],
    ) -> None:
        self._line, self._rate_hz, self._interrupting = line, rate_hz, interrupting
        self._now_ms, self._emit = now_ms, emit
        self._echo = Echo(rate_hz)
        self._listener: Listener | None = None
        self._recognizers: Recognizers | None = None
        self._judge: Judge | None = None
        self.speaking_since_ms: int | None = None
        """Of the turn that is under way, as far as the call has taken it in."""

    async def open(self, recognizers: Recognizers, judge: Judge) -> None:
        """judge: asked at a pause what the words so far are worth. Raises RecognizersUnavailable."""
        self._recognizers, self._judge = recognizers, judge
        await self._listen_in(self._line.language)

    async def switch(self, language: str) -> None:
        """Hear another language from now on. Raises RecognizersUnavailable, after which it is deaf."""
        listener, self._listener = self._listener, None
        if listener:
            await listener.close()
        if self.speaking_since_ms is not None:
            self.speaking_since_ms = None
            self._interrupting.voice_stopped(self._now_ms())
        await self._listen_in(language)

    async def _listen_in(self, language: str) -> None:
        if self._recognizers is None:
            raise RecognizersUnavailable("this call has no recognizer")
        recognizer = await self._recognizers.open(language)
        hints = self._line.hints if language == self._line.language else None
        self._listener = Listener(
            HintedRecognizer(recognizer, hints) if hints else recognizer,
            rate_hz=self._rate_hz,
            emit=self._from_listener,
            endpointing=self._line.endpointing,
            judge=self._judge,
            conditioning=self._line.conditioning,
            prosody=self._recognizers.prosody(language),
            echo=self._echo,
        )

    def _from_listener(self, event: ListenerEvent) -> None:
        """What a voice does to a prompt waits for nothing that the call is busy with, a search or a synthesis."""
        if isinstance(event, SpeechStarted):
            self._interrupting.voice(event.at_ms, self._now_ms())
        elif isinstance(event, SpeechStopped):
            self._interrupting.voice_stopped(self._now_ms())
        self._emit(event)

    @property
    def deaf(self) -> bool:
        return self._listener is None

    @property
    def sounding(self) -> bool:
        """The caller's voice is heard at this moment."""
        return self._listener is not None and self._listener.sounding

    def hear(self, pcm: bytes) -> None:
        """PCM16 at the door's rate, any length."""
        if self._listener:
            self._listener.feed(pcm, self._now_ms())

    def sent(self, pcm: bytes) -> None:
        """What goes to the caller, PCM16 at the door's rate: what of it comes back is not their voice."""
        self._echo.sent(pcm)

    def tick(self) -> None:
        if self._listener:
            self._listener.tick(self._now_ms())

    def expect(self, phrases: tuple[str, ...]) -> None:
        """What is likely to be said next."""
        if self._listener:
            self._listener.expect(phrases)

    def wait_as(self, turns: TurnSettings | None) -> None:
        """The settings in force while the dialog listens at a step; None: the line's."""
        self._interrupting.pause_by(barge_in_with(self._line.barge_in, turns))
        if self._listener:
            self._listener.endpoint_by(endpointing_with(self._line.endpointing, turns))

    def hear_everybody(self) -> None:
        """No voice counts as somebody else's any more."""
        if self._listener:
            self._listener.hear_everybody()

    def end_turn(self) -> None:
        if self._listener:
            self._listener.end_turn(self._now_ms())

    async def finish(self) -> None:
        """Until what was just being said is recognised."""
        if self._listener:
            await self._listener.finish(self._now_ms())

    async def close(self) -> None:
        if self._listener:
            await self._listener.close()
