"""Genesys AudioHook: a whole session, our messages, prompts that were played, and all a far end can get wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from telephony.media import (
    Clear,
    Command,
    Complained,
    HangUp,
    Held,
    HungUp,
    KeyPressed,
    Mark,
    MarkPlayed,
    MediaEvent,
    ProtocolError,
    Reply,
    SoundIn,
    SoundOut,
    Started,
    Tell,
)
from telephony.protocols.genesys import GenesysAudioHook
from tests.telephony.mutations import check_mutations
from tests.telephony.sessions import recorded
from voice import g711

SESSION = "30b0e395-84d3-4570-ac13-9a62d8f514c0"
ORGANIZATION = "d7934305-0972-4844-938e-9060eef73d05"
OPEN = str(recorded("genesys")[0])
READY = Tell({"type": "ready", "call_id": "c1"})


class Answered(GenesysAudioHook):
    """Behaves as behind a door: a call that begins is answered, speaks, and marks the end of its prompt."""

    def __init__(self, line: str = "") -> None:
        super().__init__(SESSION, ORGANIZATION, line)
        self.sent: list[str | bytes] = []

    def decode(self, message: str | bytes) -> Sequence[MediaEvent]:
        events = super().decode(message)
        for event in events:
            if isinstance(event, Started):
                self.say(READY)
            if isinstance(event, Reply):
                self.sent += event.messages
                if json.loads(event.messages[0])["type"] == "pong":
                    self.say(SoundOut(bytes(3200)), Mark("p1"))
        return events

    def say(self, *commands: Command) -> list[Any]:
        """What these commands send; JSON decoded."""
        messages = [message for command in commands for message in self.encode(command)]
        self.sent += messages
        return [json.loads(message) if isinstance(message, str) else message for message in messages]


def message(kind: str, seq: int, serverseq: int = 1, **parameters: Any) -> str:
    numbers = {"seq": seq, "serverseq": serverseq, "position": "PT1S"}
    return json.dumps({"version": "2", "id": SESSION, "type": kind, **numbers, "parameters": parameters})


def opened(**changes: Any) -> Answered:
    """After an `open` with these parameters changed."""
    frame = json.loads(OPEN)
    frame["parameters"] |= changes
    protocol = Answered()
    protocol.decode(json.dumps(frame))
    return protocol


def test_a_whole_session_becomes_media_events() -> None:
    protocol = Answered()
    events = [event for one in recorded("genesys") for event in protocol.decode(one) if not isinstance(event, Reply)]
    assert events == [
        Started("090eaa2f-72fa-480a-83e0-8667ff89c0ec", line="+390510000001", caller="+39021234"),
        SoundIn(g711.mulaw_to_pcm(bytes.fromhex("7eff0080ff7e"))),
        SoundIn(g711.mulaw_to_pcm(bytes.fromhex("ffffffff"))),
        MarkPlayed("p1"),
        KeyPressed("#"),
        Held(True),
        Held(False),
        Complained("error_429", "Rate limit exceeded"),
        HungUp(),
    ]


def test_what_is_answered_in_that_session_byte_for_byte() -> None:
    protocol = Answered()
    for one in recorded("genesys"):
        protocol.decode(one)
    head = f'"id": "{SESSION}", "parameters": '
    media = (
        '{"media": [{"type": "audio", "format": "PCMU", "channels": ["external"], "rate": 8000}], "startPaused": false}'
    )
    turn = '{"entities": [{"type": "bot_turn_response", "data": {"disposition": "match"}}]}'
    assert protocol.sent == [
        f'{{"version": "2", "type": "opened", "seq": 1, "clientseq": 1, {head}{media}}}',
        f'{{"version": "2", "type": "pong", "seq": 2, "clientseq": 2, {head}{{}}}}',
        b"\xff" * 1600,
        f'{{"version": "2", "type": "event", "seq": 3, "clientseq": 2, {head}{turn}}}',
        f'{{"version": "2", "type": "updated", "seq": 4, "clientseq": 9, {head}{{}}}}',
        f'{{"version": "2", "type": "closed", "seq": 5, "clientseq": 10, {head}{{}}}}',
    ]


def test_our_commands() -> None:
    protocol = opened()
    assert [frame["type"] for frame in protocol.say(Clear())] == ["event"]
    (left,) = protocol.say(HangUp("bot_ended"))
    assert left["type"] == "disconnect"
    variables = {"centralino_call_id": "c1", "centralino_end": "bot_ended"}
    assert left["parameters"] == {"reason": "completed", "info": "bot_ended", "outputVariables": variables}
    assert protocol.say(SoundOut(bytes(16000)), Mark("p"), Clear(), HangUp("bot_ended")) == []  # nothing after that


@pytest.mark.parametrize("reason", ["failed", "server_stopped", "too_long"])
def test_a_flow_learns_that_a_call_did_not_come_to_its_own_end(reason: str) -> None:
    (left,) = opened().say(HangUp(reason))
    assert left["parameters"]["reason"] == "error"
    assert left["parameters"]["outputVariables"]["centralino_end"] == reason


def test_sound_goes_out_in_few_messages_and_in_fewer_when_genesys_complains() -> None:
    protocol = opened()
    frame = bytes(320)
    assert [len(sound) for sound in protocol.say(*[SoundOut(frame)] * 50)] == [2400] * 3
    assert len(protocol.say(Mark("p1"))[0]) == 8000 - 3 * 2400
    for seq in range(2, 9):
        protocol.decode(message("error", seq, code=429, message="Rate limit exceeded"))
    assert [len(sound) for sound in protocol.say(*[SoundOut(frame)] * 130)] == [9600, 9600]


def test_a_prompt_was_played_when_its_end_was_known_to_who_says_so() -> None:
    protocol = opened()
    protocol.say(SoundOut(bytes(3200)), Mark("p1"))  # our message 2
    assert protocol.decode(message("playback_completed", 2, serverseq=1)) == []  # of what came before, or ran dry
    protocol.say(SoundOut(bytes(3200)), Mark("p2"))
    assert protocol.decode(message("playback_completed", 3, serverseq=3)) == [MarkPlayed("p1"), MarkPlayed("p2")]


def test_what_was_interrupted_was_not_played() -> None:
    protocol = opened()
    protocol.say(SoundOut(bytes(3200)), Mark("p1"), Clear())
    assert protocol.decode(message("playback_completed", 2, serverseq=3)) == []


def test_two_channels_are_taken_apart_and_one_is_preferred() -> None:
    both = {"type": "audio", "format": "PCMU", "channels": ["internal", "external"], "rate": 8000}
    alone = {**both, "channels": ["external"]}
    assert opened(media=[both]).decode(b"\x00\x7e\x00\xff") == (SoundIn(g711.mulaw_to_pcm(b"\x7e\xff")),)
    assert json.loads(opened(media=[both, alone]).sent[0])["parameters"]["media"] == [alone]
    with pytest.raises(ProtocolError, match="2 channels in 3 bytes"):
        opened(media=[both]).decode(b"\x00\x7e\x00")


@pytest.mark.parametrize(
    ("line", "variables", "dialled", "expected"),
    [
        ("it", {"line": "en"}, "+39051", "it"),
        ("", {"line": "en"}, "+39051", "en"),
        ("", {}, "tel:+39-051 (00)", "+3905100"),
        ("", None, "sip:+39051@pbx.example", "+39051"),
    ],
)
def test_where_the_line_comes_from(line: str, variables: Any, dialled: str, expected: str) -> None:
    frame = json.loads(OPEN)
    frame["parameters"]["inputVariables"] = variables
    frame["parameters"]["participant"]["dnis"] = dialled
    (started,) = GenesysAudioHook(SESSION, ORGANIZATION, line).decode(json.dumps(frame))
    assert isinstance(started, Started)
    assert started.line == expected


def test_a_connection_that_is_only_tried_out_begins_no_call() -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    protocol = Answered()
    frame = json.loads(OPEN)
    frame["parameters"] |= {
        "conversationId": nobody, "participant": {"id": nobody, "ani": "", "aniName": "", "dnis": ""},
    }  # fmt: skip
    (reply,) = protocol.decode(json.dumps(frame))
    assert isinstance(reply, Reply)
    assert protocol.decode(b"\xff" * 160) == ()
    assert protocol.decode(message("dtmf", 2, digit="1")) == ()
    (reply,) = protocol.decode(message("close", 3, reason="end"))
    assert isinstance(reply, Reply)
    assert [json.loads(str(one))["type"] for one in protocol.sent] == ["opened", "closed"]


def test_who_was_left_is_still_answered_politely() -> None:
    protocol = opened()
    protocol.say(HangUp("bot_ended"))
    assert protocol.decode(b"\xff" * 160) == ()
    (reply,) = protocol.decode(message("close", 2, serverseq=2, reason="disconnect"))
    assert isinstance(reply, Reply)
    assert protocol.decode(message("ping", 3, serverseq=3)) == ()


def test_genesys_may_close_for_an_error_of_its_own() -> None:
    assert opened().decode(message("close", 2, reason="error"))[1:] == (HungUp("far_end_error"),)


def test_what_is_new_to_us_is_no_fault() -> None:
    assert opened().decode(message("something_new", 2)) == []


AFTER_OPEN = [
    ("a gap", message("ping", 3), "wrong_order", 1008),
    ("twice the same", message("ping", 1), "wrong_order", 1008),
    ("ahead of us", message("ping", 2, serverseq=2), "wrong_order", 1008),
    ("a second open", OPEN.replace('"seq":1', '"seq":2'), "second_start", 1008),
    ("no seq", message("ping", 2).replace('"seq"', '"no"'), "malformed_frame", 1003),
    ("a negative seq", message("ping", -1), "malformed_frame", 1003),
    ("another session", message("ping", 2).replace(SESSION, ORGANIZATION), "malformed_frame", 1003),
    ("another version", message("ping", 2).replace('"2"', '"3"'), "malformed_frame", 1003),
    ("no parameters", message("ping", 2).replace("parameters", "p"), "malformed_frame", 1003),
    ("two keys", message("dtmf", 2, digit="12"), "malformed_frame", 1003),
    ("an error without a code", message("error", 2), "malformed_frame", 1003),
    ("not JSON", "{", "malformed_frame", 1003),
]


@pytest.mark.parametrize(("wrong", "code", "close"), [case[1:] for case in AFTER_OPEN], ids=[c[0] for c in AFTER_OPEN])
def test_after_the_open(wrong: str, code: str, close: int) -> None:
    with pytest.raises(ProtocolError) as error:
        opened().decode(wrong)
    assert (error.value.code, error.value.close) == (code, close)


BEFORE_OPEN = [
    ("sound", b"\xff" * 160, "wrong_order"),
    ("a ping", message("ping", 1, serverseq=0), "wrong_order"),
    ("another organisation", OPEN.replace(ORGANIZATION, SESSION), "malformed_frame"),
    ("no participant", OPEN.replace('"participant"', '"somebody"'), "malformed_frame"),
    ("nothing we can hear", OPEN.replace("PCMU", "L16"), "wrong_codec"),
    ("only the agent", OPEN.replace('"external"', '"internal"'), "wrong_codec"),
    ("no media", OPEN.replace('"media":[', '"media":{},"x":['), "wrong_codec"),
]


@pytest.mark.parametrize(("wrong", "code"), [case[1:] for case in BEFORE_OPEN], ids=[case[0] for case in BEFORE_OPEN])
def test_before_the_open(wrong: str | bytes, code: str) -> None:
    with pytest.raises(ProtocolError) as error:
        Answered().decode(wrong)
    assert error.value.code == code


def test_whatever_a_far_end_sends_nothing_but_a_protocol_error_comes_of_it() -> None:
    check_mutations(recorded("genesys"), Answered)
