"""What Twilio does with a server's TwiML, as strictly as Twilio does it (as far as a media stream needs)."""

from __future__ import annotations

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
STREAM_ATTRIBUTES = {"url", "name", "track"}


class BadTwiml(ValueError):
    """A document that Twilio would refuse. Says where and what it would want instead."""


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

    parameters: for the stream's `start`. action: where to ask what comes after the stream, '' = `verbs` tell.
    verbs: what is to be done instead of, or after, the stream.
    """

    stream_url: str
    parameters: dict[str, str]
    action: str
    verbs: tuple[Verb, ...]


def parse(document: str) -> Instructions:
    """Read a TwiML document. Raises BadTwiml."""
    if len(document.encode()) > MAX_BYTES:
        raise BadTwiml(f"TwiML of {len(document.encode())} bytes; Twilio takes at most {MAX_BYTES}")
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
        return Instructions("", {}, "", tuple(verbs))
    url, parameters = _stream(root[0])
    return Instructions(url, parameters, verbs[0].attributes.get("action", ""), tuple(verbs[1:]))


def _stream(connect: xml.Element) -> tuple[str, dict[str, str]]:
    unknown = connect.attrib.keys() - {"action", "method"}
    if unknown or connect.get("method", "POST") != "POST":
        raise BadTwiml(f"<Connect> with {sorted(unknown) or 'a method other than POST'}: this caller cannot do that")
    if len(connect) != 1 or connect[0].tag != "Stream":
        raise BadTwiml(f"<Connect> holds {[child.tag for child in connect]}; it must hold exactly one <Stream>")
    stream = connect[0]
    if unknown := stream.attrib.keys() - STREAM_ATTRIBUTES:
        raise BadTwiml(f"<Stream> with {sorted(unknown)}: this caller cannot do that")
    if stream.get("track", "inbound_track") != "inbound_track":
        raise BadTwiml(f"<Stream track={stream.get('track')!r}>: a bidirectional stream has only inbound_track")
    url = stream.get("url", "")
    parts = urlsplit(url)
    if parts.scheme != "wss" and not (parts.scheme == "ws" and parts.hostname in LOOPBACK):
        raise BadTwiml(f"<Stream url={url!r}>: Twilio connects to wss:// only (ws:// is taken for loopback)")
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
    return url, parameters
