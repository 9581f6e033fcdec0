"""RTCP (RFC 3550, section 6): how much of a stream arrived, told to the far end and heard from it. Time comes in."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from aiortp.packet import (
    RtcpPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
)

from telephony.rtp.codecs import CLOCK_HZ
from telephony.rtp.numbering import ahead
from telephony.rtp.packets import LARGEST_BYTES, Packet
from telephony.rtp.sending import Sender

NTP_EPOCH_S = 2_208_988_800
"""From 1900, where NTP begins, to 1970."""
CNAME = 1
MOST_32_BITS = 2**32 - 1


@dataclass(frozen=True)
class FarEndHears:
    """lost_share: of our packets since its report before, 0..1; jitter_ms: how unevenly they come."""

    lost_share: float
    jitter_ms: float


class Reports:
    """One stream's. cname: who we are, without a user's name in it."""

    def __init__(self, cname: str) -> None:
        self._cname = cname.encode()
        self.far_end: FarEndHears | None = None
        self._ssrc: int | None = None
        self._begin()

    def _begin(self) -> None:
        self._first = self._highest = 0
        self._received = self._expected_before = self._received_before = 0
        self._transit: float | None = None
        self._jitter = 0.0
        self._their_ntp, self._their_report_s = 0, 0.0

    @property
    def jitter_ms(self) -> float:
        """How unevenly their packets come (RFC 3550, appendix A.8)."""
        return self._jitter * 1000 / CLOCK_HZ

    def arrived(self, packet: Packet, now_s: float) -> None:
        """One of their packets came."""
        if packet.ssrc != self._ssrc:
            self._ssrc = packet.ssrc
            self._begin()
            self._first = self._highest = packet.sequence
        self._received += 1
        self._highest += max(0, ahead(packet.sequence, self._highest % 65_536, 16))
        transit = (now_s * CLOCK_HZ - packet.timestamp) % 2**32
        if self._transit is not None:
            apart = abs((transit - self._transit + 2**31) % 2**32 - 2**31)
            self._jitter += (min(apart, float(CLOCK_HZ)) - self._jitter) / 16
        self._transit = transit

    def take(self, datagram: bytes, now_s: float) -> bool:
        """A report of theirs; False when it is none."""
        if len(datagram) > LARGEST_BYTES:
            return False
        try:
            parts = RtcpPacket.parse(datagram)
        except (ValueError, IndexError, struct.error):
            return False
        for part in parts:
            if isinstance(part, RtcpSrPacket):
                self._their_ntp, self._their_report_s = part.sender_info.ntp_timestamp, now_s
            if isinstance(part, RtcpSrPacket | RtcpRrPacket):
                for block in part.reports:
                    self.far_end = FarEndHears(block.fraction_lost / 256, block.jitter * 1000 / CLOCK_HZ)
        return bool(parts)

    def report(self, sender: Sender, now_s: float, wall_s: float) -> bytes:
        """Ours. wall_s: seconds since 1970."""
        blocks = [self._block(now_s)] if self._ssrc is not None else []
        about = RtcpSdesPacket(chunks=[RtcpSourceInfo(ssrc=sender.ssrc, items=[(CNAME, self._cname)])])
        if not sender.packets:
            return bytes(RtcpRrPacket(ssrc=sender.ssrc, reports=blocks)) + bytes(about)
        sent = RtcpSenderInfo(
            ntp_timestamp=int((wall_s + NTP_EPOCH_S) * 2**32) % 2**64,
            rtp_timestamp=sender.timestamp,
            packet_count=sender.packets % 2**32,
            octet_count=sender.octets % 2**32,
        )
        return bytes(RtcpSrPacket(ssrc=sender.ssrc, sender_info=sent, reports=blocks)) + bytes(about)

    def _block(self, now_s: float) -> RtcpReceiverInfo:
        expected = self._highest - self._first + 1
        expected_now, received_now = expected - self._expected_before, self._received - self._received_before
        self._expected_before, self._received_before = expected, self._received
        missing = max(0, expected_now - received_now)
        since_s = now_s - self._their_report_s
        return RtcpReceiverInfo(
            ssrc=self._ssrc or 0,
            fraction_lost=min(255, missing * 256 // expected_now) if expected_now > 0 else 0,
            packets_lost=min(2**23 - 1, max(0, expected - self._received)),
            highest_sequence=self._highest % 2**32,
            jitter=min(MOST_32_BITS, int(self._jitter)),
            lsr=self._their_ntp >> 16 & MOST_32_BITS,
            dlsr=min(MOST_32_BITS, int(since_s * 65_536)) if self._their_ntp else 0,
        )
