"""Music for who waits: it plays where nothing else does, makes room for every prompt, and goes on behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from telephony.media import Command, SoundOut
from telephony.music import Music
from voice.audio import float_to_pcm, pcm_to_float

log = structlog.get_logger()

FRAME_MS = 20
LEAD_MS = 100
"""How far ahead of the clock it is sent: a prompt that begins is heard that much later."""
FADE_MS = 300


class HoldMusic:
    """One listener's. may_sound: whether the line is free for it; asked before each frame. now_ms: the call's clock."""

    def __init__(
        self,
        music: Music,
        rate_hz: int,
        send: Callable[[Command], Awaitable[None]],
        may_sound: Callable[[], bool],
        now_ms: Callable[[], int],
    ) -> None:
        self._music, self._rate_hz, self._send = music, rate_hz, send
        self._may_sound, self._now_ms = may_sound, now_ms
        self._position = 0
        self._playing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """From now on until `stop`; it goes on where it was stopped before."""
        if self._playing is None:
            self._playing = asyncio.create_task(self._play())

    def stop(self) -> None:
        """At most `LEAD_MS` of it is still heard."""
        if self._playing:
            self._playing.cancel()
            self._playing = None

    async def _play(self) -> None:
        await asyncio.to_thread(self._music.loop, self._rate_hz)  # the first time at this rate it is resampled
        sent_until_ms, faded_ms = 0, 0
        try:
            while True:
                if not self._may_sound():
                    sent_until_ms, faded_ms = 0, 0
                else:
                    sent_until_ms = max(sent_until_ms, self._now_ms())
                    while sent_until_ms - self._now_ms() < LEAD_MS and self._may_sound():
                        await self._send(SoundOut(self._next(min(1.0, faded_ms / FADE_MS))))
                        sent_until_ms += FRAME_MS
                        faded_ms += FRAME_MS
                await asyncio.sleep(FRAME_MS / 1000)
        except ConnectionError as error:
            log.info("hold_music.far_end_gone", error=str(error))

    def _next(self, gain: float) -> bytes:
        size = self._rate_hz * FRAME_MS // 1000 * 2
        frame = self._music.frame(self._rate_hz, self._position, size)
        self._position += size
        return frame if gain >= 1.0 else float_to_pcm((pcm_to_float(frame) * gain).astype("float32"))
