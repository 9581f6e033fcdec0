"""What the operator hears: a packet of Opus each 20 ms, sound or silence, on a clock of its own.

Silence is sent, too: it tells the browser that the connection lives. Deadlines are absolute, so that a late packet
makes none after it late; the browser's own jitter buffer does the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from aiortc import MediaStreamTrack
from av import Packet

from telephony.webrtc.opus import CLOCK_HZ, FRAME_BYTES, FRAME_MS, Encoder

FIRST_MS = 40
"""Sound gathered before a talk spurt begins: phone systems send in steps of 20 ms, none of them on our clock."""
MOST_MS = 400
"""Sound that may wait; the oldest beyond it is dropped, as the page drops it for a live voice."""
MOST_LATE_S = 0.1
"""A clock that is later than that has missed its turns, and sends none for them."""
BYTES_PER_MS = FRAME_BYTES // FRAME_MS


class Spurts:
    """Sound as it comes in, frames as the clock asks for them. Pure."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._playing = False
        self._waited_ms = 0

    def add(self, pcm: bytes) -> None:
        """PCM16 at 16 kHz, any length of whole samples."""
        self._waiting += pcm
        over = len(self._waiting) - MOST_MS * BYTES_PER_MS
        if over > 0:
            del self._waiting[:over]

    def next(self) -> bytes:
        """FRAME_BYTES: what is due now, or silence."""
        if not self._playing:
            enough = len(self._waiting) >= FIRST_MS * BYTES_PER_MS
            # What is shorter than that is heard as well, once no more of it has come in that time.
            self._playing = bool(self._waiting) and (enough or self._waited_ms >= FIRST_MS)
            self._waited_ms = self._waited_ms + FRAME_MS if self._waiting else 0
        if not self._playing:
            return bytes(FRAME_BYTES)
        frame = bytes(self._waiting[:FRAME_BYTES])
        del self._waiting[:FRAME_BYTES]
        if not self._waiting:
            self._playing, self._waited_ms = False, 0
        return frame.ljust(FRAME_BYTES, b"\0")


class OutgoingSound(MediaStreamTrack):
    """each: called for each packet."""

    kind = "audio"

    def __init__(self, each: Callable[[], None]) -> None:
        super().__init__()
        self._spurts, self._encoder, self._each = Spurts(), Encoder(), each
        self._due_s: float | None = None
        self._timestamp = 0

    def add(self, pcm: bytes) -> None:
        """PCM16 at 16 kHz."""
        self._spurts.add(pcm)

    async def recv(self) -> Packet[Any]:
        """aiortc asks for the next one as soon as it has sent the last."""
        await self._wait()
        self._each()
        packet = Packet(self._encoder.encode(self._spurts.next()))
        packet.pts, packet.time_base = self._timestamp, Fraction(1, CLOCK_HZ)
        self._timestamp += FRAME_MS * CLOCK_HZ // 1000
        return packet

    async def _wait(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if self._due_s is None:
            self._due_s = now_s
        await asyncio.sleep(self._due_s - now_s)
        late_s = asyncio.get_running_loop().time() - self._due_s
        missed = int(late_s * 1000 / FRAME_MS) if late_s > MOST_LATE_S else 0
        self._timestamp += missed * FRAME_MS * CLOCK_HZ // 1000
        self._due_s += (1 + missed) * FRAME_MS / 1000
