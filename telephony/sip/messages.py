"""SIP messages from the network: read with bounds, answered, and what a dialog needs of them. Pure."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from aiosipua import SipMessage, SipRequest, SipResponse
from aiosipua.message import missing_required_headers

Address = tuple[str, int]

# aiosipua warns of every odd message: a stranger could fill the log with that. The port counts them instead.
logging.getLogger("aiosipua").setLevel(logging.ERROR)

LARGEST_BYTES = 16_384
LONGEST_ID = 256
"""Of a Call-ID, a tag or a branch."""
LONGEST_HEADER = 256
MOST_PARAMETERS = 32
LONGEST_RETRY_S = 3600
USER_AGENT = "Centralino"
CALL_HEADER = "X-Call-Id"
"""Of our answers, calls and transfers: where the far end, or the operator's phone, finds the call in the history."""
ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO, NOTIFY"
EXTENSIONS = frozenset({"timer"})
"""Options that a far end may require of us."""

REASONS: Mapping[int, str] = {
    100: "Trying", 200: "OK", 302: "Moved Temporarily", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 408: "Request Timeout", 415: "Unsupported Media Type", 420: "Bad Extension",
    422: "Session Interval Too Small", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
    482: "Loop Detected", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 489: "Bad Event",
    491: "Request Pending", 500: "Server Internal Error", 503: "Service Unavailable",
}  # fmt: skip

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_USER = re.compile(r"sips?:([^@<>]*)@", re.IGNORECASE)
_TAG = re.compile(r";\s*tag\s*=\s*([^;,\s>]+)", re.IGNORECASE)


class Malformed(ValueError):
    """A message that nobody can make sense of. request: what can be answered with 400, None when nothing can."""

    def __init__(self, why: str, request: SipRequest | None = None) -> None:
        super().__init__(why)
        self.request = request


class TransactionKey(NamedTuple):
    """What tells a repeated request from a new one (RFC 3261, section 17.2.3). An ACK has its INVITE's."""

    branch: str
    sent_by: str
    method: str


def read(datagram: bytes) -> SipRequest | SipResponse:
    """Raises Malformed; never anything else, whatever the bytes."""
    if len(datagram) > LARGEST_BYTES:
        raise Malformed(f"{len(datagram)} bytes, over {LARGEST_BYTES}")
    try:
        message = SipMessage.parse(datagram)
    except (ValueError, IndexError) as error:
        raise Malformed(f"not SIP: {str(error)[:80]}") from None
    _check(message)
    return message


def _check(message: SipRequest | SipResponse) -> None:
    if not message.headers.get("via"):
        raise Malformed("no Via")
    answerable = message if isinstance(message, SipRequest) else None
    if answerable and (missing := missing_required_headers(answerable)):
        raise Malformed(f"{', '.join(missing)} missing", answerable)
    try:
        top, sequence = message.via[0], message.cseq
        _ = message.contact, message.from_addr, message.to_addr
    except (ValueError, IndexError, AttributeError) as error:
        raise Malformed(f"unreadable header: {str(error)[:80]}", answerable) from None
    names = (message.call_id or "", top.branch or "", tag_of(message, "from"), tag_of(message, "to"))
    if any(len(name) > LONGEST_ID for name in names):
        raise Malformed(f"an id of over {LONGEST_ID} characters", answerable)
    if sequence is None or not 0 <= sequence.seq < 2**31 or not message.call_id:
        raise Malformed("no usable CSeq or Call-ID", answerable)
    if answerable and sequence.method != answerable.method:
        raise Malformed("the method is not the CSeq's", answerable)


def key_of(request: SipRequest) -> TransactionKey:
    top = request.via[0]
    method = "INVITE" if request.method == "ACK" else request.method
    branch = top.branch or ""
    if not branch.startswith("z9hG4bK"):  # RFC 2543: no branch that tells anything
        branch = f"{request.call_id} {number_of(request)} {tag_of(request, 'from')} {branch}"
    return TransactionKey(branch, f"{top.host}:{top.port}", method)


def number_of(message: SipRequest | SipResponse) -> int:
    """Of its CSeq."""
    return message.cseq.seq if message.cseq else 0


def tag_of(message: SipRequest | SipResponse, header: str) -> str:
    """Of From or To; '' for none."""
    found = _TAG.search((message.get_header(header) or "").rpartition(">")[2])
    return found.group(1) if found else ""


def user_of(uri: str) -> str:
    """The user of a SIP URI, in brackets or not: '+39051…' of `"Anna" <sip:+39051…;phone-context=x@host>`; or ''."""
    plain = _QUOTED.sub("", uri).rpartition("<")[2].strip()
    found = _USER.match(plain)
    return unquote(found.group(1)).partition(";")[0].partition(":")[0][:LONGEST_HEADER] if found else ""


def lists(message: SipRequest | SipResponse, header: str, word: str) -> bool:
    """Whether a header that lists words (Supported, Allow, Require) has this one."""
    return any(word.lower() == value.strip().lower() for value in message.headers.get(header))


def parameters_of(request: SipRequest) -> dict[str, str]:
    """Its X-… headers, names in lower case; at most 32 of them and 256 characters each."""
    found = [(name.lower(), values[0]) for name, values in request.headers.items() if values]
    own = [(name, value[:LONGEST_HEADER]) for name, value in found if name.startswith("x-") and len(name) <= 64]
    return dict(own[:MOST_PARAMETERS])


def unsupported(request: SipRequest) -> list[str]:
    """What it requires and we do not have."""
    required = [word.strip() for word in request.headers.get("require")]
    return [word for word in required if word.lower() not in EXTENSIONS]


def answer(
    request: SipRequest, status: int, *, tag: str = "", body: str = "", headers: Mapping[str, str] | None = None
) -> SipResponse:
    """The answer to a request. tag: ours, for the To of a dialog that begins; body: a session description."""
    response = SipResponse(status_code=status, reason_phrase=REASONS.get(status, ""))
    for name in ("Via", "From", "To", "Call-ID", "CSeq", "Record-Route"):
        values = request.headers.get(name)
        if name == "To" and tag and values and not tag_of(request, "to"):
            values = [f"{values[0]};tag={tag}"]
        for value in values if name in ("Via", "Record-Route") else values[:1]:
            response.headers.append(name, value)
    response.headers.set_single("Server", USER_AGENT)
    for name, value in (headers or {}).items():
        response.headers.set_single(name, value)
    if body:
        response.headers.set_single("Content-Type", "application/sdp")
        response.text = body
    return response
