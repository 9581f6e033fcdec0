from __future__ import annotations

import asyncio
import io
import struct

import pytest

from voice.listening.recognizer import Recognition, Word
from voice.listening.wire import (
    HEADER_LIMIT_BYTES,
    PAYLOAD_LIMIT_BYTES,
    BadFrame,
    encode,
    read_frame,
    receive_frame,
    recognition_from_json,
    recognition_to_json,
)


async def receive(data: bytes) -> tuple[dict[str, object], bytes] | None:
    stream = asyncio.StreamReader()
    stream.feed_data(data)
    stream.feed_eof()
    return await receive_frame(stream)


async def test_frames_are_read_as_written() -> None:
    frame = encode({"op": "expect", "phrases": ["영업 시간", "perché"]}, b"\x00\xff")
    expected = ({"op": "expect", "phrases": ["영업 시간", "perché"]}, b"\x00\xff")
    assert read_frame(io.BytesIO(frame + frame)) == expected
    assert await receive(frame) == expected


@pytest.mark.parametrize("kept", range(12))
async def test_a_stream_cut_anywhere_is_an_end(kept: int) -> None:
    frame = encode({"op": "x"}, b"ab")[:kept]
    assert read_frame(io.BytesIO(frame)) is None
    assert await receive(frame) is None


@pytest.mark.parametrize("lengths", [(HEADER_LIMIT_BYTES + 1, 0), (2, PAYLOAD_LIMIT_BYTES + 1), (2**32 - 1, 2**32 - 1)])
async def test_oversized_frames_are_refused_before_they_are_read(lengths: tuple[int, int]) -> None:
    data = struct.pack("!II", *lengths) + b"{}"
    with pytest.raises(BadFrame, match="over the limit"):
        read_frame(io.BytesIO(data))
    with pytest.raises(BadFrame, match="over the limit"):
        await receive(data)
    with pytest.raises(BadFrame):
        encode({}, bytes(PAYLOAD_LIMIT_BYTES + 1))


def test_a_header_is_an_object() -> None:
    with pytest.raises(BadFrame, match="list"):
        read_frame(io.BytesIO(struct.pack("!II", 2, 0) + b"[]"))


def test_recognitions_cross_unchanged() -> None:
    said = Recognition("영업 시간", True, 0.9, (Word("영업", 0, 400, 0.8), Word("시간", 400, 900, 1.0)))
    assert recognition_from_json(recognition_to_json(said)) == said
    assert recognition_from_json(recognition_to_json(Recognition("", False))) == Recognition("", False)
