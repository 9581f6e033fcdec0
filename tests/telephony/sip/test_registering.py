"""Registering with a PBX: a small real registrar that challenges, shortens, insists, refuses and falls silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from aiosipua import AuthChallenge, SipDigestAuth, SipMessage, SipRequest, SipResponse, build_credentials, parse_auth

from telephony.sip.access import Access
from telephony.sip.agent import Agent
from telephony.sip.credentials import Credentials
from telephony.sip.messages import answer, read
from telephony.sip.registering import Account, Registering, granted_s, next_after_s, retry_after_s

CHALLENGE = 'Digest realm="pbx", nonce="abc", algorithm=SHA-256, qop="auth"'


class Registrar(asyncio.DatagramProtocol):
    """least_s: the shortest interval it takes; grants_s: what it gives; password: '' refuses everybody."""

    def __init__(self, password: str = "s3cret", least_s: int = 0, grants_s: int = 0, loses: int = 0) -> None:
        self.password, self.least_s, self.grants_s, self.loses = password, least_s, grants_s, loses
        self.asked: list[SipRequest] = []
        self.bound: dict[str, int] = {}
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self) -> int:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        return int(self._transport.get_extra_info("sockname")[1])

    def close(self) -> None:
        assert self._transport
        self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        request = SipMessage.parse(data)
        assert isinstance(request, SipRequest)
        self.asked.append(request)
        if self.loses:
            self.loses -= 1
            return
        assert self._transport
        self._transport.sendto(bytes(self._answer(request)), addr)

    def _answer(self, request: SipRequest) -> SipResponse:
        given = request.get_header("authorization")
        if not given:
            return answer(request, 401, headers={"WWW-Authenticate": CHALLENGE})
        if not self._right(request, given):
            return answer(request, 403)
        asked_s = int(request.get_header("expires") or 0)
        if 0 < asked_s < self.least_s:
            return answer(request, 423, headers={"Min-Expires": str(self.least_s)})
        contact = request.headers.get("contact")[0]
        granted = min(asked_s, self.grants_s or asked_s)
        self.bound[contact] = granted
        return answer(request, 200, headers={"Contact": f"{contact};expires={granted}"})

    def _right(self, request: SipRequest, given: str) -> bool:
        signed = parse_auth(given, credentials=True).params
        params = {"realm": "pbx", "nonce": "abc", "algorithm": "SHA-256", "qop": "auth"}
        expected = build_credentials(
            SipDigestAuth("620", self.password), AuthChallenge("Digest", params), "REGISTER", request.uri,
            cnonce=signed["cnonce"],
        )  # fmt: skip
        return expected is not None and signed["response"] == expected.params["response"]


@pytest_asyncio.fixture
async def agent() -> AsyncIterator[Agent]:
    async def invited(leg: object) -> None:
        raise AssertionError("nobody calls")

    agent = Agent(Access([], {}, "centralino"), invited, lambda door, why: None)
    await agent.open("127.0.0.1", 0)
    yield agent
    await agent.close(0)


def registering(agent: Agent, port: int, expires_s: int = 300) -> Registering:
    account = Account("localhost", port, "620", "pbx.example", Credentials("620", "s3cret"), expires_s)
    return Registering(agent, account, lambda: None)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)


async def test_an_account_is_registered_and_goes_when_the_server_stops(agent: Agent) -> None:
    registrar = Registrar()
    one = registering(agent, await registrar.open())
    running = asyncio.create_task(one.run())
    await until(lambda: one.registered)
    contact = f"<sip:620@127.0.0.1:{agent.address[1]}>"
    assert registrar.bound == {contact: 300}
    first, second = registrar.asked
    assert first.uri == "sip:pbx.example"
    assert first.get_header("to") == "<sip:620@pbx.example>"
    assert (first.call_id, first.cseq and first.cseq.seq, second.cseq and second.cseq.seq) == (second.call_id, 1, 2)
    assert "s3cret" not in repr(one.account)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert registrar.bound == {contact: 0}
    registrar.close()


async def test_a_longer_interval_is_taken_where_the_registrar_insists(agent: Agent) -> None:
    registrar = Registrar(least_s=900)
    one = registering(agent, await registrar.open())
    running = asyncio.create_task(one.run())
    await until(lambda: one.registered)
    assert list(registrar.bound.values()) == [900]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    registrar.close()


async def test_a_request_that_is_lost_is_repeated(agent: Agent) -> None:
    registrar = Registrar(loses=1)
    one = registering(agent, await registrar.open())
    running = asyncio.create_task(one.run())
    await until(lambda: one.registered)
    assert one.failures == 0
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    registrar.close()


async def test_a_refusal_is_told_and_tried_again_later(agent: Agent) -> None:
    registrar = Registrar(password="another")
    one = registering(agent, await registrar.open())
    running = asyncio.create_task(one.run())
    await until(lambda: one.failures)
    assert not one.registered
    assert len(registrar.asked) == 2
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    registrar.close()


def test_when_it_is_tried_again() -> None:
    assert [next_after_s(granted) for granted in (10, 300, 100_000)] == [24, 240, 2880]
    assert [retry_after_s(failures, 1.0) for failures in (1, 2, 3, 7, 50)] == [5, 10, 20, 300, 300]
    assert retry_after_s(1, 0.0) == 2.5


@pytest.mark.parametrize(
    ("headers", "granted"),
    [
        ("Contact: <sip:620@x>;expires=60, <sip:other@y>;expires=90\r\nExpires: 30\r\n", 60),
        ("Contact: <sip:other@y>;expires=90\r\nExpires: 30\r\n", 30),
        ("Contact: <sip:620@x>;expires=nonsense\r\n", 300),
        ("", 300),
    ],
)
def test_what_was_granted(headers: str, granted: int) -> None:
    text = (
        f"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKa\r\nFrom: <sip:a@x>;tag=a\r\nTo: <sip:a@x>;tag=b\r\n"
        f"Call-ID: c\r\nCSeq: 1 REGISTER\r\n{headers}\r\n"
    )
    response = read(text.encode())
    assert isinstance(response, SipResponse)
    assert granted_s(response, "sip:620@x", 300) == granted
