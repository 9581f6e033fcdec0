"""The UDP port that speaks SIP: what comes in finds its call or is new, what goes out is repeated until answered."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from aiosipua import SipRequest, SipResponse

from telephony.sip.access import Access
from telephony.sip.credentials import Credentials, met
from telephony.sip.leg import Leg
from telephony.sip.messages import Address, Malformed, answer, read, tag_of
from telephony.sip.newcomers import Newcomers
from telephony.sip.transactions import Answered, Asked, Overloaded, acknowledgement_of_answer

log = structlog.get_logger()

TICK_S = 0.1
TELL_S = 10.0
"""How often the log says how many datagrams were not understood."""
UNSPECIFIED = ("0.0.0.0", "::")  # noqa: S104 (compared with)


class Agent(asyncio.DatagramProtocol):
    """invited: takes a new call, until it is over. refused: told (door, why) of each who may not come in.

    public_ip: under which far ends reach us, '' where that is our own address.
    """

    def __init__(
        self,
        access: Access,
        invited: Callable[[Leg], Awaitable[None]],
        refused: Callable[[str, str], None],
        public_ip: str = "",
    ) -> None:
        self._access, self._invited, self._public_ip = access, invited, public_ip
        self._newcomers = Newcomers(self, access, refused)
        self._answered, self._asked = Answered(self._put), Asked(self._put)
        self._legs: dict[str, Leg] = {}
        self._credentials: dict[str, Credentials] = {}
        self._work: set[asyncio.Task[None]] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None
        self._bound: Address = ("", 0)
        self._strange, self._strange_why, self._told_s = 0, "", 0.0

    async def open(self, host: str, port: int) -> None:
        """Raises OSError when the port is taken."""
        self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, local_addr=(host, port)
        )
        bound = self._transport.get_extra_info("sockname")
        self._bound = (str(bound[0]), int(bound[1]))
        self.start(self._tick())

    async def close(self, grace_s: float) -> None:
        """Calls end, at the latest after `grace_s`. What was sent last is not repeated any more."""
        for leg in self.legs:
            leg.lost("server_stopped", "the port was closed")
        if self._serving:
            await asyncio.wait(self._serving, timeout=grace_s)
        for task in list(self._work):
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        if self._transport:
            self._transport.close()

    @property
    def address(self) -> Address:
        """Where it is bound."""
        return self._bound

    @property
    def legs(self) -> tuple[Leg, ...]:
        return tuple(self._legs.values())

    def know(self, credentials: dict[str, Credentials]) -> None:
        """The passwords that far ends may ask us for, by their IP address."""
        self._credentials = credentials
        self._access.trust_registrars(credentials)

    # ------------------------------------------------------------------------------------------ what a leg needs of it

    def now_s(self) -> float:
        return time.monotonic()

    def contact(self, far_end: Address) -> Address:
        host, port = self._bound
        if self._public_ip:
            return self._public_ip, port
        if host not in UNSPECIFIED:
            return host, port
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(far_end)  # nothing is sent; the system says which of our addresses it would use
            return str(probe.getsockname()[0]), port

    def answer(self, request: SipRequest, response: SipResponse) -> None:
        self._answered.answer(request, response, self.now_s())

    def acknowledged(self, invite: SipRequest) -> None:
        self._answered.acknowledged(invite)

    def send(self, request: SipRequest, to: Address) -> None:
        self._put(bytes(request), to)

    async def ask_once(self, request: SipRequest, to: Address) -> SipResponse:
        """The final answer, a challenge among them. Raises NoAnswer and Overloaded."""
        return await self._asked.ask(request, to, self.now_s())

    async def ask(self, make: Callable[[], SipRequest], to: Address) -> SipResponse:
        response = await self.ask_once(make(), to)
        credentials = self._credentials.get(to[0])
        if response.status_code in (401, 407) and credentials:
            again = make()
            if met(again, response, credentials):
                response = await self.ask_once(again, to)
        return response

    def forget(self, local_tag: str) -> None:
        self._legs.pop(local_tag, None)

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    # ------------------------------------------------------------------------------------------------ the network

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        source = (str(addr[0]), int(addr[1]))
        if not data.strip(b"\r\n\0"):
            return  # keeps a NAT open
        try:
            message = read(data)
            if isinstance(message, SipResponse):
                if not self._asked.take(message):
                    self._repeated_answer(message)
            else:
                self._take(message, source)
        except Malformed as error:
            self._not_understood(f"{source[0]}: {error}")
            if error.request and self._access.trusts(source[0]) and error.request.method != "ACK":
                self._put(bytes(answer(error.request, 400)), source)
        except Overloaded as error:
            self._not_understood(str(error))
        except Exception:
            log.exception("sip.internal_error", source=source[0])

    def error_received(self, exc: Exception) -> None:
        log.debug("sip.not_delivered", error=str(exc))

    def _put(self, data: bytes, to: Address) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.sendto(data, to)

    def _take(self, request: SipRequest, source: Address) -> None:
        if self._answered.repeated(request):
            return
        tag = tag_of(request, "to")
        if not tag:
            self._newcomers.take(request, source)
        elif leg := self._legs.get(tag):
            if request.method != "ACK":
                self._answered.begin(request, source, self.now_s())
            leg.requests.take(request, source)
        else:
            self.stateless(request, source, 481)

    def stateless(
        self, request: SipRequest, source: Address, status: int, headers: dict[str, str] | None = None
    ) -> None:
        """An answer that is forgotten at once: it is made anew should the request come again."""
        if request.method != "ACK":
            self._put(bytes(answer(request, status, tag="-", headers=headers)), source)

    def welcome(self, leg: Leg) -> None:
        """A new call: its INVITE is remembered, and it is served. Raises Overloaded."""
        self._answered.begin(leg.invite, leg.source, self.now_s())
        self._legs[leg.dialog.local_tag] = leg
        self.answer(leg.invite, answer(leg.invite, 100))
        serving = self.start(self._serve(leg))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)

    def rings(self, invite: SipRequest) -> bool:
        """Whether the far end has begun to answer an INVITE of ours."""
        return self._asked.rings(invite)

    def join(self, leg: Leg, serving: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A call of ours that was answered: it is served by this, until it is over."""
        self._legs[leg.dialog.local_tag] = leg
        task = self.start(serving)
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        return task

    def _repeated_answer(self, response: SipResponse) -> None:
        """The 200 of a call of ours once more: its ACK was lost (RFC 3261, section 13.2.2.4)."""
        leg = self._legs.get(tag_of(response, "from"))
        if leg and response.status_code < 300 and response.cseq and response.cseq.method == "INVITE":
            self.send(acknowledgement_of_answer(leg), leg.source)

    def leg_cancelled_by(self, cancel: SipRequest) -> Leg | None:
        invite = self._answered.invite_of(cancel)
        return next((leg for leg in self.legs if leg.invite is invite), None)

    async def _serve(self, leg: Leg) -> None:
        try:
            await self._invited(leg)
        except Exception:
            log.exception("sip.internal_error", ref=leg.ref)
            leg.refuse(500)
        finally:
            leg.hang_up("server_stopped")

    def _not_understood(self, why: str) -> None:
        self._strange, self._strange_why = self._strange + 1, why

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            now_s = self.now_s()
            self._asked.due(now_s)
            for invite in self._answered.due(now_s):
                for leg in self.legs:
                    if leg.invite is invite and leg.accepted:
                        leg.lost("not_acknowledged", "our answer was not acknowledged within 32 s")
            for leg in self.legs:
                leg.refresh.due(now_s)
            if self._strange and now_s - self._told_s > TELL_S:
                log.warning("sip.not_understood", datagrams=self._strange, last=self._strange_why)
                self._strange, self._told_s = 0, now_s
