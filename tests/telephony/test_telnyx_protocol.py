"""Telnyx media streaming: a whole session and our frames byte for byte, its codecs, its order, what can be wrong."""

import base64
import json
from typing import Any

import numpy as np
import pytest

from telephony.media import (
    Clear,
    Command,
    Complained,
    HungUp,
    KeyPressed,
    Mark,
    MarkPlayed,
    ProtocolError,
    SendKeys,
    SoundIn,
    SoundOut,
    Started,
    Tell,
)
from telephony.protocols.codecs import MULAW, linear
from telephony.protocols.telnyx import TelnyxMediaStreaming
from tests.telephony.mutations import check_mutations
from tests.telephony.sessions import recorded
from voice import g711

CONNECTED, START, MEDIA, LATE, EARLY, DTMF, MARK, ERROR, STOP = recorded("telnyx")
CALL = "v2:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ"


def start(**media_format: Any) -> str:
    frame = json.loads(START)
    frame["start"]["media_format"] |= media_format
    return json.dumps(frame)


def started(sends: Any = MULAW, big_endian: bool = True, **media_format: Any) -> TelnyxMediaStreaming:
    protocol = TelnyxMediaStreaming(sends, big_endian)
    protocol.decode(start(**media_format))
    return protocol


def media(payload: bytes, chunk: Any = "1", **more: Any) -> str:
    sound = {"track": "inbound", "chunk": chunk, "payload": base64.b64encode(payload).decode(), **more}
    return json.dumps({"event": "media", "media": sound})


def sounds(protocol: TelnyxMediaStreaming, *commands: Command) -> list[bytes]:
    """The payloads that were sent for these commands."""
    frames = [json.loads(message) for command in commands for message in protocol.encode(command)]
    return [base64.b64decode(frame["media"]["payload"]) for frame in frames if frame["event"] == "media"]


def test_a_whole_session_becomes_media_events_in_the_order_of_the_chunks() -> None:
    protocol = TelnyxMediaStreaming()
    assert [event for message in recorded("telnyx") for event in protocol.decode(message)] == [
        Started(ref=CALL),
        SoundIn(g711.mulaw_to_pcm(bytes.fromhex("7eff00"))),
        SoundIn(g711.mulaw_to_pcm(bytes.fromhex("80ff7e" + "ff7eff"))),
        KeyPressed("1"),
        MarkPlayed("p1"),
        Complained("error 100004", "'Media provided was not base64 encoded'"),
        HungUp("caller_hung_up"),
    ]


def test_commands_become_exactly_the_frames_telnyx_documents() -> None:
    protocol = started()
    sound = g711.mulaw_to_pcm(b"\x7e" * 160)
    payload = base64.b64encode(b"\x7e" * 160).decode()
    assert protocol.encode(SoundOut(sound)) == [f'{{"event": "media", "media": {{"payload": "{payload}"}}}}']
    assert protocol.encode(Mark("p7")) == ('{"event": "mark", "mark": {"name": "p7"}}',)
    assert protocol.encode(Clear()) == ('{"event": "clear"}',)
    assert protocol.encode(Tell({"type": "ready"})) == protocol.encode(SendKeys("1")) == ()


def test_no_chunk_is_shorter_than_20_ms() -> None:
    protocol = started()
    first = g711.mulaw_to_pcm(b"\x7e" * 200)
    assert sounds(protocol, SoundOut(first)) == [b"\x7e" * 160]
    assert sounds(protocol, SoundOut(first), Mark("p1")) == [b"\x7e" * 160, b"\x7e" * 80 + b"\xff" * 80]
    assert sounds(protocol, SoundOut(first), Clear(), Mark("p2")) == [b"\x7e" * 160]


@pytest.mark.parametrize("big_endian", [True, False])
def test_linear_sound_in_either_byte_order(big_endian: bool) -> None:
    protocol = started(linear(16000, big_endian), big_endian, encoding="L16", sample_rate=16000)
    wire = "0102" if big_endian else "0201"
    assert protocol.rate_hz == 16000
    assert protocol.decode(media(bytes.fromhex(wire))) == (SoundIn(b"\x02\x01"),)
    assert sounds(protocol, SoundOut(b"\x02\x01" * 320)) == [bytes.fromhex(wire) * 320]


def test_the_calls_own_codec_is_heard_where_telnyx_could_not_transcode_it() -> None:
    """European calls have A-law; what is sent stays what the stream was asked for."""
    protocol = started(encoding="PCMA")
    assert protocol.decode(media(b"\xd5\x55")) == (SoundIn(g711.alaw_to_pcm(b"\xd5\x55")),)
    assert sounds(protocol, SoundOut(bytes(320))) == [b"\xff" * 160]


def test_sound_is_brought_to_the_rate_that_was_asked_for() -> None:
    protocol = started(linear(16000, big_endian=True), encoding="PCMU")
    assert protocol.rate_hz == 8000
    tone = (np.sin(np.arange(8000) * 2 * np.pi * 440 / 8000) * 8000).astype("<i2").tobytes()
    sent = b"".join(sounds(protocol, *(SoundOut(tone[at : at + 320]) for at in range(0, 16000, 320)), Mark("p1")))
    heard = np.frombuffer(sent, ">i2").astype(float)
    assert len(heard) == pytest.approx(16000, abs=640)
    spectrum = np.abs(np.fft.rfft(heard[1600:14400]))
    assert np.argmax(spectrum) * 16000 / 12800 == pytest.approx(440, abs=2)


def test_our_own_track_is_not_heard() -> None:
    assert started().decode(media(b"\x7e", track="outbound")) == ()


def refused(protocol: TelnyxMediaStreaming, message: str | bytes, code: str, close: int) -> None:
    with pytest.raises(ProtocolError) as error:
        protocol.decode(message)
    assert (error.value.code, error.value.close) == (code, close)


@pytest.mark.parametrize(
    ("message", "code", "close"),
    [
        (MEDIA, "wrong_order", 1008),
        (STOP, "wrong_order", 1008),
        ("[]", "malformed_frame", 1003),
        (b"\0\0", "malformed_frame", 1003),
        (start(encoding="G722"), "wrong_codec", 1003),
        (start(encoding="L16", sample_rate=24000), "wrong_codec", 1003),
        (start(channels=2), "wrong_codec", 1003),
        ('{"event":"start","start":{}}', "malformed_frame", 1003),
    ],
)
def test_before_the_start(message: str | bytes, code: str, close: int) -> None:
    refused(TelnyxMediaStreaming(), message, code, close)


@pytest.mark.parametrize(
    ("message", "code", "close"),
    [
        (START, "second_start", 1008),
        (media(b"\x7e", chunk="two"), "malformed_frame", 1003),
        (media(b"\x7e", chunk=-1), "malformed_frame", 1003),
        (media(b"\x7e", chunk="9" * 30), "malformed_frame", 1003),
        (media(b"\x7e", chunk=True), "malformed_frame", 1003),
        ('{"event":"media","media":{"chunk":"1","payload":"###"}}', "malformed_frame", 1007),
        ('{"event":"dtmf","dtmf":{"digit":"12"}}', "malformed_frame", 1003),
    ],
)
def test_after_the_start(message: str | bytes, code: str, close: int) -> None:
    refused(started(), message, code, close)


def test_half_a_sample() -> None:
    refused(started(linear(16000), encoding="L16", sample_rate=16000), media(b"\0\0\0"), "malformed_frame", 1007)


def test_whatever_telnyx_sends_nothing_but_a_protocol_error_comes_of_it() -> None:
    check_mutations(recorded("telnyx"), TelnyxMediaStreaming)
