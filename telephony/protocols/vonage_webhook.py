"""How Vonage signs: a JWT in `Authorization`, of its webhooks and of the websocket's upgrade; the NCCO that answers.

The JWT is HS256 with the account's signature secret; `payload_hash` is the SHA-256 of a webhook's body, in hexadecimal
(Vonage's "Signed webhooks"). A GET has no body to be signed, so webhooks must be POSTs. On the upgrade there is the
same JWT when the NCCO asks for it with `authorization` of type `vonage`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import jwt

from telephony.remembered import CarrierStatus

OLDEST_S = 300
LEEWAY_S = 30
"""How far apart the clocks may be."""
FINAL = frozenset({"completed", "failed", "rejected", "busy", "cancelled", "timeout", "unanswered"})
OPTIONS: Any = {"require": ["iat"], "verify_aud": False}

Ncco = list[dict[str, Any]]


def claims_of(secret: str, authorization: str, now_s: float) -> Mapping[str, Any] | None:
    """What a request's `Authorization` says; None when Vonage did not sign it, or not lately."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        claims = jwt.decode(token, secret, algorithms=["HS256"], leeway=LEEWAY_S, options=OPTIONS)
    except (jwt.PyJWTError, RecursionError):  # the header of a JWT is read before its signature
        return None
    return claims if abs(now_s - int(claims["iat"])) <= OLDEST_S else None


def signed_by_vonage(secret: str, authorization: str, body: bytes, now_s: float) -> bool:
    """Whether Vonage signed this body."""
    claims = claims_of(secret, authorization, now_s)
    given = claims.get("payload_hash") if claims else None
    if not isinstance(given, str):
        return False
    return hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), given.lower().encode("utf-8", "replace"))


def connect(media_url: str, event_url: str, token: str, call: str) -> Ncco:
    """Connects a call to the media server; where the websocket cannot be opened or is closed, Vonage asks `event_url`
    what comes next. call: Vonage's id of the conversation."""
    endpoint = {
        "type": "websocket",
        "uri": media_url,
        "content-type": "audio/l16;rate=16000",
        "headers": {"token": token, "call": call},
        "authorization": {"type": "vonage"},
    }
    return [{"action": "connect", "eventType": "synchronous", "eventUrl": [event_url], "endpoint": [endpoint]}]


def stream_only(media_url: str, token: str, call: str) -> Ncco:
    """For a call of ours: its sound; when that is over, so is the call."""
    connecting = connect(media_url, "", token, call)[0]
    return [{name: value for name, value in connecting.items() if name not in ("eventType", "eventUrl")}]


def refuse(fallback_number: str, sorry: str, language: str) -> Ncco:
    """For a call that this server cannot take or go on with: the human number, or an apology. Then the call ends."""
    if fallback_number:
        return [{"action": "connect", "endpoint": [{"type": "phone", "number": fallback_number.removeprefix("+")}]}]
    return [{"action": "talk", "text": sorry, "language": language}]


def is_stream(event: Mapping[str, Any]) -> bool:
    """Whether an event speaks of the websocket, which is a leg of the call like a phone."""
    return str(event.get("to", "")).startswith(("ws://", "wss://"))


def status(event: Mapping[str, Any]) -> CarrierStatus:
    """What an event says."""
    said, why = str(event.get("status", "")), event.get("reason") or event.get("detail") or ""
    if is_stream(event):
        return CarrierStatus("stream", said, str(why))
    return CarrierStatus("call", said, str(why), over=said in FINAL)
