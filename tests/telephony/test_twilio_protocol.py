"""Twilio Media Streams: a whole session and our frames byte for byte, and everything a far end can get wrong."""

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telephony.media import (
    Clear,
    Complained,
    HungUp,
    KeyPressed,
    Mark,
    MarkPlayed,
    ProtocolError,
    SoundIn,
    SoundOut,
    Started,
    Tell,
)
from telephony.protocols.codecs import LONGEST_PAYLOAD
from telephony.protocols.twilio import TwilioMediaStreams
from tests.telephony.mutations import check_mutations
from voice import g711

CONNECTED = '{"event":"connected","protocol":"Call","version":"1.0.0"}'
START = (
    '{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC0123456789abcdef0123456789abcdef",'
    '"streamSid":"MZ0123456789abcdef0123456789abcdef","callSid":"CA0123456789abcdef0123456789abcdef",'
    '"tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},'
    '"customParameters":{"token":"s3cr3t","line":"+390200000001"}},"streamSid":"MZ0123456789abcdef0123456789abcdef"}'
)
MEDIA = (
    '{"event":"media","sequenceNumber":"2","media":{"track":"inbound","chunk":"1","timestamp":"5",'
    '"payload":"fv8AgP9+"},"streamSid":"MZ0123456789abcdef0123456789abcdef"}'
)
DTMF = (
    '{"event":"dtmf","streamSid":"MZ0123456789abcdef0123456789abcdef","sequenceNumber":"3",'
    '"dtmf":{"track":"inbound_track","digit":"#"}}'
)
MARK = '{"event":"mark","sequenceNumber":"4","streamSid":"MZ0123456789abcdef0123456789abcdef","mark":{"name":"p1"}}'
STOP = (
    '{"event":"stop","sequenceNumber":"5","stop":{"accountSid":"AC0123456789abcdef0123456789abcdef",'
    '"callSid":"CA0123456789abcdef0123456789abcdef"},"streamSid":"MZ0123456789abcdef0123456789abcdef"}'
)
SESSION = (CONNECTED, START, MEDIA, DTMF, MARK, STOP)
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
SID = "MZ0123456789abcdef0123456789abcdef"


def started() -> TwilioMediaStreams:
    protocol = TwilioMediaStreams()
    protocol.decode(START)
    return protocol


def changed(frame: str, *path: str, to: Any = None) -> str:
    """The frame with the value at `path` replaced; without it when `to` is None."""
    whole = json.loads(frame)
    part = whole
    for name in path[:-1]:
        part = part[name]
    if to is None:
        del part[path[-1]]
    else:
        part[path[-1]] = to
    return json.dumps(whole)


def test_a_whole_session_becomes_media_events() -> None:
    protocol = TwilioMediaStreams()
    events = [event for frame in SESSION for event in protocol.decode(frame)]
    assert events == [
        Started(
            ref="CA0123456789abcdef0123456789abcdef",
            token="s3cr3t",
            parameters={"token": "s3cr3t", "line": "+390200000001"},
        ),
        SoundIn(g711.mulaw_to_pcm(bytes.fromhex("7eff0080ff7e"))),
        KeyPressed("#"),
        MarkPlayed("p1"),
        HungUp("caller_hung_up"),
    ]


def test_commands_become_exactly_the_frames_twilio_documents() -> None:
    protocol = started()
    sound = g711.mulaw_to_pcm(bytes.fromhex("7eff0080ff7e"))
    assert protocol.encode(SoundOut(sound)) == (
        f'{{"event": "media", "streamSid": "{SID}", "media": {{"payload": "fv8AgP9+"}}}}',
    )
    assert protocol.encode(Mark("p7")) == (f'{{"event": "mark", "streamSid": "{SID}", "mark": {{"name": "p7"}}}}',)
    assert protocol.encode(Clear()) == (f'{{"event": "clear", "streamSid": "{SID}"}}',)
    assert protocol.encode(Tell({"type": "ready"})) == ()


@PATIENT
@given(st.binary(min_size=1, max_size=400))
def test_sound_survives_the_way_out_and_back(coded: bytes) -> None:
    protocol = started()
    (sent,) = protocol.encode(SoundOut(g711.mulaw_to_pcm(coded)))
    (heard,) = protocol.decode(sent)
    assert heard == SoundIn(g711.mulaw_to_pcm(coded))


def test_an_event_of_tomorrow_ends_no_call() -> None:
    assert started().decode('{"event":"video"}') == (Complained("unknown_event", "'video'"),)


def test_keys_that_no_phone_has_are_not_heard() -> None:
    assert started().decode(changed(DTMF, "dtmf", "digit", to="A")) == ()


def test_our_own_track_is_not_heard() -> None:
    assert started().decode(changed(MEDIA, "media", "track", to="outbound")) == ()


@pytest.mark.parametrize("frame", [changed(MEDIA, "media", "track"), changed(START, "start", "customParameters")])
def test_what_is_optional_may_be_missing(frame: str) -> None:
    protocol = TwilioMediaStreams() if "start" in frame[:20] else started()
    assert len(protocol.decode(frame)) == 1


BEFORE_START = [
    ("not JSON", "{", "malformed_frame", 1003),
    ("no text at all", "", "malformed_frame", 1003),
    ("a list", "[]", "malformed_frame", 1003),
    ("null", "null", "malformed_frame", 1003),
    ("nesting without end", "[" * 60_000, "malformed_frame", 1003),
    ("a number without end", '{"event":' + "1" * 60_000 + "}", "malformed_frame", 1003),
    ("no event", "{}", "malformed_frame", 1003),
    ("an event that is no string", '{"event":["media"]}', "malformed_frame", 1003),
    ("an event without end", json.dumps({"event": "x" * 60_000}), "malformed_frame", 1003),
    ("media before start", MEDIA, "wrong_order", 1008),
    ("a key before start", DTMF, "wrong_order", 1008),
    ("a mark before start", MARK, "wrong_order", 1008),
    ("stop before start", STOP, "wrong_order", 1008),
    ("start without start", changed(START, "start"), "malformed_frame", 1003),
    ("start is a string", changed(START, "start", to="now"), "malformed_frame", 1003),
    ("no streamSid", changed(START, "start", "streamSid"), "malformed_frame", 1003),
    ("an empty streamSid", changed(START, "start", "streamSid", to=""), "malformed_frame", 1003),
    ("no callSid", changed(START, "start", "callSid"), "malformed_frame", 1003),
    ("callSid is a number", changed(START, "start", "callSid", to=7), "malformed_frame", 1003),
    ("callSid is half a character", changed(START, "start", "callSid", to="\ud800"), "malformed_frame", 1003),
    ("no mediaFormat", changed(START, "start", "mediaFormat"), "malformed_frame", 1003),
    ("another codec", changed(START, "start", "mediaFormat", "encoding", to="audio/x-l16"), "wrong_codec", 1003),
    ("another rate", changed(START, "start", "mediaFormat", "sampleRate", to=16000), "wrong_codec", 1003),
    ("two channels", changed(START, "start", "mediaFormat", "channels", to=2), "wrong_codec", 1003),
    ("a rate without end", changed(START, "start", "mediaFormat", "sampleRate", to="8" * 60_000), "wrong_codec", 1003),
    ("parameters are a list", changed(START, "start", "customParameters", to=["a"]), "malformed_frame", 1003),
    ("a token too long", changed(START, "start", "customParameters", "token", to="t" * 513), "malformed_frame", 1003),
    ("a token that is no string", changed(START, "start", "customParameters", "token", to=1), "malformed_frame", 1003),
]  # fmt: skip

AFTER_START = [
    ("a second start", START, "second_start", 1008),
    ("media without media", changed(MEDIA, "media"), "malformed_frame", 1003),
    ("media is a list", changed(MEDIA, "media", to=["x"]), "malformed_frame", 1003),
    ("no payload", changed(MEDIA, "media", "payload"), "malformed_frame", 1003),
    ("a payload that is no string", changed(MEDIA, "media", "payload", to=5), "malformed_frame", 1003),
    ("not base64", changed(MEDIA, "media", "payload", to="####"), "malformed_frame", 1007),
    ("base64 cut off", changed(MEDIA, "media", "payload", to="fv8Ag"), "malformed_frame", 1007),
    ("letters beyond ASCII", changed(MEDIA, "media", "payload", to="più!"), "malformed_frame", 1007),
    ("a payload too long", changed(MEDIA, "media", "payload", to="A" * (LONGEST_PAYLOAD + 4)), "malformed_frame", 1003),
    ("no digit", changed(DTMF, "dtmf", "digit"), "malformed_frame", 1003),
    ("no key of a phone", changed(DTMF, "dtmf", "digit", to="x"), "malformed_frame", 1003),
    ("two keys", changed(DTMF, "dtmf", "digit", to="12"), "malformed_frame", 1003),
    ("an empty key", changed(DTMF, "dtmf", "digit", to=""), "malformed_frame", 1003),
    ("a mark without a name", changed(MARK, "mark", "name"), "malformed_frame", 1003),
    ("a mark's name without end", changed(MARK, "mark", "name", to="p" * 257), "malformed_frame", 1003),
]


def refused(protocol: TwilioMediaStreams, frame: str | bytes, code: str, close: int) -> None:
    with pytest.raises(ProtocolError) as error:
        protocol.decode(frame)
    assert (error.value.code, error.value.close) == (code, close)
    assert 0 < len(error.value.detail.encode()) < 300


@pytest.mark.parametrize(
    ("frame", "code", "close"), [case[1:] for case in BEFORE_START], ids=[c[0] for c in BEFORE_START]
)
def test_before_the_start(frame: str, code: str, close: int) -> None:
    refused(TwilioMediaStreams(), frame, code, close)


@pytest.mark.parametrize(
    ("frame", "code", "close"), [case[1:] for case in AFTER_START], ids=[c[0] for c in AFTER_START]
)
def test_after_the_start(frame: str, code: str, close: int) -> None:
    refused(started(), frame, code, close)


def test_a_binary_frame() -> None:
    refused(started(), b"\x00\x01", "malformed_frame", 1003)


def test_a_start_that_failed_has_not_started_anything() -> None:
    protocol = TwilioMediaStreams()
    refused(protocol, changed(START, "start", "callSid"), "malformed_frame", 1003)
    refused(protocol, MEDIA, "wrong_order", 1008)


def test_whatever_a_far_end_sends_nothing_but_a_protocol_error_comes_of_it() -> None:
    check_mutations(SESSION, TwilioMediaStreams)


@pytest.mark.parametrize("depth", range(900, 1000, 7))
def test_nesting_at_the_edge_of_what_can_be_read(depth: int) -> None:
    frame = START.replace('"sampleRate":8000', '"sampleRate":' + "[" * depth + "]" * depth)
    with pytest.raises(ProtocolError) as error:
        TwilioMediaStreams().decode(frame)
    assert error.value.code in ("malformed_frame", "wrong_codec")


def test_sound_of_a_real_carrier_frame_is_160_samples() -> None:
    payload = base64.b64encode(g711.MULAW_SILENCE * 160).decode()
    (sound,) = started().decode(changed(MEDIA, "media", "payload", to=payload))
    assert isinstance(sound, SoundIn)
    assert sound.pcm == bytes(320)
