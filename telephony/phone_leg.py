"""A phone that this server has rung, while it is connected: it is spoken to, hears voices, and presses keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from dialogs.events import Say
from telephony.carrying import TALK_RATE_HZ, Carrying
from telephony.expected import Send
from telephony.media import MarkPlayed, Pacing
from telephony.playback import Playback
from telephony.prompts import PlaybackEvent, PlaybackIdle
from telephony.speaking import Speaking
from voice.audio import Resampler
from voice.speaking.prompts import Speaker
from voice.speaking.synthesizer import Voice

log = structlog.get_logger()


class PhoneLeg:
    """At our end of one such phone. pressed: told each key; heard: PCM16 at 16 kHz of who is there; quiet: told when
    all that was said was played. None of them may block. rate_hz: of the sound at its door."""

    def __init__(
        self,
        call_id: str,
        rate_hz: int,
        send: Send,
        pacing: Pacing,
        speaker: Speaker,
        voice: Voice,
        pressed: Callable[[str], None],
        heard: Callable[[bytes], None],
        quiet: Callable[[], None] = lambda: None,
    ) -> None:
        self.call_id = call_id
        self._pressed, self._heard, self._quiet = pressed, heard, quiet
        self._answered_s = time.monotonic()
        self._up = Resampler(rate_hz, TALK_RATE_HZ)
        self._playback = Playback(send, rate_hz, self.now_ms, self._played, pacing)
        self._speaking = Speaking(speaker, self._playback, rate_hz, voice, self.now_ms, self._voice_failed)
        self._carrying = Carrying(send, rate_hz, self.now_ms)
        self._over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._hangs_up = False

    async def run(self) -> str:
        """Until somebody hangs up; returns why it ended: 'hung_up' there, 'ended' here, else what broke."""
        tasks = [asyncio.create_task(work) for work in (self._playback.run(), self._speaking.run())]
        try:
            return await self._over
        finally:
            self._carrying.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # ---------------------------------------------------------------------------------------------------- from our side

    def say(self, text: str, language: str) -> None:
        """Behind what is being said."""
        self._speaking.say(Say(text, language), self.now_ms())

    def be_quiet(self) -> None:
        """Nothing more of what is being said."""
        self._playback.stop()

    def voice(self, pcm: bytes) -> None:
        """Somebody else's, PCM16 at 16 kHz."""
        self._carrying.sound(pcm)

    def hang_up(self) -> None:
        """After what is being said."""
        if self._playback.busy:
            self._hangs_up = True
        else:
            self._end("ended")

    # ---------------------------------------------------------------------------------------------------- from its door

    def now_ms(self) -> int:
        return int((time.monotonic() - self._answered_s) * 1000)

    def hear(self, pcm: bytes) -> None:
        self._heard(self._up.feed(pcm))

    def press(self, key: str) -> None:
        self._pressed(key)

    def held(self, held: bool) -> None:
        if held:
            self._playback.hold()
        else:
            self._playback.release()
            self._playback.resume(self._playback.played_ms)

    def mark_played(self, mark: MarkPlayed) -> None:
        self._playback.mark_played(mark.name)

    def flow(self, takes_sound: bool) -> None:
        self._playback.flow(takes_sound)

    def hung_up(self, reason: str) -> None:
        self._end("hung_up")

    def broken(self, reason: str, detail: str) -> None:
        log.warning("phone.broken", call_id=self.call_id, reason=reason, detail=detail)
        self._end(reason)

    # ---------------------------------------------------------------------------------------------------------- inside

    def _end(self, why: str) -> None:
        if not self._over.done():
            self._over.set_result(why)

    def _played(self, event: PlaybackEvent) -> None:
        if isinstance(event, PlaybackIdle):
            if self._hangs_up:
                self._end("ended")
            self._quiet()

    def _voice_failed(self, why: str) -> None:
        log.error("phone.not_spoken_to", call_id=self.call_id, error=why)
        self._quiet()
