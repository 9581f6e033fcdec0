"""Keys as RTP events (RFC 4733): heard once however often their packets come, and sent as a phone sends them. Pure."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator

from telephony.rtp.numbering import ahead
from telephony.rtp.packets import Packet

KEYS = "0123456789*#"
"""Their place is their event code."""
EVENT_BYTES = 4
PRESS_MS = 120
"""How long a key is held down: ITU-T Q.24 wants 40 ms, some gateways 100 ms."""
PAUSE_MS = 80
END_PACKETS = 3
"""The last packet of an event is sent so often (RFC 4733, section 2.5.1.4)."""
REPEATED_TICKS = 3200
"""400 ms: within so much of it, one more end of the same key is no key of its own."""
VOLUME_DBM0 = 10
MOST_WAITING = 64


class KeysHeard:
    """A key counts with its first packet, so that a prompt gives way at once and no lost packet loses it."""

    def __init__(self) -> None:
        self._event: int | None = None
        self._timestamp = 0
        self._ended = True

    def take(self, packet: Packet) -> str | None:
        """The key that was pressed just now; None for more of the same, other events, and packets cut short."""
        if len(packet.payload) < EVENT_BYTES:
            return None
        event, flags, _duration = struct.unpack("!BBH", packet.payload[:EVENT_BYTES])
        begins = self._begins(event, packet, ends=bool(flags & 0x80))
        if begins:
            self._event, self._timestamp, self._ended = event, packet.timestamp, False
        self._ended = self._ended or bool(flags & 0x80)
        return KEYS[event] if begins and event < len(KEYS) else None

    def _begins(self, event: int, packet: Packet, ends: bool) -> bool:
        if self._event is None:
            return True
        newer = ahead(packet.timestamp, self._timestamp, 32)
        if newer <= 0:  # of this press, or of an earlier one and late
            return False
        if event != self._event or packet.marker:
            return True
        # Some phones move the timestamp within one press, which is over with its end and the repetitions of that.
        return self._ended and not (ends and newer < REPEATED_TICKS)


class KeysPressed:
    """Keys to be sent, a packet for each tick. One key: 120 ms of packets, three ends, 80 ms of nothing."""

    def __init__(self, tick_ms: int, ticks_per_ms: int) -> None:
        self._tick_ms, self._ticks_per_ms = tick_ms, ticks_per_ms
        self._waiting: deque[str] = deque(maxlen=MOST_WAITING)
        self._press: Iterator[tuple[int, bytes]] | None = None

    def press(self, keys: str) -> None:
        """keys: of 0-9 * #; others are left out."""
        self._waiting.extend(key for key in keys if key in KEYS)

    @property
    def busy(self) -> bool:
        return self._press is not None or bool(self._waiting)

    def tick(self) -> tuple[int, bytes] | None:
        """The next packet as (ms since its press began, payload); None in the pause between keys. While `busy` only.

        All packets of a press carry the timestamp of its beginning.
        """
        if self._press is None:
            self._press = self._packets(KEYS.index(self._waiting.popleft()))
        following = next(self._press, None)
        if following is None:
            self._press = None
            return None
        return following if following[1] else None

    def _packets(self, event: int) -> Iterator[tuple[int, bytes]]:
        for held_ms in range(self._tick_ms, PRESS_MS + 1, self._tick_ms):
            yield held_ms - self._tick_ms, self._payload(event, held_ms, end=False)
        for repeat in range(END_PACKETS):
            yield PRESS_MS + repeat * self._tick_ms, self._payload(event, PRESS_MS, end=True)
        for pause_ms in range(self._tick_ms, PAUSE_MS, self._tick_ms):
            yield PRESS_MS + pause_ms, b""

    def _payload(self, event: int, held_ms: int, end: bool) -> bytes:
        return struct.pack("!BBH", event, (0x80 if end else 0) | VOLUME_DBM0, held_ms * self._ticks_per_ms)
