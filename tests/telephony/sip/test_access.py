"""Who may call: addresses, passwords, and what a stranger gets."""

from __future__ import annotations

import ipaddress
import re

import pytest
from aiosipua import AuthChallenge, SipDigestAuth, SipRequest, build_credentials, stringify_auth

from telephony.sip.access import MOST_TRIES, NONCE_S, Access, Admitted, Challenged, Refused
from telephony.sip.messages import read

STRANGER = ("198.51.100.7", 5060)
URI = "sip:it@127.0.0.1"


def invite(authorization: str = "", uri: str = URI) -> SipRequest:
    signed = f"Authorization: {authorization}\r\n" if authorization else ""
    text = (
        f"INVITE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bKa\r\nFrom: <sip:anna@x>;tag=t\r\n"
        f"To: <{URI}>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n{signed}\r\n"
    )
    message = read(text.encode())
    assert isinstance(message, SipRequest)
    return message


def access(**users: str) -> Access:
    return Access([ipaddress.ip_network("192.0.2.0/24")], users, "centralino")


def signed(
    challenge: Challenged | Admitted | Refused, name: str = "anna", password: str = "s3cret", count: int = 1
) -> str:
    assert isinstance(challenge, Challenged)
    params = dict(re.findall(r'(\w+)="?([^",]*)"?', challenge.header.partition(" ")[2]))
    given = build_credentials(SipDigestAuth(name, password), AuthChallenge("Digest", params), "INVITE", URI)
    assert given
    return stringify_auth(given)


def test_a_trusted_address_needs_no_password_and_others_are_refused() -> None:
    door = access()
    assert door.check(invite(), ("192.0.2.9", 1), 0) == Admitted("192.0.2.9", trusted_address=True)
    assert door.check(invite(), STRANGER, 0) == Refused("an unknown address")
    door.trust_registrars(["198.51.100.7"])
    assert door.check(invite(), STRANGER, 0) == Admitted("198.51.100.7", trusted_address=True)


def test_who_knows_the_password_may_call() -> None:
    door = access(anna="s3cret")
    challenge = door.check(invite(), STRANGER, 1000)
    assert door.check(invite(signed(challenge)), STRANGER, 1001) == Admitted("anna", trusted_address=False)


@pytest.mark.parametrize(("name", "password"), [("anna", "wrong"), ("nobody", "s3cret"), ("", "")])
def test_who_does_not_is_refused(name: str, password: str) -> None:
    door = access(anna="s3cret")
    given = signed(door.check(invite(), STRANGER, 1000), name, password)
    assert door.check(invite(given), STRANGER, 1001) == Refused("a wrong name or password")


def test_an_answer_works_once_for_one_address_for_one_request_and_for_a_minute() -> None:
    door = access(anna="s3cret")
    given = signed(door.check(invite(), STRANGER, 1000))
    assert door.check(invite(given), ("198.51.100.8", 5060), 1001) == Refused("a nonce that is not ours")
    assert door.check(invite(given, "sip:other@127.0.0.1"), STRANGER, 1001) == Refused("a wrong name or password")
    assert isinstance(door.check(invite(given), STRANGER, 1001), Admitted)
    assert door.check(invite(given), STRANGER, 1002) == Refused("an answer that was used before")
    late = door.check(invite(given), STRANGER, 1001 + NONCE_S)
    assert isinstance(late, Challenged)
    assert "stale=true" in late.header


@pytest.mark.parametrize(
    "given", ["", "Digest", "Basic YTpi", 'Digest nonce="ffff-0", nc=zz', "Digest " + "a=b," * 500, 'Digest nonce="-"']
)
def test_nonsense_is_refused(given: str) -> None:
    door = access(anna="s3cret")
    assert isinstance(door.check(invite(given), STRANGER, 1000), Challenged if not given else Refused)


def test_who_tries_too_often_is_not_answered_for_a_while() -> None:
    door = access(anna="s3cret")
    for second in range(MOST_TRIES):
        wrong = signed(door.check(invite(), STRANGER, second), password="wrong")
        assert door.check(invite(wrong), STRANGER, second) == Refused("a wrong name or password")
    assert door.check(invite(), STRANGER, 20) == Refused("too many tries", silent=True)
    assert isinstance(door.check(invite(), ("198.51.100.8", 1), 20), Challenged)
    assert isinstance(door.check(invite(), STRANGER, 61), Challenged)
