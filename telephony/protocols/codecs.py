"""How carriers write sound into their messages: G.711 or linear samples, in base64 where the message is JSON."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from telephony.media import ProtocolError
from telephony.protocols.frames import shown
from voice import g711

LONGEST_PAYLOAD = 65_536
"""Characters of base64: 1.5 s of linear 16 kHz and 6 s of G.711, far more than a carrier puts into one message."""


def swapped(pcm: bytes) -> bytes:
    """16-bit samples in the other byte order. Raises ValueError on half a sample."""
    return np.frombuffer(pcm, dtype="<i2").byteswap().tobytes()


def _whole_samples(pcm: bytes) -> bytes:
    if len(pcm) % 2:
        raise ValueError(f"{len(pcm)} bytes are half a sample")
    return pcm


@dataclass(frozen=True)
class Codec:
    """to_pcm, from_pcm: to and from PCM16 little-endian; they raise ValueError on half a sample."""

    name: str
    rate_hz: int
    to_pcm: Callable[[bytes], bytes]
    from_pcm: Callable[[bytes], bytes]

    def from_base64(self, coded: str) -> bytes:
        """PCM16 little-endian. Raises ProtocolError."""
        try:
            return self.to_pcm(base64.b64decode(coded, validate=True))
        except ValueError as error:
            raise ProtocolError("malformed_frame", f"no {self.name} in base64: {error}", close=1007) from None

    def to_base64(self, pcm: bytes) -> str:
        return base64.b64encode(self.from_pcm(pcm)).decode()


MULAW = Codec("mu-law", 8000, g711.mulaw_to_pcm, g711.pcm_to_mulaw)
ALAW = Codec("A-law", 8000, g711.alaw_to_pcm, g711.pcm_to_alaw)


def linear(rate_hz: int, big_endian: bool = False) -> Codec:
    """L16; RTP has it with the high byte first, most carriers' websockets with the low byte first."""
    order = swapped if big_endian else _whole_samples
    return Codec(f"L16 at {rate_hz} Hz", rate_hz, order, order)


Codecs = Mapping[tuple[str, int], Codec]
"""By the carrier's name of the encoding, and the rate."""


def agreed(codecs: Codecs, encoding: Any, rate_hz: Any, channels: Any, token: str = "") -> Codec:
    """The one of `codecs` that a far end names. Raises ProtocolError with `token`."""
    for (known, known_hz), codec in codecs.items():
        if encoding == known and rate_hz in (known_hz, str(known_hz)) and channels in (1, "1"):
            return codec
    wanted = " or ".join(f"{name}, {hz} Hz" for name, hz in codecs)
    got = ", ".join(shown(value) for value in (encoding, rate_hz, channels))
    raise ProtocolError("wrong_codec", f"{wanted}, 1 channel is expected, got {got}", token=token)
