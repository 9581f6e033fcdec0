"""SignalWire's streams: a whole session, what they have that Twilio's have not, what can be wrong."""

import json

import pytest

from telephony.media import (
    Clear,
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
from telephony.protocols.signalwire import SignalWireStreams
from tests.telephony.mutations import check_mutations
from tests.telephony.sessions import recorded

CALL, STREAM = "76ac3c36-56da-4a3e-a0d6-b5f8df6da9ad", "7d56cc11-536d-4a45-b4fb-ed3d55be843b"


def started(**media_format: object) -> SignalWireStreams:
    frame = json.loads(recorded("signalwire")[1])
    frame["start"]["mediaFormat"] |= media_format
    protocol = SignalWireStreams()
    protocol.decode(json.dumps(frame))
    return protocol


def test_a_whole_session_becomes_media_events() -> None:
    protocol = SignalWireStreams()
    assert [event for message in recorded("signalwire") for event in protocol.decode(message)] == [
        Started(ref=CALL),
        SoundIn(bytes.fromhex("000100ffff7f")),
        KeyPressed("5"),
        MarkPlayed("p1"),
        HungUp("caller_hung_up"),
    ]
    assert protocol.rate_hz == 16000


def test_commands_become_exactly_the_frames_signalwire_documents() -> None:
    protocol = started()
    assert protocol.encode(SoundOut(b"\x01\x02")) == (
        f'{{"event": "media", "streamSid": "{STREAM}", "media": {{"payload": "AQI="}}}}',
    )
    assert protocol.encode(Mark("p7")) == (f'{{"event": "mark", "streamSid": "{STREAM}", "mark": {{"name": "p7"}}}}',)
    assert protocol.encode(Clear()) == (f'{{"event": "clear", "streamSid": "{STREAM}"}}',)
    assert protocol.encode(SendKeys("1#")) == (
        f'{{"event": "dtmf", "streamSid": "{STREAM}", "dtmf": {{"digit": "1"}}}}',
        f'{{"event": "dtmf", "streamSid": "{STREAM}", "dtmf": {{"digit": "#"}}}}',
    )


def test_the_telephones_own_codec() -> None:
    protocol = started(encoding="audio/x-mulaw", sampleRate=8000)
    assert protocol.rate_hz == 8000
    assert json.loads(protocol.encode(SoundOut(bytes(4)))[0])["media"]["payload"] == "//8="


@pytest.mark.parametrize("sound", [{"sampleRate": 24000}, {"encoding": "audio/x-l16"}, {"channels": 2}])
def test_a_codec_that_nobody_asked_for(sound: dict[str, object]) -> None:
    with pytest.raises(ProtocolError, match="wrong_codec"):
        started(**sound)


def test_half_a_sample() -> None:
    with pytest.raises(ProtocolError, match="half a sample"):
        started().decode('{"event":"media","media":{"track":"inbound","payload":"AAAA"}}')


def test_whatever_signalwire_sends_nothing_but_a_protocol_error_comes_of_it() -> None:
    check_mutations(recorded("signalwire"), SignalWireStreams)
