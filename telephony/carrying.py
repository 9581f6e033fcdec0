"""A voice on its way to a far end as it comes: resampled, never far ahead of the clock, never waited for."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from telephony.media import Command, SoundOut
from voice.audio import Resampler, duration_ms, level_db

TALK_RATE_HZ = 16_000
"""Of voices between the people who talk."""
BACKLOG_FRAMES = 50
"""Frames kept for a far end that does not take them; older ones are dropped (1 s of 20 ms frames)."""
AHEAD_MS = 80
"""A far end plays what it is sent without ever skipping: a burst after a stall would delay the voice for the rest of
the call. Silence beyond this much ahead of the clock is not sent, speech not beyond `FAR_AHEAD_MS`."""
FAR_AHEAD_MS = 400
SILENCE_DB = -50.0


class Carrying:
    """rate_hz: of the far end. Runs from its making until it is closed, or the far end is gone."""

    def __init__(self, send: Callable[[Command], Awaitable[None]], rate_hz: int, now_ms: Callable[[], int]) -> None:
        self._send, self._rate_hz, self._now_ms = send, rate_hz, now_ms
        self._resampler = Resampler(TALK_RATE_HZ, rate_hz)
        self._sent_until_ms = 0
        self._outgoing: deque[bytes] = deque(maxlen=BACKLOG_FRAMES)
        self._wake = asyncio.Event()
        self._sender = asyncio.create_task(self._carry())

    def sound(self, pcm: bytes) -> None:
        """PCM16 at 16 kHz."""
        self._outgoing.append(self._resampler.feed(pcm))
        self._wake.set()

    def close(self) -> None:
        self._sender.cancel()

    async def _carry(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._outgoing:
                pcm = self._outgoing.popleft()
                if self._too_far_ahead(pcm):
                    continue
                try:
                    await self._send(SoundOut(pcm))
                except ConnectionError:
                    return

    def _too_far_ahead(self, pcm: bytes) -> bool:
        now_ms = self._now_ms()
        self._sent_until_ms = max(self._sent_until_ms, now_ms)
        ahead_ms = self._sent_until_ms - now_ms
        if ahead_ms > FAR_AHEAD_MS or (ahead_ms > AHEAD_MS and level_db(pcm) < SILENCE_DB):
            return True
        self._sent_until_ms += duration_ms(pcm, self._rate_hz)
        return False
