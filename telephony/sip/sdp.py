"""Session descriptions (RFC 8866) and what is agreed on by them (RFC 3264). Pure.

Only plain RTP is spoken (RTP/AVP): a far end that insists on SRTP is told so, and belongs behind a PBX.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiosipua import Codec as Mapped
from aiosipua import MediaDescription, SdpMessage, parse_sdp

from telephony.rtp.codecs import CLOCK_HZ, CODECS, Codec
from telephony.rtp.sending import PACKET_MS
from telephony.rtp.stream import Media
from telephony.sip.messages import Address

SDP = "application/sdp"
MOST_STREAMS = 8
KEY_EVENTS = "telephone-event"
OWN_KEY_TYPE = 101
"""The payload type of telephone events that we offer; an offer of theirs says its own."""
DIRECTIONS = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}
"""What the other side of each direction is."""


class BadDescription(ValueError):
    """No session can come of this description. code: a word for the history."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True)
class Agreed:
    """media: how sound goes; stream: which of their streams it is; direction: ours."""

    media: Media
    stream: int
    direction: str


@dataclass
class Session:
    """One call's: our address and port for sound, what was agreed on last, and the counter of our descriptions.

    codecs: that we take, the best first.
    """

    ip: str
    port: int
    codecs: Sequence[Codec] = CODECS
    agreed: Agreed | None = None
    _version: int = field(default=1)

    def answer(self, offer: str) -> str:
        """Agree on their offer; our answer. Raises BadDescription, and nothing is agreed on anew."""
        theirs = read(offer)
        agreed = agree(theirs, self.codecs, prefer=self.agreed.media.codec if self.agreed else None)
        self.agreed = agreed
        streams = [_refused(stream) for stream in theirs.media]
        streams[agreed.stream] = self._stream([agreed.media.codec], agreed)
        return self._text(streams)

    def offer(self) -> str:
        """Ours: what was agreed on, or all that we take where nothing was yet."""
        if self.agreed is None:
            return self._text([self._stream(self.codecs, None)])
        others = [f"m=audio 0 RTP/AVP {codec.payload_type}" for codec in self.codecs[:1]]
        ours = self._stream([self.agreed.media.codec], self.agreed)
        return self._text([*others * self.agreed.stream, ours])

    def answered(self, answer: str) -> None:
        """Agree on their answer to our offer. Raises BadDescription."""
        self.agreed = agree(read(answer), self.codecs)

    def _stream(self, codecs: Sequence[Codec], agreed: Agreed | None) -> str:
        key_type = agreed.media.key_type if agreed else OWN_KEY_TYPE
        numbered = {agreed.media.payload_type if agreed else codec.payload_type: codec for codec in codecs}
        types = [*map(str, numbered), *([str(key_type)] if key_type is not None else [])]
        lines = [f"m=audio {self.port} RTP/AVP {' '.join(types)}"]
        lines += [f"a=rtpmap:{number} {codec.name}/{CLOCK_HZ}" for number, codec in numbered.items()]
        if key_type is not None:
            lines += [f"a=rtpmap:{key_type} {KEY_EVENTS}/{CLOCK_HZ}", f"a=fmtp:{key_type} 0-15"]
        lines += [f"a=ptime:{PACKET_MS}", f"a={agreed.direction if agreed else 'sendrecv'}"]
        return "\r\n".join(lines)

    def _text(self, streams: Sequence[str]) -> str:
        family = "IP6" if ":" in self.ip else "IP4"
        self._version += 1
        head = [
            "v=0",
            f"o=- {self.port} {self._version} IN {family} {self.ip}",
            "s=-",
            f"c=IN {family} {self.ip}",
            "t=0 0",
        ]
        return "\r\n".join([*head, *streams]) + "\r\n"


def read(text: str) -> SdpMessage:
    """Raises BadDescription; never anything else, whatever the text."""
    try:
        description = parse_sdp(text)
    except (ValueError, IndexError, TypeError) as error:
        raise BadDescription("malformed_sdp", f"not SDP: {str(error)[:80]}") from None
    if not 0 < len(description.media) <= MOST_STREAMS:
        raise BadDescription("malformed_sdp", f"{len(description.media)} streams; 1 to {MOST_STREAMS} are expected")
    return description


def agree(theirs: SdpMessage, codecs: Sequence[Codec], prefer: Codec | None = None) -> Agreed:
    """The best codec that both have, of the first stream of sound over plain RTP. Raises BadDescription.

    prefer: the one in use stays in use while it is among theirs.
    """
    sound = [(at, stream) for at, stream in enumerate(theirs.media) if stream.media == "audio" and stream.port]
    plain = [(at, stream) for at, stream in sound if stream.proto == "RTP/AVP"]
    if not plain:
        kinds = ", ".join(sorted({stream.proto[:16] for _, stream in sound})) or "none"
        raise BadDescription("no_plain_rtp", f"sound over RTP/AVP is expected, offered: {kinds}")
    stream_at, stream = plain[0]
    ordered = [prefer, *codecs] if prefer else [*codecs]
    found = next(((codec, mapped) for codec in ordered for mapped in stream.codecs if _is(codec, mapped)), None)
    if found is None:
        offered = ", ".join(mapped.encoding_name[:16] or str(mapped.payload_type) for mapped in stream.codecs[:8])
        ours = ", ".join(codec.name for codec in codecs)
        raise BadDescription("no_common_codec", f"offered: {offered or 'none'}; taken: {ours}")
    codec, mapped = found
    events = [event for event in stream.codecs if event.encoding_name.lower() == KEY_EVENTS and _a_type(event)]
    key_type = next((event.payload_type for event in events if event.clock_rate == CLOCK_HZ), None)
    remote, direction = _address(theirs, stream), _direction(theirs, stream)
    nobody = remote is None
    media = Media(
        codec, mapped.payload_type, key_type, remote or ("0.0.0.0", stream.port),  # noqa: S104 (never sent to)
        held=nobody or direction in ("sendonly", "inactive"),
    )  # fmt: skip
    return Agreed(media, stream_at, DIRECTIONS[direction])


def _is(codec: Codec, mapped: Mapped) -> bool:
    return mapped.encoding_name.upper() == codec.name and mapped.clock_rate == CLOCK_HZ and _a_type(mapped)


def _a_type(mapped: Mapped) -> bool:
    return 0 <= mapped.payload_type < 128 and not 64 <= mapped.payload_type < 96


def _direction(theirs: SdpMessage, stream: MediaDescription) -> str:
    return next(
        (word for where in (stream.attributes, theirs.attributes) for word in DIRECTIONS if word in where), "sendrecv"
    )


def _address(theirs: SdpMessage, stream: MediaDescription) -> Address | None:
    """Where they want their sound; None: nowhere (0.0.0.0 was the hold of RFC 2543). Raises BadDescription."""
    where = stream.connection or theirs.connection
    try:
        ip = ipaddress.ip_address(where.address if where else "")
    except ValueError:
        shown = (where.address if where else "none")[:48]
        raise BadDescription("malformed_sdp", f"an IP address is expected in c=, got {shown!r}") from None
    if ip.is_unspecified:
        return None
    if ip.is_multicast or ip.compressed == "255.255.255.255" or not 0 < stream.port < 65_536:
        raise BadDescription("malformed_sdp", f"sound cannot be sent to {ip} port {stream.port}")
    return str(ip), stream.port


def _refused(stream: MediaDescription) -> str:
    return f"m={stream.media} 0 {stream.proto} {' '.join(stream.formats) or '0'}"
