"""How Plivo signs its webhooks (version 3), and what they say of calls and streams.

base64(HMAC-SHA256(auth token, address + "." + nonce)), headers `X-Plivo-Signature-V3` and `-Nonce`; the address is
`scheme://host/path?query` with the query in order of its names, then "." if there was a query, then each form field's
name and value in order of the names (Plivo's "Validating signatures" and its libraries). A number of a subaccount is
signed with the main account's token too, in `X-Plivo-Signature-MA-V3`; either header may hold several, with commas.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from telephony.remembered import CarrierStatus

Pairs = Sequence[tuple[str, str]]


def signature(auth_token: str, url: str, fields: Pairs, nonce: str) -> str:
    """What Plivo puts into `X-Plivo-Signature-V3` of a POST."""
    parts = urlsplit(url)
    query = "&".join(f"{name}={value}" for name, value in sorted(parse_qsl(parts.query, keep_blank_values=True)))
    signed = urlunsplit(parts._replace(query="", fragment=""))
    if query or fields:
        signed += f"?{query}"
    if query and fields:
        signed += "."
    signed += "".join(name + value for name, value in sorted(fields)) + f".{nonce}"
    return base64.b64encode(hmac.digest(auth_token.encode(), signed.encode(), hashlib.sha256)).decode()


def signed_by_plivo(auth_token: str, url: str, fields: Pairs, nonce: str, given: Iterable[str]) -> bool:
    """Whether one of the headers `given` holds the signature of this request; compared in constant time."""
    right = signature(auth_token, url, fields, nonce).encode()
    candidates = [one.strip().encode("utf-8", "replace") for header in given for one in header.split(",")]
    matches = [hmac.compare_digest(right, one) for one in candidates]
    return bool(nonce) and any(matches)


def status(fields: Mapping[str, str]) -> CarrierStatus:
    """What a status callback says: of a stream when it names one, else of the call (its hang-up among others)."""
    if fields.get("StreamID"):
        return CarrierStatus("stream", fields.get("Event", ""))
    event, said = fields.get("Event", ""), fields.get("CallStatus", "")
    over = event == "Hangup"
    return CarrierStatus("call", said or event, fields.get("HangupCause", "") if over else "", over)
