"""One operator's websocket and their WebRTC: the websocket carries the offer and the answer, and the sound until the
peer has joined and whenever it is gone again, so that no call has a gap for it.

The page makes an offer for each call; what it is told is in `docs/console.md`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import structlog

from telephony.protocols import frames
from telephony.webrtc.offer import LONGEST_SDP, BadOffer
from telephony.webrtc.settings import WebrtcSettings
from telephony.webrtc.voices import WebrtcUnavailable, WebrtcVoices, voices_of

if TYPE_CHECKING:
    from telephony.webrtc.peer import Peer

log = structlog.get_logger()

NOT_INSTALLED = "not_installed"
AGAIN_AFTER_S = 1.0
"""Between two offers of one page: each costs a certificate and a port."""
ANSWER_S = 5.0


def voices_or_why(settings: WebrtcSettings) -> WebrtcVoices | str | None:
    """As the settings say; calls are taken without WebRTC, too, so that a missing package keeps no server down."""
    try:
        return voices_of(settings)
    except WebrtcUnavailable as error:
        log.error("webrtc.unavailable", error=str(error), what="operators' sound goes through the websocket")
        return NOT_INSTALLED


class WebrtcSide:
    """voices: None where WebRTC is off, NOT_INSTALLED where it is wanted and missing. tell: to the page. heard: the
    operator's voice."""

    def __init__(
        self,
        voices: WebrtcVoices | str | None,
        who: str,
        tell: Callable[[Mapping[str, Any]], None],
        heard: Callable[[bytes], None],
    ) -> None:
        self._voices, self._id, self._tell, self._heard = voices, who, tell, heard
        self._peer: Peer | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._offered_s = float("-inf")

    def welcome(self) -> None:
        """The page hears whether it may make offers."""
        if isinstance(self._voices, WebrtcVoices):
            self._tell({"type": "webrtc", "state": "ready", "ice_servers": self._voices.for_browsers()})
        elif self._voices:
            self._off(self._voices)

    @property
    def carries(self) -> bool:
        """Whether the sound goes here, in both directions, and not through the websocket."""
        return self._peer is not None and self._peer.live

    def sound(self, pcm: bytes) -> None:
        """What the operator is to hear."""
        if self._peer:
            self._peer.add(pcm)

    async def take(self, frame: dict[str, Any], in_call: bool) -> None:
        """`webrtc_offer` or `webrtc_end`. Raises ProtocolError."""
        if frame["type"] == "webrtc_end":
            self.drop()
            return
        offer = frames.text(frame, "sdp", LONGEST_SDP)
        self.drop()
        now_s = time.monotonic()
        too_soon, self._offered_s = now_s - self._offered_s < AGAIN_AFTER_S, now_s
        if not isinstance(self._voices, WebrtcVoices):
            self._off(self._voices or "off")
        elif not in_call:
            self._off("no_call")
        elif too_soon:
            self._off("too_soon")
        else:
            await self._answer(self._voices, offer)

    def drop(self) -> None:
        """The peer's sound is over; the websocket carries it."""
        if self._peer:
            task = asyncio.create_task(self._peer.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
            self._peer = None

    async def close(self) -> None:
        self.drop()
        if self._closing:
            await asyncio.wait(self._closing)

    async def _answer(self, voices: WebrtcVoices, offer: str) -> None:
        peer = self._peer = voices.peer(self._heard, self._joined, lambda why: self._gone(peer, why))
        try:
            async with asyncio.timeout(ANSWER_S):
                sdp = await peer.answer(offer)
        except BadOffer as error:
            self._failed("bad_offer", error)
        except OSError as error:  # NoPort, TimeoutError
            self._failed("no_port", error)
        else:
            self._tell({"type": "webrtc_answer", "sdp": sdp})

    def _joined(self) -> None:
        log.info("operator.webrtc_joined", who=self._id)
        self._tell({"type": "webrtc", "state": "on"})

    def _gone(self, peer: Peer, why: str) -> None:
        if peer is self._peer:
            log.warning("operator.webrtc_gone", who=self._id, why=why)
            self.drop()
            self._off(why)

    def _failed(self, why: str, error: Exception) -> None:
        log.warning("operator.webrtc_failed", who=self._id, why=why, error=str(error))
        self.drop()
        self._off(why)

    def _off(self, why: str) -> None:
        self._tell({"type": "webrtc", "state": "off", "why": why})
