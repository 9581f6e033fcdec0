"""mod_audio_fork's protocol, as jambonz and as FreeSWITCH speak it: whole sessions, our frames, its traps."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.media import Clear, HangUp, KeyPressed, Mark, MarkPlayed, ProtocolError, SoundIn, SoundOut, Started, Tell
from telephony.protocols.audio_fork import MOST_MARKS, AudioFork
from telephony.protocols.freeswitch import FreeswitchAudioFork
from telephony.protocols.jambonz import JambonzListen
from tests.telephony.mutations import check_mutations
from tests.telephony.sessions import recorded

SESSIONS = {"jambonz": lambda: JambonzListen(16000), "freeswitch": lambda: FreeswitchAudioFork(16000)}
CHUNK_BYTES = 2560
"""80 ms at 16 kHz."""


def started() -> JambonzListen:
    protocol = JambonzListen(16000)
    protocol.decode(recorded("jambonz")[0])
    return protocol


def sent(protocol: AudioFork, *commands: Any) -> list[Any]:
    """The wire messages; JSON decoded."""
    messages = [message for command in commands for message in protocol.encode(command)]
    return [json.loads(message) if isinstance(message, str) else message for message in messages]


def test_a_whole_session_of_jambonz_becomes_media_events() -> None:
    protocol = JambonzListen(16000)
    events = [event for message in recorded("jambonz") for event in protocol.decode(message)]
    assert events == [
        Started("3ac6cc2d-7d3f-4d5a-8c52-6b3f0a4f6b11", token="s3cr3t", line="+390510000001", caller="+39021234"),
        SoundIn(bytes.fromhex("0000f1ff0f00ffff7f00")),
        SoundIn(bytes.fromhex("01000200")),
        MarkPlayed("p1"),
        KeyPressed("5"),
        MarkPlayed("p2"),
        SoundIn(bytes.fromhex("0300")),
        KeyPressed("#"),
    ]


def test_a_whole_session_of_freeswitch_becomes_media_events() -> None:
    protocol = FreeswitchAudioFork(16000)
    events = [event for message in recorded("freeswitch") for event in protocol.decode(message)]
    assert events == [
        Started("f2c1a9a6-3a0b-4a6e-9c55-0b6f5d2d9e1c", line="+390510000001", caller="+39021234"),
        SoundIn(bytes.fromhex("0000f1ff0f00ffff7f00")),
        KeyPressed("4"),
        MarkPlayed("p1"),
        SoundIn(bytes.fromhex("01000200")),
    ]


def test_commands_become_exactly_the_frames_the_module_reads() -> None:
    protocol = started()
    assert protocol.encode(Mark("p7")) == ('{"type": "mark", "data": {"name": "p7"}}',)
    assert protocol.encode(Clear()) == ('{"type": "killAudio"}',)
    assert protocol.encode(HangUp("bot_ended")) == ('{"type": "disconnect", "data": {"reason": "bot_ended"}}',)
    assert protocol.encode(Tell({"type": "ready"})) == ()


def test_sound_goes_out_in_whole_chunks_and_a_prompt_ends_with_silence() -> None:
    protocol = started()
    frame = b"\x05\x00" * 320
    assert sent(protocol, SoundOut(frame), SoundOut(frame), SoundOut(frame)) == []
    assert sent(protocol, SoundOut(frame), SoundOut(frame)) == [frame * 4]
    assert sent(protocol, Mark("p1")) == [frame + bytes(3 * 640), {"type": "mark", "data": {"name": "p1"}}]


def test_a_prompt_that_is_cut_off_leaves_nothing_for_the_next_one() -> None:
    protocol = started()
    assert sent(protocol, SoundOut(b"\x05\x00" * 320), Clear()) == [{"type": "killAudio"}]
    assert sent(protocol, SoundOut(b"\x07\x00" * 1280)) == [b"\x07\x00" * 1280]


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=4000))
def test_no_sample_of_ours_is_taken_for_a_mark(samples: list[int]) -> None:
    pcm = np.array(samples, dtype="<i2").tobytes()
    played = b"".join(message for message in sent(started(), SoundOut(pcm), Mark("p1")) if isinstance(message, bytes))
    heard = np.frombuffer(played, dtype="<i2")
    assert -1 not in heard
    assert [0 if sample == -1 else sample for sample in samples] == heard[: len(samples)].tolist()


def test_marks_beyond_what_the_module_keeps_are_not_sent() -> None:
    protocol = started()
    marks = sent(protocol, *(Mark(f"p{n}") for n in range(MOST_MARKS + 2)))
    assert len(marks) == MOST_MARKS
    protocol.decode('{"type": "mark", "data": {"name":"p0", "event": "playout"}}')
    assert sent(protocol, Mark("q")) == [{"type": "mark", "data": {"name": "q"}}]


def test_marks_that_were_dropped_within_the_sound_are_paid_back_with_the_next_sound() -> None:
    protocol = started()
    sound = b"\x05\x00" * 1280
    sent(
        protocol, SoundOut(sound), Mark("p1"), SoundOut(sound), Mark("p2"), Clear()
    )  # p1 is in the sound, p2 behind it
    assert sent(protocol, SoundOut(sound)) == [b"\xff\xff" + sound]
    assert sent(protocol, SoundOut(sound)) == [sound]


def test_a_mark_that_came_back_is_not_paid_for() -> None:
    protocol = started()
    sound = b"\x05\x00" * 1280
    sent(protocol, SoundOut(sound), Mark("p1"), SoundOut(sound))
    protocol.decode('{"type": "mark", "data": {"name":"p1", "event": "playout"}}')
    assert sent(protocol, Clear(), SoundOut(sound))[1:] == [sound]


FIRST = json.loads(str(recorded("jambonz")[0]))
WRONG = [
    ("not JSON", "{", "malformed_frame", 1003),
    ("sound first", b"\x00\x00", "wrong_order", 1008),
    ("another rate", json.dumps({**FIRST, "sampleRate": 8000}), "wrong_codec", 1003),
    ("two channels", json.dumps({**FIRST, "mixType": "stereo"}), "wrong_codec", 1003),
    ("no call", json.dumps({**FIRST, "callSid": None}), "malformed_frame", 1003),
    ("a token that is no string", json.dumps({**FIRST, "token": 7}), "malformed_frame", 1003),
]


@pytest.mark.parametrize(("message", "code", "close"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_call_that_begins_wrongly(message: str | bytes, code: str, close: int) -> None:
    with pytest.raises(ProtocolError) as error:
        JambonzListen(16000).decode(message)
    assert (error.value.code, error.value.close) == (code, close)


def test_a_call_in_the_wrong_rate_can_still_be_found() -> None:
    with pytest.raises(ProtocolError) as error:
        JambonzListen(8000).decode(recorded("jambonz")[0])
    assert error.value.token == "s3cr3t"


@pytest.mark.parametrize(
    ("metadata", "code"),
    [('{"caller":"+39021234"}', "malformed_frame"), ('{"line":"it","sampleRate":8000}', "wrong_codec")],
)
def test_metadata_of_freeswitch_that_cannot_be_used(metadata: str, code: str) -> None:
    with pytest.raises(ProtocolError) as error:
        FreeswitchAudioFork(16000).decode(metadata)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"\x00", "wrong_codec"),
        ('{"event":"dtmf","dtmf":"12"}', "malformed_frame"),
        ('{"event":"dtmf","dtmf":"x"}', "malformed_frame"),
        ('{"type":"mark"}', "malformed_frame"),
        ('{"type":"mark","data":{"name":7}}', "malformed_frame"),
    ],
)
def test_what_cannot_come_in_a_call(message: str | bytes, code: str) -> None:
    with pytest.raises(ProtocolError) as error:
        started().decode(message)
    assert error.value.code == code


@pytest.mark.parametrize("session", SESSIONS)
def test_whatever_a_far_end_sends_nothing_but_a_protocol_error_comes_of_it(session: str) -> None:
    check_mutations(recorded(session), SESSIONS[session])
