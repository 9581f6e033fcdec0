"""One RTP packet (RFC 3550, section 5.1), read and written by aiortp; the rest of this package does not know it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from aiortp import RtpPacket

LARGEST_BYTES = 1500
"""A datagram over an Ethernet frame is none of a phone's."""


class NotRtp(ValueError):
    """Bytes that are no RTP packet."""


@dataclass(frozen=True)
class Packet:
    """timestamp: in ticks of the codec's clock; marker: sound begins after silence, or a key was pressed just now."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False


def read(datagram: bytes) -> Packet:
    """Raises NotRtp; never anything else, whatever the bytes."""
    if len(datagram) > LARGEST_BYTES:
        raise NotRtp(f"{len(datagram)} bytes, over {LARGEST_BYTES}")
    try:
        packet = RtpPacket.parse(datagram)
    except (ValueError, IndexError, struct.error) as error:
        raise NotRtp(str(error)[:80]) from None
    return Packet(
        packet.payload_type,
        packet.sequence_number,
        packet.timestamp,
        packet.ssrc,
        packet.payload,
        bool(packet.marker),
    )


def write(packet: Packet) -> bytes:
    return bytes(
        RtpPacket(
            payload_type=packet.payload_type,
            marker=int(packet.marker),
            sequence_number=packet.sequence,
            timestamp=packet.timestamp,
            ssrc=packet.ssrc,
            payload=packet.payload,
        ).serialize()
    )


def is_rtcp(datagram: bytes) -> bool:
    """Whether a datagram on a port that both share is RTCP (RFC 5761, section 4)."""
    return len(datagram) >= 2 and 192 <= datagram[1] <= 223
