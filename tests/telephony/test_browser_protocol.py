"""The browser door: a whole session, our frames, and everything a page can get wrong."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telephony.media import Clear, HungUp, KeyPressed, Mark, MarkPlayed, ProtocolError, SoundIn, SoundOut, Started, Tell
from telephony.protocols.browser import Browser
from tests.telephony.mutations import check_mutations

START = '{"type":"start","line":"IT","caller":"+39021234","rate_hz":16000}'
SOUND = bytes(range(64))
SESSION: tuple[str | bytes, ...] = (
    START,
    SOUND,
    '{"type":"dtmf","digit":"5"}',
    '{"type":"mark","name":"p1"}',
    '{"type":"stop"}',
)
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def started() -> Browser:
    protocol = Browser()
    protocol.decode(START)
    return protocol


def test_a_whole_session_becomes_media_events() -> None:
    protocol = Browser()
    assert [event for frame in SESSION for event in protocol.decode(frame)] == [
        Started(ref="", line="IT", caller="+39021234"),
        SoundIn(SOUND),
        KeyPressed("5"),
        MarkPlayed("p1"),
        HungUp("caller_hung_up"),
    ]


def test_the_caller_may_be_withheld() -> None:
    assert Browser().decode('{"type":"start","line":"IT","rate_hz":16000}') == (Started(ref="", line="IT"),)


def test_commands_become_frames() -> None:
    protocol = started()
    assert protocol.encode(SoundOut(SOUND)) == (SOUND,)
    assert protocol.encode(Mark("p7")) == ('{"type": "mark", "name": "p7"}',)
    assert protocol.encode(Clear()) == ('{"type": "clear"}',)
    (told,) = protocol.encode(Tell({"type": "transcript", "text": "città"}))
    assert isinstance(told, str)
    assert json.loads(told) == {"type": "transcript", "text": "città"}


def start(**values: object) -> str:
    return json.dumps({"type": "start", "line": "IT", "rate_hz": 16000, **values})


BEFORE_START: list[tuple[str | bytes, str, int]] = [
    ("{", "malformed_frame", 1003),
    ("[]", "malformed_frame", 1003),
    ("{}", "malformed_frame", 1003),
    ('{"type":5}', "malformed_frame", 1003),
    (json.dumps({"type": "x" * 60_000}), "malformed_frame", 1003),
    (SOUND, "wrong_order", 1008),
    ('{"type":"dtmf","digit":"5"}', "wrong_order", 1008),
    ('{"type":"stop"}', "wrong_order", 1008),
    (start(rate_hz=8000), "wrong_codec", 1003),
    (start(rate_hz="16000"), "wrong_codec", 1003),
    (start(rate_hz="\ud800" * 10_000), "wrong_codec", 1003),
    (start(rate_hz=[[[]]]), "wrong_codec", 1003),
    (start(line=None), "malformed_frame", 1003),
    (start(line="x" * 65), "malformed_frame", 1003),
    (start(line="\udfff"), "malformed_frame", 1003),
    (start(caller=39), "malformed_frame", 1003),
    (start(caller="3" * 65), "malformed_frame", 1003),
]
AFTER_START: list[tuple[str | bytes, str, int]] = [
    (START, "second_start", 1008),
    (b"\x00", "wrong_codec", 1003),
    ('{"type":"video"}', "malformed_frame", 1003),
    ('{"type":"dtmf"}', "malformed_frame", 1003),
    ('{"type":"dtmf","digit":"A5"}', "malformed_frame", 1003),
    ('{"type":"mark"}', "malformed_frame", 1003),
    (json.dumps({"type": "mark", "name": "p" * 257}), "malformed_frame", 1003),
]


def refused(protocol: Browser, frame: str | bytes, code: str, close: int) -> None:
    with pytest.raises(ProtocolError) as error:
        protocol.decode(frame)
    assert (error.value.code, error.value.close) == (code, close)
    assert 0 < len(error.value.detail.encode()) < 300


@pytest.mark.parametrize(("frame", "code", "close"), BEFORE_START)
def test_before_the_start(frame: str | bytes, code: str, close: int) -> None:
    protocol = Browser()
    refused(protocol, frame, code, close)
    refused(protocol, SOUND, "wrong_order", 1008)  # it has not started anything


@pytest.mark.parametrize(("frame", "code", "close"), AFTER_START)
def test_after_the_start(frame: str | bytes, code: str, close: int) -> None:
    refused(started(), frame, code, close)


def error_of(protocol: Browser, frame: str | bytes) -> ProtocolError | None:
    try:
        protocol.decode(frame)
    except ProtocolError as error:
        return error
    return None


words = st.sampled_from(["type", "start", "line", "caller", "rate_hz", "dtmf", "digit", "mark", "name", "stop"])
values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | words | st.just(16000)
objects = st.dictionaries(words, values | st.lists(values, max_size=2), max_size=5).map(json.dumps)
pieces = st.sampled_from(SESSION) | objects | st.binary(max_size=9) | st.text(max_size=30)


@PATIENT
@given(st.lists(pieces, max_size=8))
def test_whatever_a_page_sends_nothing_but_a_protocol_error_comes_of_it(frames: list[str | bytes]) -> None:
    protocol = Browser()
    for frame in frames:
        error = error_of(protocol, frame)
        if error:
            assert error.close in (1003, 1008)
            assert len(error.detail.encode()) < 300
            return


def test_mutations() -> None:
    check_mutations(SESSION, Browser)
