"""What sound is coded as on the way: G.711 and G.722, all of them 8 bytes a millisecond.

G.722 carries 16 kHz in the same 64 kbit/s; its RTP clock is 8,000 Hz all the same (RFC 3551, section 4.5.2).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass

import G722

from voice import g711

CLOCK_HZ = 8000
"""Of RTP timestamps, for every codec here."""
BYTES_PER_MS = 8
G722_BITS_PER_S = 64_000


@dataclass(frozen=True)
class Codec:
    """name: as SDP has it; payload_type: the static one of RFC 3551; rate_hz: of its PCM."""

    name: str
    payload_type: int
    rate_hz: int


G722_CODEC = Codec("G722", 9, 16_000)
PCMA = Codec("PCMA", 8, 8000)
PCMU = Codec("PCMU", 0, 8000)
CODECS = (G722_CODEC, PCMA, PCMU)
"""The best first. A-law before μ-law, as phones outside North America and Japan have it."""


@dataclass(frozen=True)
class Coder:
    """One call's, in both directions: G.722 remembers what came before.

    decode: a payload of any length to PCM16; encode: PCM16 of whole samples (G.722: pairs of them) to a payload.
    """

    codec: Codec
    decode: Callable[[bytes], bytes]
    encode: Callable[[bytes], bytes]


def coder(codec: Codec) -> Coder:
    if codec.name == "PCMU":
        return Coder(codec, g711.mulaw_to_pcm, g711.pcm_to_mulaw)
    if codec.name == "PCMA":
        return Coder(codec, g711.alaw_to_pcm, g711.pcm_to_alaw)
    there, back = G722.G722(codec.rate_hz, G722_BITS_PER_S), G722.G722(codec.rate_hz, G722_BITS_PER_S)
    return Coder(
        codec,
        decode=lambda payload: back.decode(payload).tobytes(),
        encode=lambda pcm: there.encode(array("h", pcm)),
    )
