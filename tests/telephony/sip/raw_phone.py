"""A phone that sends exactly what a test writes, and keeps what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiosipua import SipMessage, SipRequest, SipResponse

from telephony.sip.messages import tag_of

SDP = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio {port} RTP/AVP {types}
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a={direction}
"""


class RawPhone(asyncio.DatagramProtocol):
    """One call at a time: branch, CSeq and tags are kept as a phone keeps them."""

    def __init__(self) -> None:
        self.got: list[SipRequest | SipResponse] = []
        self.call_id, self.tag, self.number = f"call-{id(self):x}@phone", "phone1", 0
        self.to_tag = ""
        self.invite = ""
        self._transport: asyncio.DatagramTransport | None = None
        self._server = ("127.0.0.1", 0)
        self._news = asyncio.Event()
        self.sound: list[bytes] = []
        self._sound_transport: asyncio.DatagramTransport | None = None

    async def open(self, server: tuple[str, int]) -> RawPhone:
        self._server = server
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self._sound_transport, _ = await loop.create_datagram_endpoint(
            lambda: _Sound(self.sound), local_addr=("127.0.0.1", 0)
        )
        return self

    def close(self) -> None:
        for transport in (self._transport, self._sound_transport):
            if transport:
                transport.close()

    @property
    def port(self) -> int:
        assert self._transport
        return int(self._transport.get_extra_info("sockname")[1])

    @property
    def sound_port(self) -> int:
        assert self._sound_transport
        return int(self._sound_transport.get_extra_info("sockname")[1])

    def describe(self, direction: str = "sendrecv", types: str = "8 101") -> str:
        return SDP.format(port=self.sound_port, direction=direction, types=types)

    def put(self, text: str) -> None:
        assert self._transport
        self._transport.sendto(text.replace("\n", "\r\n").encode(), self._server)

    def send(
        self, method: str, body: str = "", user: str = "it", kind: str = "application/sdp", number: int = 0,
        branch: str = "", **headers: str,
    ) -> str:  # fmt: skip
        """A request as this phone's next one; the text of it. headers: `Session_Expires='90'`."""
        if method not in ("ACK", "CANCEL") and not number:
            self.number += 1
        number = number or self.number
        to = f"<sip:{user}@127.0.0.1>" + (f";tag={self.to_tag}" if self.to_tag else "")
        lines = [
            f"{method} sip:{user}@127.0.0.1:{self._server[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch={branch or f'z9hG4bK{self.tag}{method}{number}'};rport",
            f'From: "Anna" <sip:+39021234@127.0.0.1>;tag={self.tag}',
            f"To: {to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:anna@127.0.0.1:{self.port}>",
            *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
            *([f"Content-Type: {kind}"] if body else []),
            f"Content-Length: {len(body.replace(chr(10), chr(13) + chr(10)))}",
        ]
        text = "\n".join(lines) + "\n\n" + body
        if method == "INVITE":
            self.invite = text
        self.put(text)
        return text

    async def call(self, body: str | None = None, **headers: str) -> SipResponse:
        """INVITE until its final answer; a 200 is acknowledged."""
        self.send("INVITE", self.describe() if body is None else body, **headers)
        response = await self.answer("INVITE")
        if response.status_code == 200:
            self.to_tag = tag_of(response, "to")
            self.send("ACK")
        return response

    async def ask(self, method: str, body: str = "", **headers: str) -> SipResponse:
        self.send(method, body, **headers)
        return await self.answer(method)

    async def answer(self, method: str) -> SipResponse:
        """The final answer to the newest request of this method."""

        def final(message: SipRequest | SipResponse) -> bool:
            cseq = message.cseq
            return (
                isinstance(message, SipResponse)
                and message.status_code >= 200
                and cseq is not None
                and (cseq.method, cseq.seq) == (method, self.number)
            )

        found = await self.until(final)
        assert isinstance(found, SipResponse)
        return found

    async def asked(self, method: str) -> SipRequest:
        """The first request of this method that the server sent."""
        found = await self.until(lambda message: isinstance(message, SipRequest) and message.method == method)
        assert isinstance(found, SipRequest)
        return found

    async def until(self, seen: Callable[[SipRequest | SipResponse], bool]) -> SipRequest | SipResponse:
        async with asyncio.timeout(20):
            while not any(map(seen, self.got)):
                self._news.clear()
                await self._news.wait()
        return next(filter(seen, self.got))

    def reply(self, request: SipRequest, status: str, **headers: str) -> None:
        """To a request of the server's."""
        lines = [f"SIP/2.0 {status}"]
        lines += [f"{name}: {request.get_header(name)}" for name in ("Via", "From", "To", "Call-ID", "CSeq")]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.put("\n".join([*lines, "Content-Length: 0"]) + "\n\n")

    def statuses(self, method: str = "INVITE") -> list[int]:
        answers = [message for message in self.got if isinstance(message, SipResponse)]
        return [answer.status_code for answer in answers if answer.cseq and answer.cseq.method == method]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.got.append(SipMessage.parse(data))
        self._news.set()


class _Sound(asyncio.DatagramProtocol):
    def __init__(self, heard: list[bytes]) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._heard.append(data)
