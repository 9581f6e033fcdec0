"""One call's sound on its two sockets: RTP both ways, RTCP beside it.

Sound is taken from the address that the far end named, or from the one that its signalling comes from (a phone behind
a NAT names one that nobody can reach), and sent to wherever it was heard from last (RFC 4961). Nobody else is heard.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from telephony.rtp.codecs import Codec
from telephony.rtp.packets import is_rtcp
from telephony.rtp.ports import SoundSockets
from telephony.rtp.receiving import Heard, Receiver
from telephony.rtp.reports import Reports
from telephony.rtp.sending import PACKET_MS, Sender
from voice.audio import Resampler

log = structlog.get_logger()

Address = tuple[str, int]

REPORT_TICKS = 5000 // PACKET_MS
MOVE_S = 0.5
"""Another port of a known address is followed when the one so far was silent for so long."""


@dataclass(frozen=True)
class Media:
    """What both sides agreed on. remote: where they want their sound; key_type: payload type of telephone events.

    held: they want none now.
    """

    codec: Codec
    payload_type: int
    key_type: int | None
    remote: Address
    held: bool = False


class Stream:
    """heard: called on the loop with each piece of sound and each key; must not block.

    rate_hz: of the sound on our side. It stays that of the first codec; another one that they may agree on later is
    resampled.
    """

    def __init__(self, media: Media, signalling_ip: str, heard: Callable[[Heard], None]) -> None:
        self.rate_hz = media.codec.rate_hz
        self._heard, self._signalling_ip = heard, signalling_ip
        self._sockets: SoundSockets | None = None
        self._listening: list[asyncio.DatagramTransport] = []
        self._reports = Reports("centralino")
        self._ticks = 0
        self._foreign = 0
        self._source: Address | None = None
        self._alive_s = time.monotonic()
        self._heard_s = 0.0
        self._agree(media)

    def _agree(self, media: Media) -> None:
        self.media = media
        self._known_ips = {media.remote[0], self._signalling_ip}
        self._target, self._source = media.remote, None
        self._receiver = Receiver(media.codec, media.payload_type, media.key_type)
        self.sender = Sender(media.codec, media.payload_type, media.key_type)
        self.sender.muted = media.held
        self._from_codec = Resampler(media.codec.rate_hz, self.rate_hz)
        self._to_codec = Resampler(self.rate_hz, media.codec.rate_hz)

    async def open(self, sockets: SoundSockets) -> None:
        """They are closed with the stream."""
        loop = asyncio.get_running_loop()
        for sock, take in ((sockets.rtp, self.datagram), (sockets.rtcp, self.report_came)):
            listening, _ = await loop.create_datagram_endpoint(partial(_Listening, take), sock=sock)
            self._listening.append(listening)
        self._sockets = sockets

    def close(self) -> None:
        self._sockets = None
        for listening in self._listening:
            listening.close()

    def change(self, media: Media) -> None:
        """They agreed on something else: another address, another codec, hold or its end."""
        same = (media.codec, media.payload_type, media.key_type, media.remote)
        if same == (self.media.codec, self.media.payload_type, self.media.key_type, self.media.remote):
            self.media, self.sender.muted = media, media.held
            return
        self._agree(media)
        self._alive_s = time.monotonic()

    def silent_s(self) -> float:
        """How long neither sound nor a report has come from them."""
        return time.monotonic() - self._alive_s

    # ----------------------------------------------------------------------------------------------------- incoming

    def datagram(self, data: bytes, source: Address) -> None:
        if source[0] not in self._known_ips:
            self._foreign += 1
            return
        if is_rtcp(data):
            self.report_came(data, source)
            return
        packet = self._receiver.read(data)
        if packet is None:
            return
        now_s = time.monotonic()
        if source != self._source:
            if self._source is not None and now_s - self._heard_s < MOVE_S:
                self._foreign += 1
                return
            self._source = self._target = source
        self._alive_s = self._heard_s = now_s
        self._reports.arrived(packet, now_s)
        for heard in self._receiver.take(packet):
            if heard.key:
                self._heard(heard)
            elif not self.media.held:  # what comes now is music for nobody
                self._heard(Heard(self._from_codec.feed(heard.pcm)))

    def report_came(self, data: bytes, source: Address) -> None:
        now_s = time.monotonic()
        if source[0] in self._known_ips and self._reports.take(data, now_s):
            self._alive_s = now_s

    # ----------------------------------------------------------------------------------------------------- outgoing

    def say(self, pcm: bytes) -> None:
        """PCM16 at `rate_hz`, any length; sent as time comes for it."""
        self.sender.sound(self._to_codec.feed(pcm))

    def tick(self) -> None:
        packet = self.sender.tick()
        if self._sockets is None:
            return
        with suppress(OSError):  # the system takes no more just now: dropped, as a full network drops it
            if packet:
                self._sockets.rtp.sendto(packet, self._target)
            self._ticks += 1
            if self._ticks % REPORT_TICKS == 0:
                report = self._reports.report(self.sender, time.monotonic(), time.time())
                self._sockets.rtcp.sendto(report, (self._target[0], min(self._target[1] + 1, 65_535)))

    def skip(self) -> None:
        self.sender.skip()

    def figures(self) -> dict[str, Any]:
        """For the log at the end of a call."""
        far_end = self._reports.far_end
        return {
            "codec": self.media.codec.name,
            "packets_in": self._receiver.packets,
            "packets_out": self.sender.packets,
            "lost": self._receiver.lost,
            "late": self._receiver.late,
            "jitter_ms": round(self._reports.jitter_ms, 1),
            "strange": self._receiver.strange,
            "foreign": self._foreign,
            "far_end_lost_share": round(far_end.lost_share, 3) if far_end else None,
        }


class _Listening(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[bytes, Address], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self._take(data, (str(addr[0]), int(addr[1])))

    def error_received(self, exc: Exception) -> None:
        log.debug("rtp.not_delivered", error=str(exc))
