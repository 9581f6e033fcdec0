"""Whole calls over real sockets, from far ends that behave as jambonz, FreeSWITCH's fork and Genesys do.

`MARK_GRACE_MS` is put out of reach: a call comes to its end only when these far ends confirm what they played.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from centralino.calling import (
    CallRefused,
    CallResult,
    ExpectHangUp,
    ExpectSpeech,
    HangUp,
    Happening,
    Keys,
    Move,
    Observer,
    Script,
    Silence,
    WaitForQuiet,
    place_call,
)
from centralino.calling.genesys_signing import signed_headers
from centralino.calling.jambonz import signature
from dialogs.loading import read_flowbook
from telephony import playback
from telephony.doors import genesys
from telephony.doors.registry import DoorSettings
from tests.telephony.conftest import FLOWBOOK, MOST_CALLS, NUMBER, Engines, Exchange, served

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRETS: dict[str, dict[str, Any]] = {
    "jambonz": {"webhook_secret": "wh_0123456789abcdef"},
    "freeswitch": {
        "username": "pbx", "password": "0123456789abcdef", "subprotocol": "audio.example.org", "sample_rate_hz": 8000,
    },
    "genesys": {"api_key": "key0123456789", "client_secret": base64.b64encode(b"0123456789abcdef" * 2).decode()},
}  # fmt: skip
DOORS = list(SECRETS)
ENDED = {
    "jambonz": ("hangup",),
    "freeswitch": ("hangup",),
    "genesys": ("centralino_call_id={call_id}", "centralino_end=bot_ended"),
}
"""What each phone system does after a call that came to its own end."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Exchange]:
    async with served(engines, tmp_path_factory.mktemp("doors"), DoorSettings(**SECRETS)) as exchange:
        yield exchange


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def talkative_exchange(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Exchange]:
    """Asks a question that takes longer than the rest of a call."""
    question = "Prema un tasto qualunque quando vuole e se non ne ha voglia aspetti pure con calma. "
    book = read_flowbook(FLOWBOOK.replace("Un tasto?", question * 3))
    line = replace(engines.line, book=book)
    await engines.speaker.prerender([(text, line.voice) for text in book.spoken_texts("it")])
    folder = tmp_path_factory.mktemp("talkative")
    async with served(replace(engines, line=line), folder, DoorSettings(**SECRETS)) as exchange:
        yield exchange


@pytest.fixture
def talkative(talkative_exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> Exchange:
    monkeypatch.setattr(playback, "MARK_GRACE_MS", 600_000)
    return talkative_exchange


@pytest.fixture
def house(shared: Exchange, monkeypatch: pytest.MonkeyPatch) -> Exchange:
    monkeypatch.setattr(playback, "MARK_GRACE_MS", 600_000)
    shared.logged.clear()
    shared.house.refused.clear()
    return shared


async def call(
    house: Exchange, door: str, *moves: Move, line: str = NUMBER, observer: Observer | None = None, **secrets: Any
) -> CallResult:
    known = {name: str(value) for name, value in {**SECRETS[door], **secrets}.items()}
    script = Script(moves, max_ms=20_000)
    return await place_call(
        house.url, door=door, line=line, script=script, secrets=known, caller="+39021234", observer=observer
    )


@pytest.mark.parametrize("door", DOORS)
async def test_a_call_to_its_proper_end(house: Exchange, door: str) -> None:
    result = await call(house, door, WaitForQuiet(), Keys("5"), ExpectHangUp())
    assert result.protocol_errors == ()
    assert (result.outcome, result.hung_up_by, result.ended_why) == ("completed", "bot", "bot_ended")
    detail = await house.ended(ref=result.call_id)
    assert (detail.interaction.door, detail.interaction.caller) == (door, "+39021234")
    assert (detail.interaction.end_reason, detail.interaction.outcome) == ("bot_ended", "answered")
    assert result.afterwards == tuple(part.format(call_id=detail.interaction.id) for part in ENDED[door])


@pytest.mark.parametrize("door", DOORS)
async def test_a_key_silences_a_bot_that_talks_too_long(talkative: Exchange, door: str) -> None:
    seen: list[Happening] = []
    moves = (ExpectSpeech(10_000), Silence(1500), Keys("5"), ExpectHangUp())
    result = await call(talkative, door, *moves, observer=seen.append)
    assert (result.outcome, result.hung_up_by, result.protocol_errors) == ("completed", "bot", ())
    detail = await talkative.ended(ref=result.call_id)
    said = [event.payload for event in await talkative.events(detail.interaction.id) if event.type == "transcript"]
    assert [turn["interrupted"] for turn in said] == [False, True, False]
    assert [happening.kind for happening in seen].count("clear") == 1


@pytest.mark.parametrize("door", DOORS)
async def test_a_caller_who_hangs_up(house: Exchange, door: str) -> None:
    result = await call(house, door, ExpectSpeech(10_000), HangUp())
    assert (result.hung_up_by, result.protocol_errors, result.afterwards) == ("caller", (), ())
    assert (await house.ended(ref=result.call_id)).interaction.end_reason == "caller_hung_up"


@pytest.mark.parametrize(
    ("door", "says"),
    [("jambonz", "sip:decline 404"), ("freeswitch", "no line 'nowhere'"), ("genesys", "no line 'nowhere'")],
)
async def test_an_unknown_line(house: Exchange, door: str, says: str) -> None:
    if door == "freeswitch":  # its first frame says which line it calls
        result = await call(house, door, ExpectSpeech(10_000), line="nowhere")
        assert result.hung_up_by == "lost"
        assert says in result.ended_why
    else:
        with pytest.raises(CallRefused, match=says):
            await call(house, door, line="nowhere")
    assert (await house.ended(line="nowhere", door=door)).interaction.end_reason == "unknown_line"


async def test_more_calls_than_allowed(house: Exchange) -> None:
    tokens = [(await webhook(house, sid=f"many{n}")).json()[0]["metadata"]["token"] for n in range(MOST_CALLS)]
    verbs = (await webhook(house, sid="late")).json()
    assert [verb["verb"] for verb in verbs] == ["say", "hangup"]
    with pytest.raises(CallRefused, match="as many as most_calls allows"):
        await call(house, "genesys", ExpectSpeech(10_000))
    for token in tokens:
        expected = house.reception.claim(token)
        assert expected
        await house.reception.give_up(expected, "caller_hung_up")


# -------------------------------------------------------------------------------------------------- who is not believed


@pytest.mark.parametrize(
    ("door", "secrets"),
    [
        ("jambonz", {"webhook_secret": "another secret"}),
        ("freeswitch", {"password": "another password"}),
        ("freeswitch", {"username": "another"}),
        ("freeswitch", {"subprotocol": "media"}),
        ("genesys", {"api_key": "another key"}),
        ("genesys", {"client_secret": base64.b64encode(b"another").decode()}),
    ],
)
async def test_who_does_not_prove_it_is_refused_before_anything_is_done(
    house: Exchange, door: str, secrets: dict[str, str]
) -> None:
    asked = house.reception.figures()
    with pytest.raises(CallRefused, match="403"):
        await call(house, door, **secrets)
    assert house.house.refused == {door: 1}
    assert house.reception.figures() == asked
    for secret in [*SECRETS[door].values(), *secrets.values()]:
        assert door == "freeswitch" or str(secret) not in str(house.logged)


async def test_a_webhook_of_jambonz_and_its_stream_need_each_other(house: Exchange) -> None:
    for path in ("/jambonz/call", "/jambonz/after", "/jambonz/status"):
        assert (await webhook(house, path, secret="wrong")).status_code == 403
    listen = (await webhook(house, sid="c1")).json()[0]
    with pytest.raises(InvalidStatus):
        await fork(house, "/jambonz/media", "centralino", "wrong", "audio.jambonz.org")
    with pytest.raises(InvalidStatus):
        await fork(house, "/jambonz/media", *listen["wsAuth"].values(), "audio.drachtio.org")
    assert house.house.refused == {"jambonz": 5}
    attributes = {"sampleRate": 16000, "mixType": "mono", "callSid": "c1", "from": "+39021234", "to": NUMBER}
    socket = await fork(house, "/jambonz/media", *listen["wsAuth"].values(), "audio.jambonz.org")
    await socket.send(json.dumps({**attributes, "callSid": "c2", **listen["metadata"]}))
    await socket.wait_closed()
    assert (socket.close_code, socket.close_reason) == (1008, "the token belongs to another call")
    assert (await house.ended(ref="c1")).interaction.end_reason == "wrong_call"


async def test_what_jambonz_says_of_a_call_is_kept(house: Exchange) -> None:
    await webhook(house, sid="gone")
    status = await webhook(house, "/jambonz/status", sid="gone", call_status="completed", sip_status=487)
    assert status.status_code == 204
    detail = await house.ended(ref="gone")
    assert detail.interaction.end_reason == "caller_hung_up"
    said = [event.payload for event in await house.events(detail.interaction.id) if event.type == "carrier.status"]
    assert said == [{"of": "call", "status": "completed", "detail": "487"}]
    after = (await webhook(house, "/jambonz/after", sid="never heard of")).json()
    assert [verb["verb"] for verb in after] == ["say", "hangup"]


async def test_a_signature_of_genesys_opens_one_session(house: Exchange) -> None:
    headers = genesys_headers(house)
    socket = await connect(house.ws_url("/genesys/audiohook"), additional_headers=headers, compression=None)
    with pytest.raises(InvalidStatus):
        await connect(house.ws_url("/genesys/audiohook"), additional_headers=headers, compression=None)
    for path in ("/genesys/audiohook/it", "/genesys/audiohook?line=it"):
        with pytest.raises(InvalidStatus):  # signed for another address
            await connect(house.ws_url(path), additional_headers=genesys_headers(house), compression=None)
    assert house.house.refused == {"genesys": 3}
    await socket.close()


# -------------------------------------------------------------------------------------------------- who speaks nonsense


@pytest.mark.parametrize(
    ("message", "close", "reason"),
    [(b"\x00", 1003, "wrong_codec"), ("{", 1003, "malformed_frame"), (bytes(64 * 1024 + 2), 1009, "frame_too_big")],
)
async def test_a_fork_that_misbehaves_ends_its_own_call(
    house: Exchange, message: str | bytes, close: int, reason: str
) -> None:
    known = SECRETS["freeswitch"]
    socket = await fork(house, "/freeswitch/media", known["username"], known["password"], known["subprotocol"])
    await socket.send(json.dumps({"line": NUMBER, "call": f"bad {reason}"}))
    assert isinstance(await socket.recv(), bytes)  # it speaks
    await socket.send(message)
    await socket.wait_closed()
    assert socket.close_code == close
    assert (await house.ended(ref=f"bad {reason}")).interaction.end_reason == reason


async def test_a_session_out_of_order_ends_with_a_word_for_the_flow(
    house: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(genesys, "LEAVE_S", 0.05)  # this far end does not take leave
    headers = genesys_headers(house)
    session = headers["Audiohook-Session-Id"]
    socket = await connect(house.ws_url("/genesys/audiohook"), additional_headers=headers, compression=None)

    async def say(kind: str, seq: int, **parameters: Any) -> None:
        numbers = {"version": "2", "id": session, "seq": seq, "serverseq": 0, "position": "PT0S"}
        await socket.send(json.dumps({**numbers, "type": kind, "parameters": parameters}))

    media = [{"type": "audio", "format": "PCMU", "channels": ["external"], "rate": 8000}]
    participant = {"id": "p", "ani": "+39021234", "aniName": "", "dnis": NUMBER}
    await say("open", 1, organizationId="org", conversationId="gap", participant=participant, media=media)
    assert json.loads(await socket.recv())["type"] == "opened"
    await say("ping", 3)
    left: dict[str, Any] = {"type": ""}
    while left["type"] != "disconnect":
        message = await socket.recv()
        left = json.loads(message) if isinstance(message, str) else left
    assert left["parameters"]["reason"] == "error"
    assert left["parameters"]["outputVariables"]["centralino_end"] == "wrong_order"
    await socket.wait_closed()
    assert socket.close_code == 1008
    assert (await house.ended(ref="gap")).interaction.end_reason == "wrong_order"


async def webhook(
    house: Exchange, path: str = "/jambonz/call", sid: str = "c0", secret: str = "", **more: Any
) -> httpx.Response:
    """A webhook of jambonz, signed."""
    body = json.dumps({"call_sid": sid, "from": "+39021234", "to": NUMBER, **more}).encode()
    signed = signature(secret or SECRETS["jambonz"]["webhook_secret"], int(time.time()), body)
    async with httpx.AsyncClient() as client:
        return await client.post(house.url + path, content=body, headers={"Jambonz-Signature": signed})


async def fork(house: Exchange, path: str, username: str, password: str, subprotocol: str) -> ClientConnection:
    shown = base64.b64encode(f"{username}:{password}".encode()).decode()
    return await connect(
        house.ws_url(path),
        additional_headers={"Authorization": f"Basic {shown}"},
        subprotocols=[Subprotocol(subprotocol)],
        compression=None,
    )


def genesys_headers(house: Exchange) -> dict[str, str]:
    known = SECRETS["genesys"]
    url = house.url + "/genesys/audiohook"
    return signed_headers(
        url, known["api_key"], known["client_secret"], "org", "session", "correlation", int(time.time())
    )
