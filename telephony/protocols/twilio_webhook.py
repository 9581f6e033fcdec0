"""How Twilio signs what it asks (SignalWire signs the same way), and what it says of calls and streams.

The signature is base64(HMAC-SHA1(auth token, url + every form field's name and value in order of the names)), header
`X-Twilio-Signature`; the websocket upgrade is signed the same way without fields, over its ws(s):// address
(Twilio's "Validating requests" page). Behind a proxy the url seen here is not the one Twilio used, so the
configured public address is what counts. Twilio sometimes signs with the port and sometimes without: both are tried.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from telephony.remembered import CarrierStatus

FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
"""`CallStatus` of a call that is over."""
DEFAULT_PORTS = {"https": 443, "wss": 443, "http": 80, "ws": 80}


def signature(auth_token: str, url: str, fields: Mapping[str, str]) -> str:
    """What Twilio puts into `X-Twilio-Signature`."""
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def _with_and_without_port(url: str) -> Iterator[str]:
    yield url
    parts = urlsplit(url)
    if parts.port is None:
        yield urlunsplit(parts._replace(netloc=f"{parts.netloc}:{DEFAULT_PORTS.get(parts.scheme, 443)}"))
    else:
        yield urlunsplit(parts._replace(netloc=parts.netloc.rpartition(":")[0]))


def signed_by_twilio(auth_token: str, url: str, fields: Mapping[str, str], given: str) -> bool:
    """Whether `given` is the signature of this request; compared in constant time."""
    matches = [
        hmac.compare_digest(signature(auth_token, candidate, fields).encode(), given.encode("utf-8", "replace"))
        for candidate in _with_and_without_port(url)
    ]
    return any(matches)


def status(fields: Mapping[str, str]) -> CarrierStatus:
    """What a status callback says: of a stream when it names a `StreamEvent`, else of the call."""
    event = fields.get("StreamEvent")
    if event is not None:
        return CarrierStatus("stream", event, fields.get("StreamError", ""))
    if found := fields.get("AnsweredBy", ""):
        return CarrierStatus("call", f"answered by {found}", answered_by=_answered_by(found))
    said = fields.get("CallStatus", "")
    why = fields.get("SipResponseCode", "")
    return CarrierStatus("call", said, f"SIP {why}" if why else "", over=said in FINAL)


def _answered_by(found: str) -> Literal["", "person", "machine", "fax"]:
    """Of `AnsweredBy`: human, machine_start, machine_end_beep, …, fax, unknown ("Answering Machine Detection")."""
    if found.startswith("machine"):
        return "machine"
    return "person" if found == "human" else "fax" if found == "fax" else ""
