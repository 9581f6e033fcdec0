"""What jambonz asks before and after the sound: its signature, and the verbs that answer it.

`Jambonz-Signature: t=<seconds>,v1=<hex>`: HMAC-SHA256 under the account's webhook secret of the time, a dot, and the
body as it was sent (jambonz-feature-server, `base-requestor.js`).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any

OLDEST_S = 300
"""How far a signature's time may lie from ours, both ways."""

Verb = dict[str, Any]


def signature(secret: str, at_s: int, body: bytes) -> str:
    """What jambonz puts into `Jambonz-Signature`."""
    signed = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={signed}"


def signed_by_jambonz(secret: str, body: bytes, given: str, now_s: float) -> bool:
    """Whether `given` is the signature of this body, made lately; compared in constant time."""
    parts = [part.strip().partition("=") for part in given[:1024].split(",")]
    times = [value for name, _, value in parts if name == "t"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdecimal()) or len(times[0]) > 12:
        return False
    at_s = int(times[0])
    if abs(now_s - at_s) > OLDEST_S:
        return False
    wanted = signature(secret, at_s, body).partition("v1=")[2]
    matches = [
        hmac.compare_digest(wanted.encode(), value.encode("utf-8", "replace"))
        for name, _, value in parts
        if name == "v1"
    ]
    return any(matches)


@dataclass(frozen=True)
class Stream:
    """Where a call's sound goes. url: of the websocket; username, password: for its Basic authentication."""

    url: str
    username: str
    password: str = field(repr=False)
    token: str = field(repr=False)
    rate_hz: int = 16000


def connect(stream: Stream, after_url: str, otherwise: list[Verb]) -> list[Verb]:
    """The verbs that connect a call to the media server.

    When the sound is over, whoever ended it, jambonz asks `after_url` what comes next; where it gets no answer (this
    server is dead), it goes on with `otherwise`.
    """
    listen: Verb = {
        "verb": "listen",
        "url": stream.url,
        "wsAuth": {"username": stream.username, "password": stream.password},
        "mixType": "mono",
        "sampleRate": stream.rate_hz,
        "passDtmf": True,
        "bidirectionalAudio": {"enabled": True, "streaming": True, "sampleRate": stream.rate_hz},
        "metadata": {"token": stream.token},
    }
    if after_url:
        listen["actionHook"] = after_url
    return [listen, *otherwise]


def human(number: str, sorry: str) -> list[Verb]:
    """The verbs for a call that this server cannot take or go on with: the human number, else an apology."""
    if number:
        target = {"type": "phone", "number": number}
        return [{"verb": "dial", "answerOnBridge": True, "target": [target]}, *hang_up()]
    return [{"verb": "say", "text": sorry}, *hang_up()]


def hang_up() -> list[Verb]:
    return [{"verb": "hangup"}]


def reject() -> list[Verb]:
    """The verbs for a number that is no line of ours."""
    return [{"verb": "sip:decline", "status": 404, "reason": "Not Found"}]
