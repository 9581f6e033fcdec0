"""Whole calls through the carriers' doors: our far ends of each carrier, on real sockets, against a real server."""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from centralino.calling import CallResult, ExpectHangUp, HangUp, Keys, Move, Script, Silence, WaitForQuiet, place_call
from centralino.calling.door import CallRefused, Happening
from centralino.calling.vonage import signed_jwt
from history import InteractionDetail
from telephony.doors.plivo import PlivoSettings
from telephony.doors.registry import DoorSettings
from telephony.doors.signalwire import SignalWireSettings
from telephony.doors.telnyx import TelnyxSettings
from telephony.doors.vonage import VonageSettings
from tests.telephony.conftest import NUMBER, TWILIO_TOKEN, Engines, Exchange, served

pytestmark = pytest.mark.asyncio(loop_scope="session")

PRIVATE_KEY = bytes(range(32))
PUBLIC_KEY = Ed25519PrivateKey.from_private_bytes(PRIVATE_KEY).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
SECRET = "0123456789abcdef0123456789abcdef"
SECRETS: Mapping[str, Mapping[str, str]] = {
    "twilio": {"auth_token": TWILIO_TOKEN},
    "telnyx": {"private_key": base64.b64encode(PRIVATE_KEY).decode()},
    "signalwire": {"signing_key": SECRET},
    "plivo": {"auth_token": SECRET},
    "vonage": {"signature_secret": SECRET},
}
DOORS = sorted(SECRETS)
TALKING = ("plivo", "signalwire", "telnyx", "vonage")
"""Those whose calls are heard here, all at once; Twilio's are in `test_doors.py` and in tests/calls."""
ENDS = {"telnyx": ("Hangup",), "signalwire": ("Hangup",), "plivo": ("Hangup",), "vonage": ()}
STREAM_STATUSES = {
    "telnyx": ["stream-started", "stream-stopped"],
    "signalwire": ["stream-started", "stream-stopped"],
    "plivo": ["StartStream", "StopStream"],
    "vonage": ["answered", "disconnected"],
}


def settings(codec: str = "PCMU") -> DoorSettings:
    return DoorSettings(
        telnyx=TelnyxSettings(public_key=base64.b64encode(PUBLIC_KEY).decode(), codec=codec),  # type: ignore[arg-type]
        signalwire=SignalWireSettings(signing_key=SecretStr(SECRET)),
        plivo=PlivoSettings(auth_token=SecretStr(SECRET)),
        vonage=VonageSettings(signature_secret=SecretStr(SECRET)),
    )


@dataclass
class Called:
    result: CallResult
    detail: InteractionDetail
    happened: list[Happening]


@dataclass
class Carriers:
    exchange: Exchange

    async def call(self, door: str, *moves: Move, line: str = NUMBER, **more: Any) -> Called:
        caller = f"+39051{secrets.randbelow(10**7):07}"
        happened: list[Happening] = []
        result = await place_call(
            self.exchange.url, door=door, line=line, script=Script(moves, max_ms=20_000), caller=caller,
            secrets=more.get("secrets", SECRETS[door]), observer=happened.append,
        )  # fmt: skip
        return Called(result, await self.exchange.ended(caller=caller), happened)

    async def calls(self, *moves: Move) -> dict[str, Called]:
        """One call through each of the doors, at the same time."""
        called = await asyncio.gather(*(self.call(door, *moves) for door in TALKING))
        return dict(zip(TALKING, called, strict=True))

    async def said_of(self, called: Called) -> list[tuple[str, str]]:
        """What the carrier said of it: of what, and which status."""
        events = await self.exchange.events(called.detail.interaction.id)
        said = [event.payload for event in events if event.type == "carrier.status"]
        return [(payload["of"], payload["status"]) for payload in said]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def carriers(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carriers]:
    async with served(engines, tmp_path_factory.mktemp("carriers"), settings()) as exchange:
        yield Carriers(exchange)


async def test_calls_to_their_proper_end(carriers: Carriers) -> None:
    for door, called in (await carriers.calls(WaitForQuiet(300), Keys("7"), ExpectHangUp())).items():
        result, interaction = called.result, called.detail.interaction
        assert result.protocol_errors == (), door
        assert (result.outcome, result.hung_up_by) == ("completed", "bot"), (door, result.outcome_why)
        assert result.afterwards == ENDS[door], door
        assert (interaction.door, interaction.end_reason, interaction.outcome) == (door, "bot_ended", "answered")
        spoken = [(turn.text, turn.interrupted) for turn in called.detail.transcript]
        assert spoken == [("Automatico.", False), ("Un tasto?", False), ("Ciao.", False)], door
        assert await carriers.said_of(called) == [("stream", said) for said in STREAM_STATUSES[door]]


async def test_a_key_interrupts_and_what_was_sent_ahead_is_not_played(carriers: Carriers) -> None:
    for door, called in (await carriers.calls(Silence(1000), Keys("7"), ExpectHangUp())).items():
        assert called.result.protocol_errors == (), door
        assert any(happening.kind == "clear" for happening in called.happened), door
        assert not any(turn.text == "Un tasto?" and not turn.interrupted for turn in called.detail.transcript), door
        assert (called.detail.transcript[-1].text, called.result.hung_up_by) == ("Ciao.", "bot"), door


async def test_a_caller_who_hangs_up_needs_nobody_afterwards(carriers: Carriers) -> None:
    for door, called in (await carriers.calls(Silence(200), HangUp())).items():
        assert called.detail.interaction.end_reason == "caller_hung_up", door
        assert (called.result.hung_up_by, called.result.afterwards) == ("caller", ()), door


@pytest.mark.parametrize("door", DOORS)
async def test_a_number_that_is_no_line_is_turned_away(carriers: Carriers, door: str) -> None:
    with pytest.raises(CallRefused, match=r"Reject|Hangup|nothing"):
        await carriers.call(door, line="+390519999999")


@pytest.mark.parametrize("door", DOORS)
async def test_a_caller_with_another_secret_is_refused_and_counted(carriers: Carriers, door: str) -> None:
    refused, figures = carriers.exchange.house.refused, carriers.exchange.reception.figures()
    before = refused[door]
    other = {name: base64.b64encode(b"another secret, of 32 bytes, too").decode() for name in SECRETS[door]}
    with pytest.raises(CallRefused, match="403"):
        await carriers.call(door, secrets=other)
    assert refused[door] == before + 1
    assert carriers.exchange.reception.figures() == figures
    assert SECRET not in str(carriers.exchange.logged)


@pytest.mark.parametrize("door", DOORS)
async def test_a_websocket_that_shows_nothing_is_refused_and_counted(carriers: Carriers, door: str) -> None:
    refused = carriers.exchange.house.refused
    for path, headers in (
        (f"/{door}/media", {}),
        (f"/{door}/media/made-up", {"Authorization": "Bearer made-up"}),
        (f"/{door}/media", {"Authorization": "Bearer è", "X-Twilio-Signature": "x"}),
    ):
        before = refused[door]
        with pytest.raises(InvalidStatus) as error:
            await connect(carriers.exchange.ws_url(path), additional_headers=headers, compression=None)
        assert error.value.response.status_code in (403, 404)
        if path == f"/{door}/media":
            assert refused[door] == before + 1


async def test_vonages_signature_opens_a_socket_but_only_its_token_a_call(carriers: Carriers) -> None:
    jwt = signed_jwt(SECRET, int(time.time()), None)
    before = carriers.exchange.house.refused["vonage"]
    url = carriers.exchange.ws_url("/vonage/media")
    async with connect(url, additional_headers={"Authorization": f"Bearer {jwt}"}, compression=None) as socket:
        first = '{"event":"websocket:connected","content-type":"audio/l16;rate=16000","token":"made-up","call":"CON-1"}'
        await socket.send(first)
        await socket.wait_closed()
    assert (socket.close_code, socket.close_reason) == (1008, "the token is unknown, used or too old")
    assert carriers.exchange.house.refused["vonage"] == before + 1


async def test_vonages_webhooks_are_posts_because_a_get_is_not_signed(carriers: Carriers) -> None:
    headers = {"Authorization": f"Bearer {signed_jwt(SECRET, int(time.time()), b'')}"}
    async with httpx.AsyncClient(base_url=carriers.exchange.url, headers=headers) as client:
        assert (await client.get("/vonage/answer?to=390510000001&from=39021234")).status_code == 405
        for body in (b"", b"[" * 30_000, b"\xff\xfe", b'"text"'):
            signed = {"Authorization": f"Bearer {signed_jwt(SECRET, int(time.time()), body)}"}
            answer = await client.post("/vonage/answer", content=body, headers=signed)
            assert (answer.status_code, answer.json()) == (200, [])


async def test_telnyx_in_linear_sound(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> None:
    async with served(engines, tmp_path_factory.mktemp("telnyx"), settings(codec="L16")) as exchange:
        called = await Carriers(exchange).call("telnyx", WaitForQuiet(300), Keys("7"), ExpectHangUp())
    assert called.result.protocol_errors == ()
    assert (called.result.outcome, called.result.hung_up_by) == ("completed", "bot")
    assert called.detail.interaction.end_reason == "bot_ended"


async def test_what_cannot_be_taken_goes_to_a_human_in_the_carriers_own_words(
    engines: Engines, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with served(engines, tmp_path_factory.mktemp("full"), settings()) as exchange:
        await exchange.reception.close(0)
        for door in DOORS:
            with pytest.raises(CallRefused, match=r"Say|Speak|talk"):
                await place_call(exchange.url, door=door, line=NUMBER, script=Script(()), secrets=SECRETS[door])
