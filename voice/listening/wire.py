"""How the server and a worker talk: frames of a JSON header and bytes, each with its length in front.

Nothing is executed or unpickled on either side, and both lengths are bounded.
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

from voice.listening.recognizer import Recognition, Word

HEADER_LIMIT_BYTES = 1 << 18
PAYLOAD_LIMIT_BYTES = 1 << 22
"""131 s of sound at 16 kHz."""

_LENGTHS = struct.Struct("!II")

Header = dict[str, Any]


class BadFrame(ValueError):
    """The other side sent what is no frame."""


def encode(header: Mapping[str, Any], payload: bytes = b"") -> bytes:
    """One frame. Raises BadFrame when it is too big."""
    text = json.dumps(header, ensure_ascii=False).encode()
    _check(len(text), len(payload))
    return _LENGTHS.pack(len(text), len(payload)) + text + payload


def read_frame(stream: BinaryIO) -> tuple[Header, bytes] | None:
    """The next frame, None at the end of the stream (also in mid-frame: the other side died). Raises BadFrame."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    header_length, payload_length = _LENGTHS.unpack(lengths)
    _check(header_length, payload_length)
    text, payload = stream.read(header_length), stream.read(payload_length)
    if len(text) + len(payload) < header_length + payload_length:
        return None
    return _header(text), payload


async def receive_frame(stream: asyncio.StreamReader) -> tuple[Header, bytes] | None:
    """As `read_frame`, on the event loop."""
    try:
        header_length, payload_length = _LENGTHS.unpack(await stream.readexactly(_LENGTHS.size))
        _check(header_length, payload_length)
        return _header(await stream.readexactly(header_length)), await stream.readexactly(payload_length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def recognition_to_json(recognition: Recognition) -> Header:
    return {
        "text": recognition.text,
        "is_final": recognition.is_final,
        "confidence": recognition.confidence,
        "words": [[word.text, word.start_ms, word.end_ms, word.confidence] for word in recognition.words],
    }


def recognition_from_json(header: Header) -> Recognition:
    """The inverse of `recognition_to_json`."""
    words = tuple(Word(*word) for word in header["words"])
    return Recognition(header["text"], header["is_final"], header["confidence"], words)


def _check(header_length: int, payload_length: int) -> None:
    if header_length > HEADER_LIMIT_BYTES or payload_length > PAYLOAD_LIMIT_BYTES:
        raise BadFrame(f"a frame of {header_length} + {payload_length} bytes is over the limit")


def _header(text: bytes) -> Header:
    header = json.loads(text)
    if not isinstance(header, dict):
        raise BadFrame(f"a frame's header is {type(header).__name__}, not an object")
    return header
