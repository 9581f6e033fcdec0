"""What Twilio does with a server's TwiML, as strictly as Twilio does it (as far as a media stream needs).

Telnyx and SignalWire read the same verbs; what differs is in their `Dialect`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from xml.etree import ElementTree as xml

MAX_BYTES = 64 * 1024
MAX_PARAMETER_CHARS = 500
LOOPBACK = ("localhost", "127.0.0.1", "::1")
VERBS = {
    "Connect", "Dial", "Enqueue", "Gather", "Hangup", "Leave", "Pause", "Play", "Record", "Redirect", "Refer",
    "Reject", "Say", "Sms", "Start", "Stop",
}  # fmt: skip
COMMON = frozenset({"url", "name", "track", "statusCallback", "statusCallbackMethod"})


@dataclass(frozen=True)
class Dialect:
    """Attributes that a carrier knows: of `<Connect>` and of its `<Stream>`; needs: what no call can do without."""

    carrier: str
    connect: frozenset[str]
    stream: frozenset[str]
    needs: Mapping[str, str] = field(default_factory=dict)


TWILIO = Dialect("Twilio", frozenset({"action", "method"}), COMMON)
SIGNALWIRE = Dialect("SignalWire", frozenset(), COMMON | {"authBearerToken", "codec", "realtime"})
TELNYX = Dialect(
    "Telnyx",
    frozenset(),
    COMMON | {"codec", "bidirectionalMode", "bidirectionalCodec", "bidirectionalSamplingRate", "enableReconnect"},
    {"bidirectionalMode": "rtp", "enableReconnect": "false"},
)


class BadTwiml(ValueError):
    """A document that a carrier would refuse. Says where and what it would want instead."""


@dataclass(frozen=True)
class Verb:
    """One instruction, e.g. `Dial` with a number as its text."""

    name: str
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name} {self.text}".strip()


@dataclass(frozen=True)
class Instructions:
    """A TwiML document. stream_url: of its `<Connect><Stream>`, '' when it connects no stream.

    stream: its attributes. parameters: for the stream's `start`. action: where to ask what comes after the stream,
    '' = `verbs` tell. verbs: what is to be done instead of, or after, the stream.
    """

    stream: Mapping[str, str]
    parameters: dict[str, str]
    action: str
    verbs: tuple[Verb, ...]

    @property
    def stream_url(self) -> str:
        return self.stream.get("url", "")

    @property
    def next_url(self) -> str:
        """Where to ask what comes after the stream; '' when the verbs tell it."""
        redirect = self.verbs[0] if self.verbs and self.verbs[0].name == "Redirect" else None
        return self.action or (redirect.text if redirect else "")


def parse(document: str, dialect: Dialect = TWILIO) -> Instructions:
    """Read a document. Raises BadTwiml."""
    if len(document.encode()) > MAX_BYTES:
        raise BadTwiml(f"a document of {len(document.encode())} bytes; {dialect.carrier} takes at most {MAX_BYTES}")
    try:
        root = xml.fromstring(document.lstrip())  # noqa: S314 - from the server under test; expat refuses XML bombs
    except xml.ParseError as error:
        raise BadTwiml(f"not XML ({error}): {document[:200]!r}") from error
    if root.tag != "Response":
        raise BadTwiml(f"the root is <{root.tag}>; TwiML begins with <Response>")
    for element in root:
        if element.tag not in VERBS:
            raise BadTwiml(f"<{element.tag}> is no TwiML verb (verbs are case-sensitive)")
    verbs = [Verb(element.tag, (element.text or "").strip(), dict(element.attrib)) for element in root]
    if not verbs or verbs[0].name != "Connect":
        if any(verb.name == "Connect" for verb in verbs):
            raise BadTwiml(f"<{verbs[0].name}> before <Connect>: this caller cannot do that first")
        return Instructions({}, {}, "", tuple(verbs))
    stream, parameters = _stream(root[0], dialect)
    return Instructions(stream, parameters, verbs[0].attributes.get("action", ""), tuple(verbs[1:]))


def _stream(connect: xml.Element, dialect: Dialect) -> tuple[dict[str, str], dict[str, str]]:
    unknown = connect.attrib.keys() - dialect.connect
    if unknown or connect.get("method", "POST") != "POST":
        raise BadTwiml(f"<Connect> with {sorted(unknown) or 'a method other than POST'}: this caller cannot do that")
    if len(connect) != 1 or connect[0].tag != "Stream":
        raise BadTwiml(f"<Connect> holds {[child.tag for child in connect]}; it must hold exactly one <Stream>")
    stream = connect[0]
    if unknown := stream.attrib.keys() - dialect.stream:
        raise BadTwiml(f"<Stream> with {sorted(unknown)}: {dialect.carrier} does not know that")
    for needed, wanted in dialect.needs.items():
        if stream.get(needed) != wanted:
            raise BadTwiml(f"<Stream {needed}={stream.get(needed)!r}>: must be {wanted!r}")
    if stream.get("track", "inbound_track") != "inbound_track":
        raise BadTwiml(f"<Stream track={stream.get('track')!r}>: a bidirectional stream has only inbound_track")
    url = stream.get("url", "")
    parts = urlsplit(url)
    if parts.scheme != "wss" and not (parts.scheme == "ws" and parts.hostname in LOOPBACK):
        raise BadTwiml(f"<Stream url={url!r}>: {dialect.carrier} connects to wss:// only (ws:// for loopback)")
    if parts.query or parts.fragment:
        raise BadTwiml(f"<Stream url={url!r}>: no query string is allowed (Twilio error 31920); use <Parameter>")
    parameters: dict[str, str] = {}
    for child in stream:
        name, value = child.get("name"), child.get("value")
        if child.tag != "Parameter" or not name or value is None:
            raise BadTwiml(f"<Stream> holds <{child.tag}>; it may hold <Parameter name= value=> only")
        if len(name) + len(value) > MAX_PARAMETER_CHARS:
            raise BadTwiml(f"<Parameter name={name!r}> is longer than {MAX_PARAMETER_CHARS} characters")
        parameters[name] = value
    return dict(stream.attrib), parameters
