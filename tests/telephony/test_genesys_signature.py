"""Genesys' signature on the upgrade: its documentation's example, and everything that must not pass."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
from typing import Any

import pytest

from telephony.protocols.genesys_signature import (
    MOST_NONCES,
    OLDEST_S,
    SKEW_S,
    Credentials,
    Nonces,
    NotSigned,
    Upgrade,
    verify,
)

# The example of the page "AudioHook security"; Genesys' reference server has the same one among its tests.
KEY = "SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh"
CREDENTIALS = Credentials(KEY, base64.b64decode("TXlTdXBlclNlY3JldEtleVRlbGxOby0xITJAMyM0JDU="))
CREATED_S = 1641013200
COMPONENTS = (
    '("@request-target" "@authority" "audiohook-organization-id" "audiohook-session-id" "audiohook-correlation-id" '
    '"x-api-key")'
)
PARAMETERS = f';keyid="{KEY}";nonce="VGhpc0lzQVVuaXF1ZU5vbmNl";alg="hmac-sha256";created={CREATED_S};expires=3282026430'
EXAMPLE = Upgrade(
    "/api/v1/voicebiometrics/ws",
    "audiohook.example.com",
    {
        "audiohook-organization-id": "d7934305-0972-4844-938e-9060eef73d05",
        "audiohook-session-id": "30b0e395-84d3-4570-ac13-9a62d8f514c0",
        "audiohook-correlation-id": "e160e428-53e2-487c-977d-96989bf5c99d",
        "x-api-key": KEY,
        "signature": "sig1=:NZBwyBHRRyRoeLqy1IzOa9VYBuI8TgMFt2GRDkDuJh4=:",
        "signature-input": f"sig1={COMPONENTS}{PARAMETERS}",
    },
)


def with_headers(**headers: str) -> Upgrade:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return dataclasses.replace(EXAMPLE, headers={**EXAMPLE.headers, **named})


def signed(components: str = COMPONENTS, parameters: str = PARAMETERS, **headers: str) -> Upgrade:
    """Signed anew over what is given, with the right secret."""
    upgrade = with_headers(signature_input=f"sig1={components}{parameters}", **headers)
    values = {**upgrade.headers, "@request-target": upgrade.target, "@authority": upgrade.authority}
    names = components.strip("()").replace('"', "").split()
    lines = [f'"{name}": {values[name]}' for name in names] + [f'"@signature-params": {components}{parameters}']
    digest = hmac.digest(CREDENTIALS.secret, "\n".join(lines).encode(), hashlib.sha256)
    signature = f"sig1=:{base64.b64encode(digest).decode()}:"
    return dataclasses.replace(upgrade, headers={**upgrade.headers, "signature": signature})


def refused(upgrade: Upgrade, now_s: float = CREATED_S, credentials: Credentials = CREDENTIALS) -> str:
    with pytest.raises(NotSigned) as why:
        verify(upgrade, credentials, Nonces(), now_s)
    assert credentials.secret.decode("latin-1") not in str(why.value)
    return str(why.value)


@pytest.mark.parametrize("now_s", [CREATED_S, CREATED_S + OLDEST_S, CREATED_S - SKEW_S])
def test_the_published_example(now_s: int) -> None:
    verify(EXAMPLE, CREDENTIALS, Nonces(), now_s)


def test_an_authority_in_capitals_is_the_same() -> None:
    verify(dataclasses.replace(EXAMPLE, authority="AudioHook.Example.com"), CREDENTIALS, Nonces(), CREATED_S)


def test_what_is_covered_may_come_in_another_order_and_with_more() -> None:
    more = '("x-api-key" "host" "@authority" "@request-target" "audiohook-session-id" "audiohook-organization-id" "audiohook-correlation-id")'  # noqa: E501
    verify(signed(more, host="audiohook.example.com"), CREDENTIALS, Nonces(), CREATED_S)


@pytest.mark.parametrize("now_s", [CREATED_S + OLDEST_S + 1, CREATED_S - SKEW_S - 1])
def test_a_signature_of_another_time(now_s: int) -> None:
    assert "s old; are both clocks right?" in refused(EXAMPLE, now_s)


def test_a_signature_is_good_once() -> None:
    nonces = Nonces()
    verify(EXAMPLE, CREDENTIALS, nonces, CREATED_S)
    with pytest.raises(NotSigned, match="used before"):
        verify(EXAMPLE, CREDENTIALS, nonces, CREATED_S + 1)


def test_a_wrong_signature_uses_up_no_nonce() -> None:
    nonces = Nonces()
    with pytest.raises(NotSigned):
        verify(dataclasses.replace(EXAMPLE, target="/else"), CREDENTIALS, nonces, CREATED_S)
    verify(EXAMPLE, CREDENTIALS, nonces, CREATED_S)


def test_nonces_are_forgotten_when_they_cannot_matter_any_more_and_are_never_too_many() -> None:
    nonces = Nonces()
    assert all(nonces.use(f"nonce {n}", 100.0) for n in range(MOST_NONCES))
    assert not nonces.use("one more", 100.0)
    assert nonces.use("one more", 100.0 + OLDEST_S + SKEW_S + 1)


@pytest.mark.parametrize(
    "upgrade",
    [
        dataclasses.replace(EXAMPLE, target="/api/v1/voicebiometrics/ws?line=other"),
        dataclasses.replace(EXAMPLE, authority="evil.example.com"),
        with_headers(audiohook_session_id="40b0e395-84d3-4570-ac13-9a62d8f514c0"),
        with_headers(audiohook_organization_id="other"),
        with_headers(signature="sig1=:AAAAyBHRRyRoeLqy1IzOa9VYBuI8TgMFt2GRDkDuJh4=:"),
        signed(parameters=PARAMETERS.replace(KEY, "another key")),
    ],
)
def test_anything_covered_that_was_changed(upgrade: Upgrade) -> None:
    assert refused(upgrade).startswith("the API key or the signature is wrong")


def test_another_secret() -> None:
    assert refused(EXAMPLE, credentials=Credentials(KEY, b"another secret")).startswith("the API key or the signature")


NOT_AS_IT_SHOULD_BE: list[tuple[str, Upgrade, str]] = [
    ("no signature", with_headers(signature=""), "signature is missing"),
    ("no input", with_headers(signature_input=""), "signature-input is missing"),
    ("no structured field", with_headers(signature_input="=()"), "cannot be read"),
    ("without end", with_headers(signature="sig1=:" + "A" * 5000 + ":"), "over 2048 characters"),
    ("no list", with_headers(signature_input="sig1=7"), "not as it should be"),
    ("another label", with_headers(signature="sig2=:AAAA:"), "not as it should be"),
    ("no bytes", with_headers(signature='sig1="AAAA"'), "not a byte sequence"),
    ("a component twice", signed(COMPONENTS.replace('"x-api-key")', '"x-api-key" "x-api-key")')), "one twice"),
    ("a component with parameters", with_headers(signature_input='sig1=("x-api-key";bs)'), "not known here"),
    ("not all covered", signed('("@request-target" "@authority" "x-api-key")'), "does not cover audiohook-"),
    ("a header not there", with_headers(signature_input=f'sig1={COMPONENTS[:-1]} "date"){PARAMETERS}'), "'date'"),
    ("another algorithm", signed(parameters=PARAMETERS.replace("sha256", "sha512")), "not hmac-sha256"),
    ("no time", signed(parameters=PARAMETERS.replace(f";created={CREATED_S}", "")), "when it was made"),
    ("expired", signed(parameters=PARAMETERS.replace("3282026430", str(CREATED_S - 1))), "has expired"),
    ("no nonce", signed(parameters=PARAMETERS.replace(';nonce="VGhpc0lzQVVuaXF1ZU5vbmNl"', "")), "nonce"),
    ("a short nonce", signed(parameters=PARAMETERS.replace("VGhpc0lzQVVuaXF1ZU5vbmNl", "VGhpc0lz")), "nonce"),
    ("another key in the header", signed(x_api_key="other"), "X-API-KEY is not the key"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("upgrade", "why"), [case[1:] for case in NOT_AS_IT_SHOULD_BE], ids=[case[0] for case in NOT_AS_IT_SHOULD_BE]
)
def test_what_is_not_as_it_should_be(upgrade: Upgrade, why: str) -> None:
    assert why in refused(upgrade)


def test_a_request_without_any_of_it() -> None:
    nothing: dict[str, Any] = {}
    assert "missing" in refused(Upgrade("/", "a.example", nothing))
    without_key = {name: value for name, value in EXAMPLE.headers.items() if name != "x-api-key"}
    assert "not in the request" in refused(dataclasses.replace(EXAMPLE, headers=without_key))
