"""Plivo audio streaming: a whole session, our frames byte for byte, what can be wrong."""

import json
from typing import Any

import pytest

from telephony.media import (
    Clear,
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
)
from telephony.protocols.plivo import PlivoAudioStreaming
from tests.telephony.mutations import check_mutations
from tests.telephony.sessions import recorded

START, MEDIA = recorded("plivo")[:2]
STREAM = "87654321-4321-4321-4321-cba987654321"


def start(**media_format: Any) -> str:
    frame = json.loads(START)
    frame["start"]["mediaFormat"] |= media_format
    return json.dumps(frame)


def started(**media_format: Any) -> PlivoAudioStreaming:
    protocol = PlivoAudioStreaming()
    protocol.decode(start(**media_format))
    return protocol


def test_a_whole_session_becomes_media_events() -> None:
    protocol = PlivoAudioStreaming()
    assert [event for message in recorded("plivo") for event in protocol.decode(message)] == [
        Started(ref="12345678-1234-1234-1234-123456789abc"),
        SoundIn(bytes.fromhex("000100ffff7f")),
        KeyPressed("#"),
        MarkPlayed("p1"),
        Complained("playFailed", "'invalid payload'"),
        HungUp("caller_hung_up"),
    ]
    assert protocol.rate_hz == 16000


def test_commands_become_exactly_the_frames_plivo_documents() -> None:
    protocol = started()
    assert protocol.encode(SoundOut(b"\x01\x02")) == (
        '{"event": "playAudio", "media": {"contentType": "audio/x-l16", "sampleRate": 16000, "payload": "AQI="}}',
    )
    assert protocol.encode(Mark("p7")) == (f'{{"event": "checkpoint", "streamId": "{STREAM}", "name": "p7"}}',)
    assert protocol.encode(Clear()) == (f'{{"event": "clearAudio", "streamId": "{STREAM}"}}',)
    assert protocol.encode(SendKeys("12#")) == ('{"event": "sendDTMF", "dtmf": "12#"}',)


@pytest.mark.parametrize(
    ("encoding", "rate", "payload"),
    [("audio/x-mulaw", 8000, "//8="), ("audio/x-l16", 8000, "AAAAAA=="), ("audio/x-L16;rate=16000", 16000, "AAAAAA==")],
)
def test_the_codec_that_was_agreed_goes_both_ways(encoding: str, rate: int, payload: str) -> None:
    protocol = started(encoding=encoding, sampleRate=rate)
    (sent,) = protocol.encode(SoundOut(bytes(4)))
    assert json.loads(sent)["media"] == {
        "contentType": encoding.partition(";")[0].lower(), "sampleRate": rate, "payload": payload,
    }  # fmt: skip
    assert protocol.decode(json.dumps({"event": "media", "media": {"payload": payload}})) == (SoundIn(bytes(4)),)


def refused(protocol: PlivoAudioStreaming, message: str | bytes, code: str, close: int) -> None:
    with pytest.raises(ProtocolError) as error:
        protocol.decode(message)
    assert (error.value.code, error.value.close) == (code, close)


@pytest.mark.parametrize(
    ("message", "code", "close"),
    [
        (MEDIA, "wrong_order", 1008),
        (b"\0\0", "malformed_frame", 1003),
        (start(encoding="audio/x-alaw"), "wrong_codec", 1003),
        (start(sampleRate=24000), "wrong_codec", 1003),
        (START.replace(STREAM, ""), "malformed_frame", 1003),
        ('{"event":"start"}', "malformed_frame", 1003),
    ],
)
def test_before_the_start(message: str | bytes, code: str, close: int) -> None:
    refused(PlivoAudioStreaming(), message, code, close)


@pytest.mark.parametrize(
    ("message", "code", "close"),
    [
        (START, "second_start", 1008),
        ('{"event":"media","media":{"payload":"AAAA"}}', "malformed_frame", 1007),
        ('{"event":"media","media":{"payload":"#"}}', "malformed_frame", 1007),
        ('{"event":"playedStream"}', "malformed_frame", 1003),
    ],
)
def test_after_the_start(message: str, code: str, close: int) -> None:
    refused(started(), message, code, close)


def test_whatever_plivo_sends_nothing_but_a_protocol_error_comes_of_it() -> None:
    check_mutations(recorded("plivo"), PlivoAudioStreaming)
