"""One operator's voice over WebRTC: aiortc's peer connection, with our clock, order and Opus in it.

This file and `candidates.py` know aiortc's and aioice's insides, which is why both are pinned.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpReceiver, RTCRtpSender, RTCSessionDescription
from aiortc.rtp import RtpPacket

from telephony.webrtc.candidates import NoPort, bound_to
from telephony.webrtc.incoming import IncomingSound
from telephony.webrtc.offer import BadOffer, one_voice
from telephony.webrtc.outgoing import OutgoingSound
from telephony.webrtc.settings import WebrtcSettings

JOIN_S = 8.0
"""From the offer to the first sound; ICE that has not found a way by then finds none."""
LOST_S = 1.0
"""Without a packet for so long the connection is lost: browsers send 50 a second, muted or not."""


class Peer:
    """heard: the operator's voice, PCM16 at 16 kHz. joined: the first of it came, and `add` is heard from now on.
    gone: 'failed' (never joined), 'lost' (joined before) or 'closed' (by the far end), once; the peer then is of no
    further use. None of them is called after `close`."""

    def __init__(
        self,
        settings: WebrtcSettings,
        heard: Callable[[bytes], None],
        joined: Callable[[], None],
        gone: Callable[[str], None],
    ) -> None:
        self._settings, self._heard, self._joined, self._gone = settings, heard, joined, gone
        self._sound = OutgoingSound(self._look_whether_it_lives)
        self._incoming = IncomingSound(lambda: int(time.monotonic() * 1000))
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))  # without a list: a public STUN server
        self._connection.on("connectionstatechange", self._follow)
        self._giving_up: asyncio.TimerHandle | None = None
        self._last_s = 0.0
        self.live = False
        """Whether it carries both voices."""
        self._over = False

    async def answer(self, offer: str) -> str:
        """The SDP of the answer. Raises BadOffer and NoPort; the peer is of no use then, and to be closed."""
        transceiver = self._connection.addTransceiver(self._sound, direction="sendrecv")
        opus = [codec for codec in RTCRtpSender.getCapabilities("audio").codecs if codec.mimeType == "audio/opus"]
        transceiver.setCodecPreferences(opus)
        bound_to(transceiver.sender.transport.transport.iceGatherer._connection, self._settings)
        self._listen_at(transceiver.receiver)
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(one_voice(offer), "offer"))
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        except (BadOffer, NoPort):
            raise
        except Exception as error:  # aiortc's parser of SDP raises whatever happens to go wrong in it
            raise BadOffer(f"{type(error).__name__}: {str(error)[:120]}") from error
        self._giving_up = asyncio.get_running_loop().call_later(JOIN_S, self._end, "failed")
        return self._connection.localDescription.sdp

    def add(self, pcm: bytes) -> None:
        """What the operator is to hear, PCM16 at 16 kHz."""
        self._sound.add(pcm)

    async def close(self) -> None:
        self._over = True
        self.live = False
        if self._giving_up:
            self._giving_up.cancel()
        with suppress(ConnectionError):
            await self._connection.close()

    def _listen_at(self, receiver: RTCRtpReceiver) -> None:
        """Packets come here; aiortc counts them for its reports, and its jitter buffer and decoder are of no use."""
        counted = receiver._handle_rtp_packet

        async def take(packet: RtpPacket, arrival_time_ms: int) -> None:
            if self._over:
                return
            if not self.live:
                receiver._handle_disconnect()  # ends the thread that would decode
            await counted(packet, arrival_time_ms)
            self._take(packet)

        receiver._handle_rtp_packet = take  # type: ignore[method-assign]

    def _take(self, packet: RtpPacket) -> None:
        self._last_s = time.monotonic()
        if not self.live:
            self.live = True
            if self._giving_up:
                self._giving_up.cancel()
            self._joined()
        if pcm := self._incoming.take(packet.ssrc, packet.sequence_number, packet.payload):
            self._heard(pcm)

    def _look_whether_it_lives(self) -> None:
        if self.live and time.monotonic() - self._last_s > LOST_S:
            self._end("lost")

    def _follow(self) -> None:
        state = self._connection.connectionState
        if state == "failed":
            self._end("lost" if self.live else "failed")
        elif state == "closed":
            self._end("closed")

    def _end(self, why: str) -> None:
        if not self._over:
            self._over = True
            self.live = False
            self._gone(why)
