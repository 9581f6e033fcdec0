"""Requests and answers that get lost, come twice or never, on a clock that the test sets."""

from __future__ import annotations

import asyncio

import pytest
from aiosipua import SipRequest, SipResponse

from telephony.sip.messages import answer, read
from telephony.sip.transactions import LIFE_S, MOST, T1_S, Answered, Asked, NoAnswer, Overloaded

PHONE = ("127.0.0.1", 5062)


def request(method: str = "INVITE", branch: str = "z9hG4bKa", number: int = 1) -> SipRequest:
    text = (
        f"{method} sip:it@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5062;branch={branch}\r\n"
        f"From: <sip:anna@127.0.0.1>;tag=t\r\nTo: <sip:it@127.0.0.1>\r\nCall-ID: c\r\nCSeq: {number} {method}\r\n\r\n"
    )
    message = read(text.encode())
    assert isinstance(message, SipRequest)
    return message


class Network:
    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, data: bytes, to: tuple[str, int]) -> None:
        assert to == PHONE
        self.sent.append(data.split(b"\r\n")[0].decode())


def test_a_repeated_invite_gets_its_last_answer_again_and_is_no_second_call() -> None:
    network = Network()
    answered = Answered(network.send)
    invite = request()
    assert not answered.repeated(invite)
    answered.begin(invite, PHONE, 0)
    assert answered.repeated(invite)
    assert network.sent == []
    answered.answer(invite, answer(invite, 100), 0)
    assert answered.repeated(request())
    answered.answer(invite, answer(invite, 200), 1)
    assert answered.repeated(request())
    assert network.sent == ["SIP/2.0 100 Trying"] * 2 + ["SIP/2.0 200 OK"] * 2


@pytest.mark.parametrize("status", [200, 486])
def test_a_final_answer_is_repeated_until_its_ack(status: int) -> None:
    network = Network()
    answered = Answered(network.send)
    invite = request()
    answered.begin(invite, PHONE, 0)
    answered.answer(invite, answer(invite, status), 0)
    for at_s in (0.4, 0.5, 1.0, 1.5, 3.5):
        assert answered.due(at_s) == []
    assert len(network.sent) == 4
    if status == 200:
        assert not answered.repeated(request("ACK", "z9hG4bKother"))  # for its dialog, which says so
        answered.acknowledged(invite)
    else:
        assert answered.repeated(request("ACK"))
    assert answered.due(10) == []
    assert len(network.sent) == 4
    assert answered.due(LIFE_S + 1) == []
    assert len(answered) == 0


def test_a_200_that_nobody_acknowledges_is_given_up() -> None:
    answered = Answered(Network().send)
    invite = request()
    answered.begin(invite, PHONE, 0)
    answered.answer(invite, answer(invite, 200), 0)
    assert answered.due(LIFE_S - 0.1) == []
    assert answered.due(LIFE_S) == [invite]
    assert len(answered) == 0


def test_an_invite_that_is_still_being_decided_is_not_forgotten() -> None:
    answered = Answered(Network().send)
    answered.begin(request(), PHONE, 0)
    assert answered.due(2 * LIFE_S) == []
    assert answered.repeated(request())


def test_a_cancel_finds_its_invite_by_the_branch() -> None:
    answered = Answered(Network().send)
    invite = request()
    answered.begin(invite, PHONE, 0)
    assert answered.invite_of(request("CANCEL")) is invite
    assert answered.invite_of(request("CANCEL", "z9hG4bKother")) is None


def test_what_is_remembered_is_bounded() -> None:
    answered = Answered(Network().send)
    for number in range(MOST):
        answered.begin(request("INFO", f"z9hG4bK{number}"), PHONE, 0)
    with pytest.raises(Overloaded):
        answered.begin(request("INFO", "z9hG4bKnew"), PHONE, 0)
    answered.due(LIFE_S)
    assert len(answered) == 0


def response_to(asked: SipRequest, status: int) -> SipResponse:
    message = read(bytes(answer(asked, status, tag="x")))
    assert isinstance(message, SipResponse)
    return message


async def test_our_request_is_repeated_until_it_is_answered() -> None:
    network = Network()
    asked = Asked(network.send)
    bye = request("BYE")
    waiting = asked.ask(bye, PHONE, 0)
    for at_s in (0.4, 0.5, 1.5, 3.5):
        asked.due(at_s)
    assert network.sent == ["BYE sip:it@127.0.0.1 SIP/2.0"] * 4
    assert asked.take(response_to(bye, 200))
    assert (await waiting).status_code == 200
    assert not asked.take(response_to(bye, 200))
    assert len(asked) == 0


async def test_our_request_that_nobody_answers_is_given_up() -> None:
    asked = Asked(Network().send)
    waiting = asked.ask(request("BYE"), PHONE, 0)
    asked.due(LIFE_S)
    with pytest.raises(NoAnswer, match=r"no answer to BYE from 127\.0\.0\.1"):
        await waiting


async def test_a_refused_invite_of_ours_is_acknowledged() -> None:
    network = Network()
    asked = Asked(network.send)
    invite = request()
    waiting = asked.ask(invite, PHONE, 0)
    assert asked.take(response_to(invite, 180))
    asked.due(T1_S + 1)
    assert asked.take(response_to(invite, 488))
    assert network.sent == ["INVITE sip:it@127.0.0.1 SIP/2.0", "ACK sip:it@127.0.0.1 SIP/2.0"]
    assert (await waiting).status_code == 488


async def test_who_no_longer_waits_is_not_asked_for() -> None:
    network = Network()
    asked = Asked(network.send)
    waiting = asked.ask(request("BYE"), PHONE, 0)
    waiting.cancel()
    await asyncio.sleep(0)
    asked.due(T1_S)
    assert len(asked) == 0
    assert len(network.sent) == 1
