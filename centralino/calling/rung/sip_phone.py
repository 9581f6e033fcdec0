"""A softphone that is called: it rings, and answers, declines, is busy or goes on ringing; then it talks.

Its signalling is aiosipua's own user agent, which the server does not use.
"""

from __future__ import annotations

import asyncio
from typing import Self

from aiosipua import IncomingCall, SipRequest, SipUAC, SipUAS, parse_sdp

from centralino.calling.door import Observer, nobody_watches
from centralino.calling.far_end import FarEnd
from centralino.calling.rung.answering import ANSWERS, BUSY, DECLINED, NO_ANSWER
from centralino.calling.sip import Udp
from centralino.calling.sip_sound import KEY_TYPE, PAYLOAD_TYPES, RATES_HZ, PhoneSound

CLOSED = "closed"
"""Nobody is at its address."""
CODEC = "PCMA"
STATUS = {BUSY: (486, "Busy Here"), DECLINED: (603, "Decline")}


class SipPhone(FarEnd):
    """does: of `answering`. headers: the X-… of the INVITE, by their names in lower case."""

    def __init__(self, does: str = ANSWERS, observer: Observer = nobody_watches) -> None:
        super().__init__(RATES_HZ[CODEC], observer)
        self.does, self.headers, self.cancelled = does, dict[str, str](), False
        self.invites = 0
        self.answered = asyncio.Event()
        self.sound = PhoneSound(CODEC, self.hear, self.protocol_error)
        self._transport = Udp(local_addr=("127.0.0.1", 0))
        self._uac = SipUAC(self._transport)
        self._uas = SipUAS(self._transport, uac=self._uac)
        self._uas.on_invite, self._uas.on_bye, self._uas.on_cancel = self._rings, self._bye, self._cancelled
        self._call: IncomingCall | None = None
        self._port = 0

    @classmethod
    async def open(cls, does: str = ANSWERS) -> Self:
        phone = cls(does)
        await phone._uas.start()
        if does == CLOSED:
            await phone._uas.stop()
        phone._port = await phone.sound.open("127.0.0.1")
        return phone

    async def close(self) -> None:
        if self.does == CLOSED:
            return
        await super().close()

    @property
    def address(self) -> str:
        """Under which it is called."""
        return f"sip:anna@127.0.0.1:{self._transport.local_addr[1]}"

    def _rings(self, call: IncomingCall) -> None:
        self.invites += 1
        self.headers = {name.lower(): value for name, value in call.x_headers.items()}
        call.ringing()
        if self.does in STATUS:
            call.reject(*STATUS[self.does])
        elif self.does != NO_ANSWER:
            self._accept(call)

    def _accept(self, call: IncomingCall) -> None:
        offer, number = call.sdp_offer, PAYLOAD_TYPES[CODEC]
        if offer is None or offer.rtp_address is None:
            self.protocol_error("an INVITE without a session description")
            return call.reject(488, "Not Acceptable Here")
        self.sound.target = offer.rtp_address
        answer = (
            f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self._port} RTP/AVP {number} {KEY_TYPE}\r\na=rtpmap:{number} {CODEC}/8000\r\n"
            f"a=rtpmap:{KEY_TYPE} telephone-event/8000\r\na=ptime:20\r\na=sendrecv\r\n"
        )
        call.accept(parse_sdp(answer))
        self._call = call
        self.start()
        self.answered.set()

    def _cancelled(self, request: SipRequest, address: tuple[str, int]) -> None:
        self.cancelled = True

    def _bye(self, call: IncomingCall, request: SipRequest) -> None:
        self.end("them", "BYE")

    async def send_frame(self, pcm: bytes) -> None:
        self.sound.send(pcm)

    async def send_key(self, key: str) -> None:
        await self.sound.press(key)

    async def echo_mark(self, name: str) -> None:
        """SIP has no marks."""

    async def hang_up(self) -> None:
        self.end("us", "hung up")
        if self._call:
            self._call.hangup()

    async def disconnect(self) -> None:
        self.sound.close()
        await self._uas.stop()
