"""Vonage's websockets: a whole session, frames of exactly 20 ms, what can be wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.media import Clear, KeyPressed, Mark, MarkPlayed, ProtocolError, SoundIn, SoundOut, Started, Tell
from telephony.protocols.vonage import VonageWebsocket
from tests.telephony.mutations import check_mutations
from tests.telephony.sessions import recorded

CONNECTED = '{"event":"websocket:connected","content-type":"audio/l16;rate=16000","token":"t","call":"CON-1"}'


def connected(first: str = CONNECTED) -> VonageWebsocket:
    protocol = VonageWebsocket()
    protocol.decode(first)
    return protocol


def test_a_whole_session_becomes_media_events() -> None:
    protocol = VonageWebsocket()
    assert [event for message in recorded("vonage") for event in protocol.decode(message)] == [
        Started(ref="CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab", token="s3cr3t"),
        SoundIn(bytes.fromhex("00010000ffff0080")),
        SoundIn(bytes.fromhex("0300")),
        KeyPressed("5"),
        MarkPlayed("p1"),
        SoundIn(b""),
        SoundIn(bytes.fromhex("ff7f")),
    ]


def test_commands_become_exactly_the_messages_vonage_documents() -> None:
    protocol = connected()
    assert protocol.encode(SoundOut(b"\x01\x02" * 320)) == [b"\x01\x02" * 320]
    assert protocol.encode(Mark("p7")) == ('{"action": "notify", "payload": {"name": "p7"}}',)
    assert protocol.encode(Clear()) == ('{"action": "clear"}',)
    assert protocol.encode(Tell({"type": "ready"})) == ()


@given(st.lists(st.integers(0, 2000), max_size=20), st.sampled_from([8000, 16000]))
def test_every_message_of_sound_has_20_ms_and_no_sound_is_lost(lengths: list[int], rate_hz: int) -> None:
    protocol = connected(CONNECTED.replace("16000", str(rate_hz)))
    assert protocol.rate_hz == rate_hz
    sound = bytes(range(1, 251)) * 400
    pieces, at = [], 0
    for length in lengths:
        pieces.append(sound[at : at + 2 * length])
        at += 2 * length
    sent = [message for piece in pieces for message in protocol.encode(SoundOut(piece))]
    *last, notify = protocol.encode(Mark("p1"))
    sent += last
    assert {len(message) for message in sent} <= {rate_hz * 40 // 1000}
    joined = b"".join(message for message in sent if isinstance(message, bytes))
    assert joined[: len(b"".join(pieces))] == b"".join(pieces)
    assert not joined[len(b"".join(pieces)) :].strip(b"\0")
    assert notify == '{"action": "notify", "payload": {"name": "p1"}}'


def test_what_waits_for_its_frame_is_dropped_with_the_rest() -> None:
    protocol = connected()
    assert protocol.encode(SoundOut(b"\x01\x02" * 100)) == []
    protocol.encode(Clear())
    assert protocol.encode(SoundOut(b"\x03\x04" * 320)) == [b"\x03\x04" * 320]


@pytest.mark.parametrize(
    ("message", "code", "close"),
    [
        (b"\0\0", "wrong_order", 1008),
        ('{"event":"websocket:dtmf","digit":"5"}', "wrong_order", 1008),
        (CONNECTED.replace("16000", "24000"), "wrong_codec", 1003),
        (CONNECTED.replace("l16", "pcmu"), "wrong_codec", 1003),
        ('{"event":"websocket:connected","content-type":"audio/l16;rate=16000"}', "malformed_frame", 1003),
        ("hello", "malformed_frame", 1003),
    ],
)
def test_before_the_start(message: str | bytes, code: str, close: int) -> None:
    with pytest.raises(ProtocolError) as error:
        VonageWebsocket().decode(message)
    assert (error.value.code, error.value.close) == (code, close)


@pytest.mark.parametrize(
    ("message", "code", "close"),
    [
        (CONNECTED, "second_start", 1008),
        (b"\0", "wrong_codec", 1003),
        ('{"event":"websocket:notify"}', "malformed_frame", 1003),
        ('{"event":"websocket:dtmf","digit":"55"}', "malformed_frame", 1003),
    ],
)
def test_after_the_start(message: str | bytes, code: str, close: int) -> None:
    with pytest.raises(ProtocolError) as error:
        connected().decode(message)
    assert (error.value.code, error.value.close) == (code, close)


def test_a_call_in_the_wrong_codec_can_be_ended_by_its_token() -> None:
    with pytest.raises(ProtocolError) as error:
        VonageWebsocket().decode(CONNECTED.replace("16000", "24000"))
    assert error.value.token == "t"


def test_whatever_vonage_sends_nothing_but_a_protocol_error_comes_of_it() -> None:
    check_mutations(recorded("vonage"), VonageWebsocket)
