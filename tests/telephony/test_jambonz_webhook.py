"""What jambonz signs, and the verbs that answer it."""

from __future__ import annotations

import pytest

from telephony.protocols import jambonz_webhook as verbs
from telephony.protocols.jambonz_webhook import OLDEST_S, signature, signed_by_jambonz

SECRET = "wh_secret_3YBdtPGSnNxcnTGwWpqXnC"
BODY = '{"call_sid":"3ac6cc2d","caller_name":"Però","sip":{"headers":{}}}'.encode()
AT_S = 1_700_000_000
# printf '%s' "1700000000.$BODY" | openssl dgst -sha256 -hmac "$SECRET"
HEX = "809fe7658f7b249ff9a06a4cf6345ada7cdaf60afc82b89ce9ca8fec535478ac"


def test_the_signature_is_that_of_openssl() -> None:
    assert signature(SECRET, AT_S, BODY) == f"t={AT_S},v1={HEX}"


def test_a_signature_of_the_body_as_it_was_sent() -> None:
    given = signature(SECRET, AT_S, BODY)
    assert signed_by_jambonz(SECRET, BODY, given, AT_S + 2)
    assert signed_by_jambonz(SECRET, BODY, f"t={AT_S}, v0=old, v1={HEX}", AT_S)
    assert not signed_by_jambonz(SECRET, BODY + b" ", given, AT_S)
    assert not signed_by_jambonz("another", BODY, given, AT_S)


@pytest.mark.parametrize("later_s", [OLDEST_S + 1, -OLDEST_S - 1])
def test_a_signature_of_another_time(later_s: int) -> None:
    assert not signed_by_jambonz(SECRET, BODY, signature(SECRET, AT_S, BODY), AT_S + later_s)


@pytest.mark.parametrize(
    "given",
    ["", "nonsense", f"v1={HEX}", f"t={AT_S}", f"t=,v1={HEX}", f"t={AT_S},t={AT_S},v1={HEX}", f"t=²,v1={HEX}",
     f"t={'9' * 5000},v1={HEX}", f"t=-{AT_S},v1={HEX}", f"t={AT_S},v1=più"],
)  # fmt: skip
def test_headers_that_are_no_signature(given: str) -> None:
    assert not signed_by_jambonz(SECRET, BODY, given, AT_S)


def test_the_verbs_that_connect_a_call() -> None:
    stream = verbs.Stream("wss://a.example/jambonz/media", "centralino", "pass", "t0k", 16000)
    assert verbs.connect(stream, "https://a.example/jambonz/after", verbs.human("+39051", "Spiacenti.")) == [
        {
            "verb": "listen",
            "url": "wss://a.example/jambonz/media",
            "wsAuth": {"username": "centralino", "password": "pass"},
            "mixType": "mono",
            "sampleRate": 16000,
            "passDtmf": True,
            "bidirectionalAudio": {"enabled": True, "streaming": True, "sampleRate": 16000},
            "metadata": {"token": "t0k"},
            "actionHook": "https://a.example/jambonz/after",
        },
        {"verb": "dial", "answerOnBridge": True, "target": [{"type": "phone", "number": "+39051"}]},
        {"verb": "hangup"},
    ]
    assert verbs.human("", "Spiacenti.") == [{"verb": "say", "text": "Spiacenti."}, {"verb": "hangup"}]
    assert verbs.reject() == [{"verb": "sip:decline", "status": 404, "reason": "Not Found"}]


def test_a_stream_keeps_its_secrets_to_itself() -> None:
    assert "pass" not in repr(verbs.Stream("wss://a", "centralino", "pass", "t0k"))
    assert "t0k" not in repr(verbs.Stream("wss://a", "centralino", "pass", "t0k"))
