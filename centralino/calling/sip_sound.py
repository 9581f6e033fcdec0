"""A phone's end of RTP: sends a frame when it is told to, buffers a little, and complains of what no phone expects.

Written against the RFCs and aiortp, not against the server's own code, so that the two can disagree.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from aiortp import RtpPacket
from aiortp.codecs import Codec, get_codec
from aiortp.dtmf import DTMF_EVENTS, DtmfEvent

from centralino.calling.pacing import CallClock

FRAME_MS = 20
FRAME_TICKS = 160
"""Of the RTP clock, which is 8,000 Hz for G.722, too (RFC 3551)."""
KEY_TYPE = 101
KEY_MS = 100
AHEAD_MS = 200
"""More sound than this ahead of the clock is more than a phone's jitter buffer holds: it would drop it."""
PAYLOAD_TYPES = {"PCMU": 0, "PCMA": 8, "G722": 9}
RATES_HZ = {"PCMU": 8000, "PCMA": 8000, "G722": 16_000}


class PhoneSound(asyncio.DatagramProtocol):
    """heard: gets PCM16 at the codec's rate; complain: what was wrong with what came."""

    def __init__(self, codec: str, heard: Callable[[bytes], None], complain: Callable[[str], None]) -> None:
        self._type, self._heard, self._complain = PAYLOAD_TYPES[codec], heard, complain
        self._there: Codec = get_codec(self._type)
        self._back: Codec = get_codec(self._type)
        self._transport: asyncio.DatagramTransport | None = None
        self._ssrc, self._sequence, self._timestamp = secrets.randbits(32), secrets.randbits(15), secrets.randbits(32)
        self._last: RtpPacket | None = None
        self._clock: CallClock | None = None
        self._received = 0
        self.target: tuple[str, int] | None = None
        self.keys_heard = ""
        self._key_began: int | None = None

    async def open(self, ip: str) -> int:
        """The port it is bound to."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(ip, 0))
        return int(self._transport.get_extra_info("sockname")[1])

    def close(self) -> None:
        if self._transport:
            self._transport.close()

    def send(self, pcm: bytes) -> None:
        """A frame of 20 ms."""
        self._timestamp = (self._timestamp + FRAME_TICKS) % 2**32
        self._put(self._type, self._timestamp, self._there.encode(pcm))

    async def press(self, key: str) -> None:
        """A key as RFC 4733 has it: an update each 20 ms, three ends."""
        began = self._timestamp
        for held_ms in range(FRAME_MS, KEY_MS + 1, FRAME_MS):
            event = DtmfEvent(DTMF_EVENTS[key], end=False, volume=10, duration=held_ms * 8)
            self._put(KEY_TYPE, began, event.serialize(), marker=held_ms == FRAME_MS)
            await asyncio.sleep(FRAME_MS / 1000)
        for _ in range(3):
            event = DtmfEvent(DTMF_EVENTS[key], end=True, volume=10, duration=KEY_MS * 8)
            self._put(KEY_TYPE, began, event.serialize())

    def _put(self, payload_type: int, timestamp: int, payload: bytes, marker: bool = False) -> None:
        if self._transport is None or self.target is None:
            return
        self._sequence = (self._sequence + 1) % 65_536
        packet = RtpPacket(payload_type, int(marker), self._sequence, timestamp, self._ssrc, payload)
        self._transport.sendto(packet.serialize(), self.target)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            packet = RtpPacket.parse(data)
        except ValueError as error:
            return self._complain(f"{len(data)} bytes that are no RTP: {error}")
        if packet.payload_type == KEY_TYPE:
            return self._key(packet)
        if packet.payload_type != self._type:
            return self._complain(f"payload type {packet.payload_type}; {self._type} was agreed on")
        if len(packet.payload) != FRAME_TICKS:
            self._complain(f"a frame of {len(packet.payload)} bytes; {FRAME_TICKS} are 20 ms")
        self._check_order(packet)
        self._last = packet
        self._check_pace()
        self._heard(self._back.decode(packet.payload))

    def _check_order(self, packet: RtpPacket) -> None:
        last = self._last
        if last is None:
            return
        if packet.ssrc != last.ssrc:
            return self._complain("the SSRC changed in the middle of the call")
        step = (packet.timestamp - last.timestamp) % 2**32
        if step == 0 or step % FRAME_TICKS:
            self._complain(f"a timestamp {step} ticks after the last one")

    def _check_pace(self) -> None:
        self._clock = self._clock or CallClock()
        self._received += 1
        ahead_ms = self._received * FRAME_MS - self._clock.now_ms()
        if ahead_ms > AHEAD_MS:
            self._complain(f"sound {ahead_ms:.0f} ms ahead of the clock")
            self._clock, self._received = None, 0

    def _key(self, packet: RtpPacket) -> None:
        event = DtmfEvent.parse(packet.payload)
        if packet.timestamp != self._key_began:
            self._key_began = packet.timestamp
            self.keys_heard += event.digit
