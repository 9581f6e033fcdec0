"""From RTP packets to sound and keys. Pure: whatever the bytes, nothing is raised and little is kept."""

from __future__ import annotations

from dataclasses import dataclass

from aiortp.plc import PcmConcealer

from telephony.rtp import packets
from telephony.rtp.codecs import Codec, coder
from telephony.rtp.keys import KeysHeard
from telephony.rtp.packets import NotRtp, Packet
from telephony.rtp.reordering import Ordered, Reordering

LONGEST_CONCEALED = 10
"""Lost packets that are made up for; where more are missing in a row, time goes on without them."""


@dataclass(frozen=True)
class Heard:
    """Sound as PCM16 at the codec's rate, or one key ('' for none)."""

    pcm: bytes = b""
    key: str = ""


class Receiver:
    """One stream's. key_type: the payload type of telephone events, None when none were agreed.

    strange: datagrams that were no RTP or of a payload type that nobody agreed on.
    """

    def __init__(self, codec: Codec, payload_type: int, key_type: int | None) -> None:
        self._payload_type, self._key_type = payload_type, key_type
        self._coder = coder(codec)
        self._keys = KeysHeard()
        self._concealer = PcmConcealer(codec.rate_hz)
        self._order: Reordering[Packet] = Reordering()
        self._ssrc: int | None = None
        self.strange = 0
        self.packets = 0
        self._lost_before = self._late_before = 0

    @property
    def lost(self) -> int:
        return self._lost_before + self._order.lost

    @property
    def late(self) -> int:
        return self._late_before + self._order.late

    @property
    def ssrc(self) -> int | None:
        """Of the stream that is heard; None before any."""
        return self._ssrc

    def read(self, datagram: bytes) -> Packet | None:
        """The packet in it if it belongs to this stream, else None."""
        try:
            packet = packets.read(datagram)
        except NotRtp:
            self.strange += 1
            return None
        if packet.payload_type not in (self._payload_type, self._key_type):
            self.strange += 1
            return None
        return packet

    def take(self, packet: Packet) -> list[Heard]:
        """What can be heard now that it came. Another SSRC is another stream: a transfer, music, a new device."""
        if packet.ssrc != self._ssrc:
            self._lost_before, self._late_before = self.lost, self.late
            self._order, self._ssrc = Reordering(), packet.ssrc
            self._keys = KeysHeard()
        self.packets += 1
        heard: list[Heard] = []
        if packet.payload_type == self._key_type and (key := self._keys.take(packet)):
            heard.append(Heard(key=key))
        for ordered in self._order.add(packet.sequence, packet):
            heard += self._sound(ordered)
        return heard

    def _sound(self, ordered: Ordered[Packet]) -> list[Heard]:
        if ordered.item.payload_type == self._key_type or not ordered.item.payload:
            return []
        made_up = min(ordered.lost, LONGEST_CONCEALED) * self._concealer.frame_samples
        before = [Heard(self._concealer.conceal(made_up))] if made_up else []
        pcm = self._coder.decode(ordered.item.payload)
        self._concealer.update(pcm)
        return [*before, Heard(pcm)]
