"""What Plivo does with a server's XML, as strictly as its reference says (as far as an audio stream needs)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree import ElementTree as xml

ELEMENTS = {"Conference", "DTMF", "Dial", "GetDigits", "GetInput", "Hangup", "MultiPartyCall", "Play", "Record"}
ELEMENTS |= {"Redirect", "Speak", "Stream", "Wait", "PreAnswer"}
ATTRIBUTES = {
    "bidirectional", "audioTrack", "streamTimeout", "statusCallbackUrl", "statusCallbackMethod", "contentType",
    "extraHeaders", "keepCallAlive",
}  # fmt: skip
CONTENT_TYPES = ("audio/x-l16;rate=8000", "audio/x-l16;rate=16000", "audio/x-mulaw;rate=8000")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class BadXml(ValueError):
    """A document that Plivo would not follow. Says where and what it would want instead."""


@dataclass(frozen=True)
class Element:
    name: str
    text: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.text}".strip()


@dataclass(frozen=True)
class Plan:
    """stream_url: '' when the document streams nothing; content_type: of the stream; status_url: '' without one.

    elements: what is done instead of, or after, the stream.
    """

    stream_url: str
    content_type: str
    status_url: str
    elements: tuple[Element, ...]


def parse(document: str) -> Plan:
    """Raises BadXml."""
    try:
        root = xml.fromstring(document)  # noqa: S314 - from the server under test; expat refuses XML bombs
    except xml.ParseError as error:
        raise BadXml(f"not XML ({error}): {document[:200]!r}") from error
    if root.tag != "Response":
        raise BadXml(f"the root is <{root.tag}>; it must be <Response>")
    for element in root:
        if element.tag not in ELEMENTS:
            raise BadXml(f"<{element.tag}> is no element of Plivo's (they are case-sensitive)")
    elements = tuple(Element(part.tag, "".join(part.itertext()).strip()) for part in root)
    if not elements or elements[0].name != "Stream":
        return Plan("", "", "", elements)
    return Plan(*_stream(root[0]), elements[1:])


def _stream(stream: xml.Element) -> tuple[str, str, str]:
    if unknown := stream.attrib.keys() - ATTRIBUTES:
        raise BadXml(f"<Stream> with {sorted(unknown)}, which Plivo does not know")
    for name in ("bidirectional", "keepCallAlive"):
        if stream.get(name) != "true":
            raise BadXml(f"<Stream {name}={stream.get(name)!r}>: without 'true' the call has no bot, or ends at once")
    content_type = stream.get("contentType", CONTENT_TYPES[0])
    if content_type not in CONTENT_TYPES:
        raise BadXml(f"<Stream contentType={content_type!r}>: one of {', '.join(CONTENT_TYPES)}")
    url = (stream.text or "").strip()
    parts = urlsplit(url)
    if parts.scheme != "wss" and not (parts.scheme == "ws" and parts.hostname in LOOPBACK):
        raise BadXml(f"<Stream> to {url!r}: wss:// only (ws:// for loopback)")
    return url, content_type, stream.get("statusCallbackUrl", "")
