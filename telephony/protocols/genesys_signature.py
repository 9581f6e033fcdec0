"""How Genesys signs the upgrade of an AudioHook websocket: HTTP Message Signatures with HMAC-SHA256.

The draft that became RFC 9421, in the profile of Genesys' "AudioHook security" page: `Signature-Input` names the
covered components, the key (also in `X-API-KEY`), a nonce and the time; what it is signed with is the client secret.
Pure: the time and the nonces that were seen come in.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import http_sf

COVERED = (
    "@request-target",
    "@authority",
    "audiohook-organization-id",
    "audiohook-session-id",
    "audiohook-correlation-id",
    "x-api-key",
)
OLDEST_S = 10
SKEW_S = 3
"""How far ahead of ours Genesys' clock may be."""
SHORTEST_NONCE = 22
LONGEST_HEADER = 2048
MOST_NONCES = 10_000


class NotSigned(ValueError):
    """Why a request is not believed: for our log, never for the far end."""


@dataclass(frozen=True)
class Credentials:
    """An integration's API key and its client secret, decoded."""

    api_key: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class Upgrade:
    """A request as the far end made it. target: path and query; authority: host, and port unless it is the default.

    headers: by lower-case names.
    """

    target: str
    authority: str
    headers: Mapping[str, str]


def upgrade_of(url: str, headers: Mapping[str, str]) -> Upgrade:
    """A request for this public address; headers: by lower-case names."""
    parts = urlsplit(url)
    default = {"https": ":443", "http": ":80"}.get(parts.scheme, "")
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return Upgrade(target, parts.netloc.removesuffix(default) if default else parts.netloc, headers)


class Nonces:
    """Nonces of the signatures that were believed, until those are too old anyway."""

    def __init__(self) -> None:
        self._until_s: OrderedDict[str, float] = OrderedDict()

    def use(self, nonce: str, now_s: float) -> bool:
        """False when it was used before, or when so many were that none can be remembered any more."""
        while self._until_s and next(iter(self._until_s.values())) < now_s:
            self._until_s.popitem(last=False)
        if nonce in self._until_s or len(self._until_s) >= MOST_NONCES:
            return False
        self._until_s[nonce] = now_s + OLDEST_S + SKEW_S
        return True


def verify(upgrade: Upgrade, credentials: Credentials, nonces: Nonces, now_s: float) -> None:
    """Raises NotSigned unless this request was signed with these credentials, lately, and is seen the first time."""
    covered, parameters, given = _signature(upgrade.headers)
    missing = set(COVERED) - set(covered)
    if missing:
        raise NotSigned(f"the signature does not cover {', '.join(sorted(missing))}")
    if parameters.get("alg", "hmac-sha256") != "hmac-sha256":
        raise NotSigned("the signature's algorithm is not hmac-sha256")
    wanted = hmac.digest(credentials.secret, signed_text(upgrade, covered, parameters).encode(), hashlib.sha256)
    key, nonce = parameters.get("keyid"), parameters.get("nonce")
    known = isinstance(key, str) and hmac.compare_digest(key.encode(), credentials.api_key.encode())
    if not hmac.compare_digest(wanted, given) or not known:
        raise NotSigned("the API key or the signature is wrong: compare api_key, client_secret and public_url")
    if upgrade.headers["x-api-key"] != key:
        raise NotSigned("X-API-KEY is not the key of the signature")
    _check_time(parameters, now_s)
    if not isinstance(nonce, str) or len(nonce) < SHORTEST_NONCE:
        raise NotSigned("the nonce is missing or too short")
    if not nonces.use(nonce, now_s):
        raise NotSigned("this signature was used before")


def signed_text(upgrade: Upgrade, covered: list[str], parameters: Mapping[str, Any]) -> str:
    """What is signed. Raises NotSigned for a component that is not there."""
    values = {**upgrade.headers, "@request-target": upgrade.target, "@authority": upgrade.authority.lower()}
    lines = []
    for name in covered:
        if name not in values:
            raise NotSigned(f"the signature covers {name[:64]!r}, which is not in the request")
        lines.append(f"{http_sf.ser(name)}: {values[name].strip()}")
    named: Any = [([(name, {}) for name in covered], dict(parameters))]
    return "\n".join([*lines, f'"@signature-params": {http_sf.ser(named)}'])


def _signature(headers: Mapping[str, str]) -> tuple[list[str], dict[str, Any], bytes]:
    """The covered components, the parameters and the signature of the first label."""
    inputs, signatures = _dictionary(headers, "signature-input"), _dictionary(headers, "signature")
    label = next(iter(inputs), "")
    described, signature = inputs.get(label), signatures.get(label)
    if not isinstance(described, tuple) or not isinstance(described[0], list) or not isinstance(signature, tuple):
        raise NotSigned("Signature-Input or Signature is missing or not as it should be")
    items, parameters = described
    covered = [item[0] for item in items if isinstance(item[0], str) and not item[1]]
    if len(covered) < len(items) or len(set(covered)) < len(covered):
        raise NotSigned("Signature-Input names components in a way that is not known here, or one twice")
    if not isinstance(signature[0], bytes):
        raise NotSigned("Signature is not a byte sequence")
    return covered, parameters, signature[0]


def _dictionary(headers: Mapping[str, str], name: str) -> dict[str, Any]:
    value = headers.get(name, "")
    if not value or len(value) > LONGEST_HEADER:
        raise NotSigned(f"{name} is missing or over {LONGEST_HEADER} characters")
    try:
        parsed: Any = http_sf.parse(value.encode(), tltype="dictionary")
    except ValueError as error:
        raise NotSigned(f"{name} cannot be read: {str(error)[:80]}") from None
    return dict(parsed)


def _check_time(parameters: Mapping[str, Any], now_s: float) -> None:
    created, expires = parameters.get("created"), parameters.get("expires")
    if not isinstance(created, int):
        raise NotSigned("the signature does not say when it was made")
    if not -SKEW_S <= now_s - created <= OLDEST_S:
        raise NotSigned(f"the signature is {now_s - created:.0f} s old; are both clocks right?")
    if isinstance(expires, int) and expires < now_s:
        raise NotSigned("the signature has expired")
