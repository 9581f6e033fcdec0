"""The caller speaks over a prompt: it pauses at once, and goes on unless they have something to say.

Falling silent is cheap to take back, so it needs no certainty: the prompt pauses at the first voice and goes on from
the sentence where it stopped after a cough, a noise or a 'mhm'.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from telephony.playback import Playback
from voice.speaking.barge_in import BargeIn, is_backchannel, needs_meaning, should_pause

UNHEARD_MS = 4_000
"""A prompt that is paused goes on that long after the voice stopped, even if no recognizer told what was said."""


class Interrupting:
    """One call's. Prompts that are not interruptible are never paused."""

    def __init__(self, rule: BargeIn, playback: Playback) -> None:
        self._rule, self._playback = rule, playback
        self._since_ms: int | None = None
        self._stopped_ms = 0

    def pause_by(self, rule: BargeIn) -> None:
        """What pauses a prompt from now on."""
        self._rule = rule

    def voice(self, since_ms: int, now_ms: int) -> None:
        """The caller speaks since `since_ms`."""
        self._since_ms = since_ms
        self.clock(now_ms)

    def voice_stopped(self, now_ms: int) -> None:
        self._since_ms, self._stopped_ms = None, now_ms

    def clock(self, now_ms: int) -> None:
        playing = self._playback.current
        if playing is None:
            return
        if self._since_ms is None:
            if self._playback.paused and now_ms - self._stopped_ms >= UNHEARD_MS:
                self.go_on()
        elif should_pause(self._rule, now_ms - self._since_ms, playing.say.interruptible, self._playback.played_ms):
            self._playback.pause()

    async def takes_the_turn(self, text: str, means_something: Callable[[str], Awaitable[bool]]) -> bool:
        """Whether these words, said while something may be playing or about to, are the caller's turn.

        A backchannel is only when it answers the question that is just being asked, a single word only when the dialog
        has a use for it; where nothing interruptible plays, everything said is.
        """
        playing = self._playback.foremost
        if playing is None or not playing.say.interruptible:
            return bool(text)
        if is_backchannel(self._rule, text):
            return bool(text) and self._playback.is_last and await means_something(text)
        return not needs_meaning(text) or await means_something(text)

    def go_on(self) -> None:
        """It was nothing: the prompt goes on."""
        playing = self._playback.current
        if playing and self._playback.paused:
            self._playback.resume(playing.speech.resume_at_ms(self._playback.played_ms))

    def give_way(self) -> None:
        """It was something: what plays and waits is dropped, unless it must be heard."""
        foremost = self._playback.foremost
        if foremost and foremost.say.interruptible:
            self._playback.stop()
