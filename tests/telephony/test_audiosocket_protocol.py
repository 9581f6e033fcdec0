"""AudioSocket's messages: a whole session, ours byte for byte, and everything a far end can get wrong."""

from __future__ import annotations

import pytest

from telephony.media import (
    Clear,
    Complained,
    HangUp,
    HungUp,
    KeyPressed,
    Mark,
    ProtocolError,
    SendKeys,
    SoundIn,
    SoundOut,
    Started,
)
from telephony.protocols.audiosocket import AudioSocket, framed
from tests.telephony.mutations import check_mutations
from tests.telephony.sessions import recorded

SESSION = recorded("audiosocket")
PCM = bytes.fromhex("0000ffff01000200feff7f00")


def started(rate_hz: int = 8000) -> AudioSocket:
    protocol = AudioSocket()
    protocol.decode(SESSION[0])
    protocol.rate_hz = rate_hz
    return protocol


def test_a_whole_session() -> None:
    protocol = AudioSocket()
    assert [event for message in SESSION for event in protocol.decode(message)] == [
        Started(ref="40325ec5-5edf-4d3b-9ec6-0b2ee3a1b2c3"),
        SoundIn(PCM),
        KeyPressed("5"),
        SoundIn(PCM),
    ]


@pytest.mark.parametrize(("rate_hz", "header"), [(8000, "100140"), (16000, "120280")])
def test_sound_goes_out_in_frames_of_20_ms_whatever_its_pieces(rate_hz: int, header: str) -> None:
    protocol = started(rate_hz)
    frame_bytes = rate_hz // 25
    sound = bytes(range(256)) * 10
    sent = [message for at in range(0, 2560, 100) for message in protocol.encode(SoundOut(sound[at : at + 100]))]
    sent += protocol.encode(Mark("p1"))
    assert {bytes(message[:3]).hex() for message in sent if isinstance(message, bytes)} == {header}
    assert {len(message) for message in sent} == {3 + frame_bytes}
    assert b"".join(message[3:] for message in sent if isinstance(message, bytes)).rstrip(b"\0") == sound
    assert protocol.encode(Mark("p2")) == []


def test_barge_in_drops_what_had_not_filled_a_frame() -> None:
    protocol = started()
    protocol.encode(SoundOut(PCM))
    assert protocol.encode(Clear()) == ()
    assert protocol.encode(Mark("p1")) == []


def test_silence_is_a_frame_of_the_calls_rate() -> None:
    assert started(8000).silence == bytes.fromhex("100140") + bytes(320)
    assert started(16000).silence == bytes.fromhex("120280") + bytes(640)


def test_there_is_no_word_for_keys_and_the_wire_hangs_up() -> None:
    assert started().encode(SendKeys("1")) == started().encode(HangUp("bot_ended")) == ()


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (framed(0x00), HungUp()),
        (framed(0xFF, b"\x01"), Complained("far_end_error", "ff000101")),
        (framed(0x42, b"ab"), Complained("unknown_kind", "4200026162")),
        (framed(0x10), SoundIn(b"")),
        (framed(0x03, b"#"), KeyPressed("#")),
    ],
)
def test_single_messages(message: bytes, event: object) -> None:
    assert list(started().decode(message)) == [event]


def test_the_fourth_column_of_keys_asks_for_nothing() -> None:
    assert list(started().decode(framed(0x03, b"D"))) == []


BEFORE = [
    ("sound", SESSION[1], "wrong_order", 1008),
    ("a key", SESSION[2], "wrong_order", 1008),
    ("a short UUID", framed(0x01, bytes(15)), "malformed_frame", 1003),
    ("half a header", b"\x01\x00", "malformed_frame", 1003),
    ("nothing", b"", "malformed_frame", 1003),
    ("a wrong length", b"\x01\x00\x10" + bytes(15), "malformed_frame", 1003),
    ("text", "UUID", "malformed_frame", 1003),
]
AFTER = [
    ("a second UUID", SESSION[0], "second_start", 1008),
    ("sound at 16 kHz", framed(0x12, bytes(640)), "wrong_codec", 1003),
    ("sound at 48 kHz", framed(0x16, bytes(1920)), "wrong_codec", 1003),
    ("half a sample", framed(0x10, bytes(3)), "wrong_codec", 1003),
    ("no digit", framed(0x03), "malformed_frame", 1003),
    ("two digits", framed(0x03, b"12"), "malformed_frame", 1003),
    ("no key of a phone", framed(0x03, b"\xff"), "malformed_frame", 1003),
]


@pytest.mark.parametrize(
    ("fresh", "message", "code", "close"),
    [(True, *case[1:]) for case in BEFORE] + [(False, *case[1:]) for case in AFTER],
    ids=[f"{case[0]} before the UUID" for case in BEFORE] + [case[0] for case in AFTER],
)
def test_what_is_refused(fresh: bool, message: str | bytes, code: str, close: int) -> None:
    with pytest.raises(ProtocolError) as error:
        (AudioSocket() if fresh else started()).decode(message)
    assert (error.value.code, error.value.close) == (code, close)


def test_mutations() -> None:
    check_mutations(SESSION, AudioSocket)
