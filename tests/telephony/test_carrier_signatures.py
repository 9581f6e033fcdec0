"""Who signs what: the carriers' own examples, and what is refused."""

import base64
import hashlib
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import ValidationError

from telephony.doors.numbers import e164
from telephony.doors.telnyx import TelnyxSettings
from telephony.protocols import plivo_webhook, telnyx_webhook, vonage_webhook
from telephony.remembered import CarrierStatus

# ------------------------------------------------------------------------------------------------------------- Telnyx

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = base64.b64encode(PRIVATE.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
BODY = b"CallSid=v3%3Aabc&From=%2B39021234"
NOW_S = 1_700_000_000


def telnyx(body: bytes = BODY, at: str = str(NOW_S), given: str | None = None) -> bool:
    signed = base64.b64encode(PRIVATE.sign(f"{NOW_S}|".encode() + BODY)).decode()
    key = telnyx_webhook.public_key(PUBLIC)
    return telnyx_webhook.signed_by_telnyx(key, body, at, signed if given is None else given, NOW_S + 10)


def test_telnyx_signs_the_time_and_the_body() -> None:
    assert telnyx()


@pytest.mark.parametrize("at", ["", "x", str(NOW_S - 1), str(NOW_S - 400), str(NOW_S + 400), "9" * 5000, "١٧٠٠٠٠٠٠٠٠"])
def test_another_time_is_refused(at: str) -> None:
    assert not telnyx(at=at)


@pytest.mark.parametrize(
    "given", ["", "####", base64.b64encode(bytes(64)).decode(), base64.b64encode(b"short").decode()]
)
def test_another_signature_is_refused(given: str) -> None:
    assert not telnyx(given=given)


def test_another_body_is_refused() -> None:
    assert not telnyx(body=BODY + b"&To=1")


@pytest.mark.parametrize("key", ["", "x", base64.b64encode(bytes(31)).decode()])
def test_a_public_key_that_is_none_is_told_of_at_the_start(key: str) -> None:
    with pytest.raises(ValidationError, match="32 bytes in base64"):
        TelnyxSettings(public_key=key)


# -------------------------------------------------------------------------------------------------------------- Plivo

FORM = (
    ("CallUUID", "12345678-1234-1234-1234-123456789abc"), ("From", "39021234"), ("To", "390510000001"),
    ("Direction", "inbound"), ("CallStatus", "ringing"), ("Event", "StartApp"), ("Name", "a & b"),
)  # fmt: skip
URL = "https://phone.example.org/plivo/voice"
# Made with Plivo's own library (plivo-python, utils/signature_v3.py).
MADE_BY_PLIVO = [
    (URL, FORM, "saL1q506jNq9aD0DdkJncwEqa6VvL7saNUOojBceYf0="),
    (f"{URL}?line=it&a=2", FORM, "T4g+jehqHmu+WZqxCVK7WGP744qvhLRRrIq5WAB0Mdk="),
    (f"{URL}?line=it", (), "PZWCLpeMTLja0+r/b+E/EMLlhNSq0GfhKbiZsRCUQ6w="),
    (URL, (), "tGAY+ah5owTunQGGUP0u5hUmeYfm11WMFEvmMYoh6/I="),
    (
        "https://phone.example.org:8443/plivo/voice",
        (("b", "2"), ("b", "1"), ("a", "")),
        "CzsvJklLwGjC1HoDDzmncz2WO65joU1xTt9416ft5hg=",
    ),
]


@pytest.mark.parametrize(("url", "form", "signed"), MADE_BY_PLIVO)
def test_plivo_signs_the_address_the_form_and_a_nonce(url: str, form: plivo_webhook.Pairs, signed: str) -> None:
    assert plivo_webhook.signature("my_auth_token", url, form, "12345") == signed
    assert plivo_webhook.signed_by_plivo("my_auth_token", url, form, "12345", ["", f"other,{signed}"])


@pytest.mark.parametrize(
    ("token", "url", "form", "nonce", "given"),
    [
        ("other", URL, FORM, "12345", [MADE_BY_PLIVO[0][2]]),
        ("my_auth_token", URL + "s", FORM, "12345", [MADE_BY_PLIVO[0][2]]),
        ("my_auth_token", URL, FORM[:-1], "12345", [MADE_BY_PLIVO[0][2]]),
        ("my_auth_token", URL, FORM, "12346", [MADE_BY_PLIVO[0][2]]),
        ("my_auth_token", URL, FORM, "12345", []),
        ("my_auth_token", URL, FORM, "12345", ["", "è\ud800"]),
    ],
)
def test_what_plivo_did_not_sign(token: str, url: str, form: plivo_webhook.Pairs, nonce: str, given: list[str]) -> None:
    assert not plivo_webhook.signed_by_plivo(token, url, form, nonce, given)


def test_without_a_nonce_nothing_is_signed() -> None:
    signed = plivo_webhook.signature("my_auth_token", URL, FORM, "")
    assert not plivo_webhook.signed_by_plivo("my_auth_token", URL, FORM, "", [signed])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"Event": "StartStream", "StreamID": "s"}, CarrierStatus("stream", "StartStream")),
        ({"Event": "DroppedStream", "StreamID": "s"}, CarrierStatus("stream", "DroppedStream")),
        (
            {"Event": "Hangup", "CallStatus": "completed", "HangupCause": "NORMAL_CLEARING"},
            CarrierStatus("call", "completed", "NORMAL_CLEARING", over=True),
        ),
        ({"Event": "StartApp", "CallStatus": "in-progress"}, CarrierStatus("call", "in-progress")),
    ],
)
def test_what_plivo_says_of_a_call(fields: dict[str, str], said: CarrierStatus) -> None:
    assert plivo_webhook.status(fields) == said


# ------------------------------------------------------------------------------------------------------------- Vonage

SECRET = "0123456789abcdef0123456789abcdef"


def vonage(
    at_s: float = NOW_S, secret: str = SECRET, body: bytes = BODY, algorithm: str = "HS256", **claims: object
) -> str:
    said = {"iat": at_s, "iss": "Vonage", "jti": "1", "payload_hash": hashlib.sha256(body).hexdigest(), **claims}
    kept = {name: value for name, value in said.items() if value is not None}
    return "Bearer " + jwt.encode(kept, secret if algorithm != "none" else None, algorithm)


def test_vonage_signs_a_hash_of_the_body() -> None:
    assert vonage_webhook.signed_by_vonage(SECRET, vonage(), BODY, NOW_S + 10)
    assert vonage_webhook.claims_of(SECRET, vonage(payload_hash=None), NOW_S + 10)


def test_the_published_example_of_a_token() -> None:
    """Of Vonage's own library (vonage-python-sdk, jwt/tests)."""
    token = (
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJPbmxpbmUgSldUIEJ1aWxkZXIiLCJpYXQiOjE2OTc2MzQ2ODAsImV4cCI6MzMyNTQ1"
        "NDA4MjgsImF1ZCI6IiIsInN1YiI6IiJ9.88vJc3I2HhuqEDixHXVhc9R30tA6U_HQHZTC29y6CGM"
    )
    secret = "qwertyuiopasdfghjklzxcvbnm123456"
    assert vonage_webhook.claims_of(secret, f"Bearer {token}", 1697634680)
    assert not vonage_webhook.claims_of("asdf", f"Bearer {token}", 1697634680)


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer x.y.z",
        vonage().replace("Bearer", "Basic"),
        vonage(secret="another secret that is long enough"),
        vonage(algorithm="none"),
        vonage(algorithm="HS512"),
        vonage(body=BODY + b"!"),
        vonage(payload_hash=None),
        vonage(payload_hash=7),
        vonage(payload_hash="è"),
        vonage(iat=None),
        vonage(iat="soon"),
        vonage(iat=NOW_S - 400),
        vonage(exp=NOW_S),
        "Bearer " + base64.urlsafe_b64encode(b"[" * 40_000).decode() + ".e30.AAAA",
    ],
)
def test_what_vonage_did_not_sign(authorization: str) -> None:
    assert not vonage_webhook.signed_by_vonage(SECRET, authorization, BODY, NOW_S + 10)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"status": "answered", "to": "390510000001"}, CarrierStatus("call", "answered")),
        ({"status": "completed", "to": "390510000001"}, CarrierStatus("call", "completed", over=True)),
        ({"status": "completed", "to": "wss://b.example/m"}, CarrierStatus("stream", "completed")),
        (
            {"status": "failed", "to": "wss://b.example/m", "reason": "HTTP 403"},
            CarrierStatus("stream", "failed", "HTTP 403"),
        ),
        ({}, CarrierStatus("call", "")),
    ],
)
def test_what_vonage_says_of_a_call(event: dict[str, str], said: CarrierStatus) -> None:
    assert vonage_webhook.status(event) == said


def test_an_ncco_within_what_vonage_takes() -> None:
    (action,) = vonage_webhook.connect("wss://b.example/m", "https://b.example/e", "t" * 48, "CON-1")
    assert len(json.dumps(action["endpoint"][0]["headers"])) < 512
    assert action["endpoint"][0]["content-type"] == "audio/l16;rate=16000"
    assert vonage_webhook.refuse("+3902", "Scusi.", "it-IT") == [
        {"action": "connect", "endpoint": [{"type": "phone", "number": "3902"}]}
    ]
    assert vonage_webhook.refuse("", "Scusi.", "it-IT") == [{"action": "talk", "text": "Scusi.", "language": "it-IT"}]


# ------------------------------------------------------------------------------------------------------------ numbers


@pytest.mark.parametrize(
    ("number", "line"),
    [
        ("390510000001", "+390510000001"),
        ("+390510000001", "+390510000001"),
        ("it", "it"),
        ("sip:a@b", "sip:a@b"),
        ("", ""),
    ],
)
def test_numbers_are_compared_as_lines_have_them(number: str, line: str) -> None:
    assert e164(number) == line
