"""chan_websocket: what Asterisk 22.10 sent, what it is told, and everything a far end can get wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from telephony.media import (
    Clear,
    Complained,
    Flow,
    HangUp,
    KeyPressed,
    Mark,
    MarkPlayed,
    MediaEvent,
    ProtocolError,
    SendKeys,
    SoundIn,
    SoundOut,
    Started,
    Tell,
)
from telephony.protocols.asterisk import LARGEST_SOUND, MOST_MARKS, ChanWebsocket
from tests.telephony.mutations import check_mutations
from tests.telephony.sessions import recorded
from voice import g711

JSON, PLAIN = recorded("asterisk"), recorded("asterisk_plain")
START = str(JSON[0])
PCM = bytes.fromhex("0000ffff01000200feff7f00")


def started(session: list[str | bytes] = JSON) -> ChanWebsocket:
    protocol = ChanWebsocket()
    protocol.decode(session[0])
    return protocol


def decoded(protocol: ChanWebsocket, *messages: str | bytes) -> list[MediaEvent]:
    return [event for message in messages for event in protocol.decode(message)]


def changed(**what: Any) -> str:
    """The first event with other values; without those that are None."""
    return json.dumps({name: value for name, value in {**json.loads(START), **what}.items() if value is not None})


def event(kind: str, **content: Any) -> str:
    return json.dumps({"event": kind, "channel_id": "1.1", **content})


def processed(number: str) -> str:
    return event("MEDIA_MARK_PROCESSED", correlation_id=number)


def commands(messages: Any) -> list[str]:
    return [json.loads(message)["command"] if isinstance(message, str) else "sound" for message in messages]


def test_a_whole_session_in_json() -> None:
    protocol = ChanWebsocket()
    (began,) = protocol.decode(JSON[0])
    assert began == Started(
        ref="1795319601.39",
        line="libreria",
        caller="+39021234",
        parameters={
            "CENTRALINO_REF": "1795319601.39", "CENTRALINO_CALLER": "+39021234", "CENTRALINO_LINE": "libreria",
        },
    )  # fmt: skip
    assert protocol.rate_hz == 16000
    protocol.encode(Mark("p1"))
    assert decoded(protocol, *JSON[1:]) == [
        SoundIn(PCM),
        MarkPlayed("p1"),
        KeyPressed("1"),
        Flow(takes_sound=False),
        Flow(takes_sound=True),
        Complained("far_end_error", "Unable to parse JSON command"),
        SoundIn(PCM),
    ]


def test_a_whole_session_in_plain_text() -> None:
    protocol = ChanWebsocket()
    assert protocol.decode(PLAIN[0]) == (Started(ref="1795319469.16"),)
    assert protocol.rate_hz == 8000
    protocol.encode(Mark("p1"))
    sound = SoundIn(g711.mulaw_to_pcm(bytes.fromhex("7eff0080ff7e")))
    assert decoded(protocol, *PLAIN[1:]) == [
        sound,
        MarkPlayed("p1"),
        KeyPressed("1"),
        Flow(takes_sound=False),
        Flow(takes_sound=True),
        Complained("far_end_error", "START_MEDIA_BUFFERING not supported in passthrough mode"),
        sound,
    ]


def test_a_prompt_is_buffered_marked_and_flushed_in_json() -> None:
    protocol = started()
    assert protocol.encode(SoundOut(PCM)) == ['{"command": "START_MEDIA_BUFFERING"}', PCM]
    assert protocol.encode(SoundOut(PCM)) == [PCM]
    assert protocol.encode(Mark("p1")) == [
        '{"command": "STOP_MEDIA_BUFFERING"}',
        '{"command": "MARK_MEDIA", "correlation_id": "1"}',
    ]
    assert commands(protocol.encode(SoundOut(PCM))) == ["START_MEDIA_BUFFERING", "sound"]
    assert protocol.encode(Clear()) == ['{"command": "REPORT_QUEUE_DRAINED"}', '{"command": "FLUSH_MEDIA"}']
    assert commands(protocol.encode(SoundOut(PCM))) == ["START_MEDIA_BUFFERING", "sound"]  # the flush ended the other
    assert protocol.encode(HangUp("bot_ended")) == ['{"command": "HANGUP"}']
    assert protocol.encode(Tell({"type": "ready"})) == protocol.encode(SendKeys("1")) == ()


def test_the_same_in_plain_text_and_mu_law() -> None:
    protocol = started(PLAIN)
    assert protocol.encode(SoundOut(bytes(4))) == ["START_MEDIA_BUFFERING", b"\xff\xff"]
    assert protocol.encode(Mark("p1")) == ["STOP_MEDIA_BUFFERING", "MARK_MEDIA 1"]
    assert protocol.encode(Clear()) == ["REPORT_QUEUE_DRAINED", "FLUSH_MEDIA"]
    assert protocol.encode(HangUp("bot_ended")) == ["HANGUP"]


def test_no_command_is_longer_than_asterisk_reads() -> None:
    protocol = started()
    for _ in range(1000):
        protocol.encode(SoundOut(PCM))
        longest = max(len(message) for message in protocol.encode(Mark("a mark's name of any length " * 9)))
    assert longest <= 128


def test_sound_goes_in_messages_that_asterisk_reads() -> None:
    _, *parts = started().encode(SoundOut(bytes(100_000)))
    assert [len(part) for part in parts] == [LARGEST_SOUND, 100_000 - LARGEST_SOUND]


def test_a_flush_swallows_marks_and_the_empty_queue_brings_them_back() -> None:
    protocol = started()
    protocol.encode(Mark("p1"))
    protocol.encode(Mark("p2"))
    protocol.encode(Clear())
    assert decoded(protocol, processed("1")) == []
    assert decoded(protocol, event("QUEUE_DRAINED")) == [MarkPlayed("p1"), MarkPlayed("p2")]
    assert decoded(protocol, event("QUEUE_DRAINED")) == []


def test_a_mark_that_was_played_stands_for_those_before_it() -> None:
    protocol = started()
    protocol.encode(Mark("flushed"))
    protocol.encode(Clear())
    protocol.encode(Mark("p2"))
    protocol.encode(Mark("p3"))
    assert decoded(protocol, processed("3")) == [MarkPlayed("flushed"), MarkPlayed("p2"), MarkPlayed("p3")]
    assert decoded(protocol, processed("2"), processed("77"), event("QUEUE_DRAINED")) == []


def test_marks_that_never_come_back_are_forgotten() -> None:
    protocol = started()
    for number in range(5 * MOST_MARKS):
        protocol.encode(Mark(f"p{number}"))
    protocol.encode(Clear())
    assert len(decoded(protocol, event("QUEUE_DRAINED"))) == MOST_MARKS


@pytest.mark.parametrize(("codec", "rate_hz"), [("slin16", 16000), ("slin", 8000), ("ulaw", 8000), ("alaw", 8000)])
def test_the_codecs_that_are_taken(codec: str, rate_hz: int) -> None:
    protocol = ChanWebsocket()
    protocol.decode(changed(format=codec))
    assert protocol.rate_hz == rate_hz
    _, sent = protocol.encode(SoundOut(bytes(rate_hz // 25)))
    assert len(sent) == rate_hz // (25 if "slin" in codec else 50)
    (heard,) = protocol.decode(sent)
    assert isinstance(heard, SoundIn)
    assert max(abs(value) for value in memoryview(heard.pcm).cast("h")) <= 8  # A-law has no zero


@pytest.mark.parametrize("name", ["CENTRALINO_TOKEN", "_CENTRALINO_TOKEN", "__CENTRALINO_TOKEN"])
def test_variables_by_any_number_of_underscores(name: str) -> None:
    (began,) = ChanWebsocket().decode(changed(channel_variables={name: "t", "OTHER": {"odd": 1}}))
    assert began == Started(ref="1795319602.41", token="t", parameters={"CENTRALINO_TOKEN": "t"})


def test_what_a_later_asterisk_may_say_ends_no_call() -> None:
    assert decoded(started(), event("MEDIA_TEA")) == [Complained("unknown_event", "'MEDIA_TEA'")]
    assert decoded(started(), event("DTMF_END", digit="A")) == []


BEFORE = [
    ("a key", event("DTMF_END", digit="1"), "wrong_order", 1008),
    ("sound", PCM, "wrong_order", 1008),
    ("an unknown event", event("MEDIA_TEA"), "wrong_order", 1008),
    ("nothing", "", "wrong_order", 1008),
    ("not JSON", "{", "malformed_frame", 1003),
    ("a JSON list", "[]", "wrong_order", 1008),
    ("no event", "{}", "malformed_frame", 1003),
    ("an event that is a number", '{"event": 1}', "malformed_frame", 1003),
    ("an event without end", "X" * 60_000, "malformed_frame", 1003),
    ("no format", changed(format=None), "malformed_frame", 1003),
    ("plain text without a format", "MEDIA_START channel_id:1", "malformed_frame", 1003),
    ("another codec", changed(format="opus"), "wrong_codec", 1003),
    ("a format that is a list", changed(format=["slin"]), "malformed_frame", 1003),
    ("no channel", changed(channel_id=None, channel_variables={}), "malformed_frame", 1003),
    ("variables in a list", changed(channel_variables=[]), "malformed_frame", 1003),
    ("a variable that is a number", changed(channel_variables={"CENTRALINO_LINE": 1}), "malformed_frame", 1003),
    ("a variable without end", changed(channel_variables={"CENTRALINO_LINE": "x" * 513}), "malformed_frame", 1003),
    ("half a character", changed(channel_variables={"CENTRALINO_LINE": "\ud800"}), "malformed_frame", 1003),
]
AFTER = [
    ("a second start", START, "second_start", 1008),
    ("a second start in plain text", PLAIN[0], "second_start", 1008),
    ("half a sample", b"\0", "wrong_codec", 1003),
    ("no digit", event("DTMF_END"), "malformed_frame", 1003),
    ("two digits", event("DTMF_END", digit="12"), "malformed_frame", 1003),
    ("no key of a phone", event("DTMF_END", digit="x"), "malformed_frame", 1003),
    ("a mark without a number", event("MEDIA_MARK_PROCESSED"), "malformed_frame", 1003),
    ("a mark whose number is one", event("MEDIA_MARK_PROCESSED", correlation_id=1), "malformed_frame", 1003),
]


@pytest.mark.parametrize(
    ("protocol", "message", "code", "close"),
    [(ChanWebsocket, *case[1:]) for case in BEFORE] + [(started, *case[1:]) for case in AFTER],
    ids=[f"{case[0]} before the start" for case in BEFORE] + [case[0] for case in AFTER],
)
def test_what_is_refused(protocol: Any, message: str | bytes, code: str, close: int) -> None:
    with pytest.raises(ProtocolError) as error:
        protocol().decode(message)
    assert (error.value.code, error.value.close) == (code, close)
    assert 0 < len(error.value.detail.encode()) < 300


def test_a_wrong_codec_names_the_announced_call_and_the_way_out() -> None:
    with pytest.raises(ProtocolError, match=r"ask for c\(slin16\)") as error:
        ChanWebsocket().decode(changed(format="opus", channel_variables={"CENTRALINO_TOKEN": "t0k"}))
    assert error.value.token == "t0k"


@pytest.mark.parametrize("session", [JSON, PLAIN], ids=["json", "plain text"])
def test_mutations(session: list[str | bytes]) -> None:
    check_mutations(session, ChanWebsocket)
