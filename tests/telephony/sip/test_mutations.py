"""A session as a softphone sends it: whole, and with messages lost, doubled, swapped, cut or filled with noise."""

from __future__ import annotations

import asyncio
import ipaddress
import random
from pathlib import Path

import pytest
import structlog
from hypothesis import given, note, settings
from hypothesis import strategies as st

from telephony.rtp.codecs import G722_CODEC
from telephony.sip.access import Access
from telephony.sip.agent import Agent
from telephony.sip.leg import Leg
from telephony.sip.messages import Malformed, parameters_of, read
from telephony.sip.sdp import BadDescription, Session
from telephony.sip.session_timer import TooShort
from telephony.sip.signalling import Gone, KeySent, MediaChanged, Notice
from tests.telephony.mutations import MUTATIONS, Message, mutated

PHONE = ("192.0.2.10", 5060)
SESSION: list[Message] = [
    *(Path(__file__).parents[1] / "sessions" / "sip.txt").read_text().split("--------\n")
]  # fmt: skip


class Answering:
    """An agent without a network, whose calls are all taken."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.sent: list[str] = []
        self.leg: Leg | None = None
        access = Access([ipaddress.ip_network("192.0.2.0/24")], {}, "centralino")
        self.agent = Agent(access, self._invited, lambda door, why: None, "192.0.2.1")
        self.agent._put = lambda data, to: self.sent.append(data.decode("utf-8", "replace"))  # type: ignore[method-assign]
        self.agent._answered._send = self.agent._asked._send = self.agent._put

    async def _invited(self, leg: Leg) -> None:
        self.leg, leg.notify = leg, self.notices.append
        try:
            leg.accept(Session("192.0.2.1", 10_000), {"X-Call-Id": "1"})
        except BadDescription:
            leg.refuse(488)
        except TooShort:
            leg.refuse(422)
        _ = (leg.caller, leg.called, leg.parameters)
        while not leg.over:
            await asyncio.sleep(0)

    async def hear(self, messages: list[Message]) -> None:
        for message in messages:
            tag = self.leg.dialog.local_tag if self.leg else "none"
            data = message.replace("@TAG@", tag).encode("utf-8", "replace") if isinstance(message, str) else message
            self.agent.datagram_received(data.replace(b"\n", b"\r\n"), PHONE)
            for _ in range(3):
                await asyncio.sleep(0)
        for work in list(self.agent._work):
            work.cancel()
        await asyncio.gather(*self.agent._work, return_exceptions=True)

    @property
    def statuses(self) -> list[int]:
        return [int(sent.split()[1]) for sent in self.sent if sent.startswith("SIP/2.0 ")]


async def test_the_session_as_it_was_sent() -> None:
    answering = Answering()
    await answering.hear(SESSION)
    assert answering.statuses == [100, 200, 200, 200, 200, 200, 200, 200]
    assert answering.leg
    assert (answering.leg.caller, answering.leg.called) == ("+39021234567", ("+390510000001",))
    assert parameters_of(answering.leg.invite) == {"x-customer": "4711"}
    key, held, gone = answering.notices
    assert (key, gone) == (KeySent("5"), Gone("caller_hung_up"))
    assert isinstance(held, MediaChanged)
    assert (held.media.codec, held.media.held, held.media.remote) == (G722_CODEC, True, ("192.0.2.10", 49170))
    ok = answering.sent[1]
    assert "Session-Expires: 1800;refresher=uac\r\n" in ok
    assert "Require: timer\r\n" in ok
    assert "m=audio 10000 RTP/AVP 9 101\r\n" in ok
    assert "m=video 0 RTP/AVP 96\r\n" in ok


def test_whatever_is_sent_no_more_than_its_call_suffers() -> None:
    with asyncio.Runner() as runner, structlog.testing.capture_logs() as logged:

        @settings(max_examples=max(200, MUTATIONS // 2), deadline=None, database=None)
        @given(st.integers(0, 2**64))
        def check(seed: int) -> None:
            dice = random.Random(seed)
            begins, later = SESSION[:2], SESSION[2:]
            messages = mutated([*begins, *dice.sample(later, 2)], dice)
            logged.clear()
            runner.run(Answering().hear(messages))
            wrong = [line for line in logged if line["event"] == "sip.internal_error"]
            if wrong:
                note(f"messages: {messages!r}"[:4000])
            assert not wrong

        check()


@pytest.mark.parametrize(
    ("datagram", "says"),
    [
        (b"", "not SIP"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "no Via"),
        (b"\xff" * 200, "not SIP"),
        (b"INVITE sip:x SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=1\r\n\r\n", "from, to, call-id, cseq missing"),
        (b"A" * 20_000, "over 16384"),
        (b"INVITE sip:x SIP/2.0\r\n" + b"X: y\r\n" * 300 + b"\r\n", "not SIP: Too many headers"),
    ],
)
def test_what_is_no_sip_is_said_to_be_none(datagram: bytes, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        read(datagram)
