"""A caller and an operator talk: both voices carried across, the operator's recognised too."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

from telephony.media import Command, SoundOut
from voice.audio import Resampler, duration_ms, level_db
from voice.listening.heard import ListenerEvent
from voice.listening.listener import Listener
from voice.listening.recognizer import Recognizer

log = structlog.get_logger()

OPERATOR_RATE_HZ = 16_000
BACKLOG_FRAMES = 50
"""Operator's frames kept for a far end that does not take them; older ones are dropped (1 s of 20 ms frames)."""
AHEAD_MS = 80
"""A far end plays what it is sent without ever skipping: a burst after a stall would delay the voice for the rest of
the call. Silence beyond this much ahead of the clock is not sent, speech not beyond `FAR_AHEAD_MS`."""
FAR_AHEAD_MS = 400
SILENCE_DB = -50.0


class Talk:
    """recognizer None: nobody can write down what the operator says; they talk all the same.

    emit: gets the operator's listener events. send: to the caller's far end; to_operator: queues, never blocks.
    """

    def __init__(
        self,
        recognizer: Recognizer | None,
        caller_rate_hz: int,
        now_ms: Callable[[], int],
        send: Callable[[Command], Awaitable[None]],
        to_operator: Callable[[bytes], None],
        emit: Callable[[ListenerEvent], None],
    ) -> None:
        self._now_ms, self._send, self._to_operator = now_ms, send, to_operator
        self._listener = Listener(recognizer, rate_hz=OPERATOR_RATE_HZ, emit=emit) if recognizer else None
        self._up = Resampler(caller_rate_hz, OPERATOR_RATE_HZ)
        self._down = Resampler(OPERATOR_RATE_HZ, caller_rate_hz)
        self._caller_rate_hz = caller_rate_hz
        self._sent_until_ms = 0
        self._outgoing: deque[bytes] = deque(maxlen=BACKLOG_FRAMES)
        self._wake = asyncio.Event()
        self._sender = asyncio.create_task(self._carry())

    def caller_sound(self, pcm: bytes) -> None:
        self._to_operator(self._up.feed(pcm))

    def operator_sound(self, pcm: bytes) -> None:
        """The operator's microphone, PCM16 at 16 kHz."""
        if self._listener:
            self._listener.feed(pcm, self._now_ms())
        self._outgoing.append(self._down.feed(pcm))
        self._wake.set()

    def tick(self, at_ms: int) -> None:
        if self._listener:
            self._listener.tick(at_ms)

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
        self._sent_until_ms += duration_ms(pcm, self._caller_rate_hz)
        return False

    async def close(self) -> None:
        """Stop carrying; what the operator was just saying is recognised to its end."""
        self._sender.cancel()
        if self._listener:
            await self._listener.finish(self._now_ms())
            await self._listener.close()
