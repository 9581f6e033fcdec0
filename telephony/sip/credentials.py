"""A name and a password of ours, for a PBX or a trunk that asks (digest, RFC 8760: MD5 or SHA-256)."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiosipua import SipDigestAuth, SipRequest, SipResponse, build_credentials, parse_auth, stringify_auth

ANSWERS = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


@dataclass(frozen=True)
class Credentials:
    user: str
    password: str = field(repr=False)


def met(request: SipRequest, challenge: SipResponse, credentials: Credentials) -> bool:
    """Sign a request as its challenge wants it; False when we cannot (another scheme or algorithm)."""
    asks, answers = ANSWERS[challenge.status_code]
    for value in challenge.headers.get(asks):
        signed = build_credentials(
            SipDigestAuth(credentials.user, credentials.password), parse_auth(value), request.method, request.uri
        )
        if signed:
            request.headers.set_single(answers, stringify_auth(signed))
            return True
    return False
