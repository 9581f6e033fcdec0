"""What goes out on one stream: a packet each 20 ms, sound or silence or a key. Pure: a clock elsewhere asks for it."""

from __future__ import annotations

import secrets

from telephony.rtp import packets
from telephony.rtp.codecs import CLOCK_HZ, Codec, coder
from telephony.rtp.keys import KeysPressed
from telephony.rtp.packets import Packet

PACKET_MS = 20
TICKS_PER_PACKET = PACKET_MS * CLOCK_HZ // 1000
LONGEST_QUEUE_MS = 2000
"""Sound that may wait; the oldest beyond it is dropped. A call sends little ahead of the clock, so it never is."""


class Sender:
    """One stream's. Silence is sent, too: it keeps the way through a NAT open and a phone's jitter buffer steady.

    key_type: the payload type of telephone events, None when none were agreed. muted: nothing is sent, time goes on.
    packets, octets: sent so far.
    """

    def __init__(self, codec: Codec, payload_type: int, key_type: int | None) -> None:
        self.codec, self.key_type = codec, key_type
        self.ssrc = secrets.randbits(32)
        self.muted = False
        self.dropped_ms = 0
        self.packets = self.octets = 0
        self._payload_type = payload_type
        self._coder = coder(codec)
        self._frame_bytes = codec.rate_hz * PACKET_MS // 500
        self._sequence = secrets.randbits(15)
        self._timestamp = secrets.randbits(32)
        self._waiting = bytearray()
        self._keys = KeysPressed(PACKET_MS, CLOCK_HZ // 1000)
        self._press_began = 0
        self._talks = False

    @property
    def timestamp(self) -> int:
        """Of the packet that is due next."""
        return self._timestamp

    @property
    def waiting_ms(self) -> int:
        """Sound that was not sent yet."""
        return len(self._waiting) * 500 // self.codec.rate_hz

    def sound(self, pcm: bytes) -> None:
        """PCM16 at the codec's rate, any length of whole samples."""
        self._waiting += pcm
        over = len(self._waiting) - LONGEST_QUEUE_MS * self.codec.rate_hz // 500
        if over > 0:
            del self._waiting[:over]
            self.dropped_ms += over * 500 // self.codec.rate_hz

    def clear(self) -> None:
        self._waiting.clear()

    def press(self, keys: str) -> None:
        """keys: of 0-9 * #. Sound waits meanwhile."""
        self._keys.press(keys)

    def tick(self) -> bytes | None:
        """The packet for these 20 ms."""
        timestamp = self._timestamp
        self.skip()
        if self.muted:
            self._talks = False
            return None
        if self.key_type is not None and self._keys.busy:
            self._talks = False
            return self._key(timestamp, self.key_type)
        frame = bytes(self._waiting[: self._frame_bytes]).ljust(self._frame_bytes, b"\0")
        del self._waiting[: self._frame_bytes]
        begins, self._talks = not self._talks, True
        return self._packet(self._payload_type, timestamp, self._coder.encode(frame), begins)

    def skip(self) -> None:
        """20 ms pass in which nothing is sent."""
        self._timestamp = (self._timestamp + TICKS_PER_PACKET) % 2**32

    def _key(self, timestamp: int, key_type: int) -> bytes | None:
        event = self._keys.tick()
        if event is None:
            return None
        since_ms, payload = event
        if since_ms == 0:
            self._press_began = timestamp
        return self._packet(key_type, self._press_began, payload, marker=since_ms == 0)

    def _packet(self, payload_type: int, timestamp: int, payload: bytes, marker: bool) -> bytes:
        self._sequence = (self._sequence + 1) % 65_536
        self.packets += 1
        self.octets += len(payload)
        return packets.write(Packet(payload_type, self._sequence, timestamp, self.ssrc, payload, marker))
