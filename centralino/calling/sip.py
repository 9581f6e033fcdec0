"""A softphone that calls a server's SIP door: it rings, answers challenges, talks, can hold, and says BYE.

Its signalling is aiosipua's own user agent, which the server does not use.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiosipua import OutgoingCall, SipDigestAuth, SipMessage, SipRequest, SipResponse, SipUAC, SipUAS, parse_sdp
from aiosipua.sdp import SdpMessage
from aiosipua.transport import SipTransport

from centralino.calling.door import CallRefused, Happening
from centralino.calling.far_end import Dialling, FarEnd
from centralino.calling.sip_sound import KEY_TYPE, PAYLOAD_TYPES, RATES_HZ, PhoneSound

ANSWER_S = 15.0
JITTER_BUFFER_MS = 60
"""A phone waits so long after the first packet before it plays, and rides out what comes late."""
BYE_S = 2.0


@dataclass
class Udp(SipTransport, asyncio.DatagramProtocol):
    """A socket for aiosipua's user agents. answers: all that came, in order."""

    answers: list[SipResponse] = field(default_factory=list)
    _socket: asyncio.DatagramTransport | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._socket, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=self.local_addr)
        self.local_addr = self._socket.get_extra_info("sockname")

    def send(self, message: SipRequest | SipResponse, addr: tuple[str, int]) -> None:
        if self._socket:
            self._socket.sendto(bytes(message), addr)

    async def stop(self) -> None:
        if self._socket:
            self._socket.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = SipMessage.parse(data)
        if isinstance(message, SipResponse):
            self.answers.append(message)
            self._news.set()
        if self.on_message:
            self.on_message(message, addr)

    async def answered_since(self, seen: int, method: str) -> None:
        """A final answer after the first `seen`. Raises TimeoutError."""
        async with asyncio.timeout(BYE_S):
            while not any(_answers(answer, method) for answer in self.answers[seen:]):
                self._news.clear()
                await self._news.wait()


def _answers(response: SipResponse, method: str) -> bool:
    return response.status_code >= 200 and response.cseq is not None and response.cseq.method == method


class SipDoor(FarEnd):
    """A SIP call that is connected. call_id: the server's, from X-Call-Id of its answer."""

    def __init__(self, to: Dialling, codec: str) -> None:
        super().__init__(RATES_HZ[codec], to.observer)
        self._codec = codec
        self.sound = PhoneSound(codec, self.hear, self.protocol_error)
        self._ip = _towards(_reached(to))
        self._transport = Udp(local_addr=(self._ip, 0))
        self._uac = SipUAC(self._transport)
        self._uas = SipUAS(self._transport, uac=self._uac)
        self._uas.on_bye = lambda call, request: self._bye(request)
        self._port = 0
        self._call: OutgoingCall | None = None
        self._pressing: set[asyncio.Task[None]] = set()

    @classmethod
    async def dial(cls, to: Dialling) -> SipDoor:
        """Call a line. Raises CallRefused.

        Of the server's settings it takes `host` (default loopback, over IPv4), `port`, `user` and `password` (where the
        server asks for one), and `codec` (default G722), which is the only one it offers.
        """
        codec = to.secrets.get("codec") or "G722"
        if codec not in PAYLOAD_TYPES:
            raise ValueError(f"codec {codec!r}: one of {', '.join(PAYLOAD_TYPES)} is expected")
        door = cls(to, codec)
        await door._uas.start()
        try:
            await door._connect(to)
        except BaseException:
            await door.disconnect()
            raise
        return door

    async def _connect(self, to: Dialling) -> None:
        server = (_reached(to), int(to.secret("port")))
        self._port = await self.sound.open(self._ip)
        user, password = to.secrets.get("user", ""), to.secrets.get("password", "")
        number = re.sub(r"[^\w.+\-]", "", to.caller) or "anonymous"
        uri = f"sip:{to.line}@{server[0]}:{server[1]}"
        to.observer(Happening(0, "ringing", uri))
        self._call = self._uac.send_invite(
            f"sip:{number}@{self._ip}", uri, server, self._description("sendrecv"),
            extra_headers=dict(_headers(to.secrets)), auth=SipDigestAuth(user, password) if user else None,
        )  # fmt: skip
        try:
            await self._call.wait_answered(ANSWER_S)
        except (RuntimeError, TimeoutError) as error:
            raise CallRefused(f"{uri}: {error}") from error
        answer = self._call.sdp_answer
        if answer is None or answer.rtp_address is None or answer.audio is None:
            raise CallRefused(f"{uri}: the answer has no session description")
        self.sound.target = answer.rtp_address
        agreed = [codec.payload_type for codec in answer.audio.codecs]
        if agreed[:1] != [PAYLOAD_TYPES[self._codec]] or KEY_TYPE not in agreed:
            self.protocol_error(f"the answer takes {agreed}, {self._codec} and telephone events were offered")
        self.call_id = self._transport.answers[-1].get_header("x-call-id") or ""
        self.start()
        self.tell("answered", self.call_id)

    def _description(self, direction: str) -> SdpMessage:
        number = PAYLOAD_TYPES[self._codec]
        return parse_sdp(
            f"v=0\r\no=- 1 1 IN IP4 {self._ip}\r\ns=-\r\nc=IN IP4 {self._ip}\r\nt=0 0\r\n"
            f"m=audio {self._port} RTP/AVP {number} {KEY_TYPE}\r\na=rtpmap:{number} {self._codec}/8000\r\n"
            f"a=rtpmap:{KEY_TYPE} telephone-event/8000\r\na=fmtp:{KEY_TYPE} 0-15\r\na=ptime:20\r\na={direction}\r\n"
        )

    def hear(self, pcm: bytes) -> None:
        now_ms = self.clock.now_ms()
        dry = self.playout.ends_ms <= now_ms
        self.playout.sound(now_ms + JITTER_BUFFER_MS if dry else now_ms, pcm)

    async def send_frame(self, pcm: bytes) -> None:
        self.sound.send(pcm)

    async def send_key(self, key: str) -> None:
        task = asyncio.create_task(self.sound.press(key))
        self._pressing.add(task)
        task.add_done_callback(self._pressing.discard)

    async def echo_mark(self, name: str) -> None:
        """SIP has no marks."""

    async def hold(self, held: bool) -> None:
        """Put the server on hold, or take the call back."""
        if self._call:
            seen = len(self._transport.answers)
            description = self._description("sendonly" if held else "sendrecv")
            self._uac.send_reinvite(self._call.dialog, description, self._call.remote_addr)
            await self._transport.answered_since(seen, "INVITE")

    async def hang_up(self) -> None:
        self.end("us", "hung up")
        await self.disconnect()

    async def disconnect(self) -> None:
        for task in self._pressing:
            task.cancel()
        seen = len(self._transport.answers)
        if self._call and self._call.hangup(self._uac):
            await self._transport.answered_since(seen, "BYE")
        self.sound.close()
        await self._uas.stop()

    def _bye(self, request: SipRequest) -> None:
        found = re.search(r'text="([^"]*)"', request.get_header("reason") or "")
        self.end("them", found.group(1) if found else "BYE")


def _reached(to: Dialling) -> str:
    host = to.secrets.get("host", "")
    return host if host not in ("", "0.0.0.0", "::") else "127.0.0.1"  # noqa: S104 (compared with)


def _towards(host: str) -> str:
    """Our own address on the way to a host."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((host, 5060))
        return str(probe.getsockname()[0])


def _headers(secrets: Mapping[str, str]) -> Mapping[str, str]:
    """X-… headers for the INVITE, given like settings."""
    return {name: value for name, value in secrets.items() if name.lower().startswith("x-")}
