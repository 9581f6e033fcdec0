"""What each phone system is asked for, in its own words; what it may answer; and what it cannot do."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from centralino.calling import twiml
from centralino.calling.rung.answering import BUSY, People
from centralino.calling.rung.event_socket import EventSocketServer
from centralino.calling.rung.rest_api import RestApi
from centralino.own_server import free_port
from telephony.control.contract import CallControl, CannotDo, ControlFailed, Deed, Order
from telephony.control.controls import Controls
from telephony.control.freeswitch import FreeswitchControl
from telephony.control.genesys import GenesysControl
from telephony.control.jambonz import JambonzControl
from telephony.control.legs import Leg, Outcome
from telephony.control.telnyx import TelnyxControl
from telephony.control.vonage import VonageControl
from telephony.doors.freeswitch import FreeswitchCalling, FreeswitchSettings
from telephony.doors.house import House
from telephony.doors.jambonz import JambonzCalling
from telephony.doors.telnyx import TelnyxCalling, TelnyxSettings
from telephony.doors.vonage import VonageCalling
from telephony.expected import Expected
from telephony.media import Command, HandOver
from telephony.protocols.genesys import GenesysAudioHook

pytestmark = pytest.mark.asyncio(loop_scope="session")

RSA = rsa.generate_private_key(65537, 2048)
PEM = RSA.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
TO, SHOWN = "+393331234567", "+390510000001"


def house() -> House:
    return House(cast(Any, SimpleNamespace(controls=Controls())), "https://phone.example.org")


def expected(door: str) -> Expected:
    line = cast(Any, SimpleNamespace(id="it"))
    return Expected("call-77", line, TO, door, "", "", "t0k3n")


@dataclass
class Carrier:
    control: CallControl
    api: RestApi
    ref: str


@contextlib.asynccontextmanager
async def telnyx() -> AsyncIterator[Carrier]:
    api = RestApi("/v2/texml/Accounts/acc-1", lambda given: given == "Bearer key-1", (200, {"call_sid": "v3:abc"}))
    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    async with api.at(free_port()) as url:
        calling = TelnyxCalling(
            api_key=SecretStr("key-1"), account_sid="acc-1", application_id="app-1", number=SHOWN, api=url
        )
        settings = TelnyxSettings(public_key=base64.b64encode(key).decode(), calling=calling)
        control = TelnyxControl(house(), settings, calling)
        yield Carrier(control, api, "v3:abc")
        await control.close()


def _signed(given: str) -> bool:
    try:
        claims = jwt.decode(given.removeprefix("Bearer "), RSA.public_key(), algorithms=["RS256"])
    except jwt.PyJWTError:
        return False
    return bool(claims["application_id"] == "app-1" and claims["jti"])


@contextlib.asynccontextmanager
async def vonage() -> AsyncIterator[Carrier]:
    made = {"uuid": "leg-1", "conversation_uuid": "CON-1", "status": "started", "direction": "outbound"}
    api = RestApi("/v1", _signed, (201, made))
    async with api.at(free_port()) as url:
        calling = VonageCalling(application_id="app-1", private_key=SecretStr(PEM), number=SHOWN, api=url)
        control = VonageControl(house(), calling)
        control.also_called("CON-1", "leg-1")
        yield Carrier(control, api, "leg-1")
        await control.close()


@contextlib.asynccontextmanager
async def jambonz() -> AsyncIterator[Carrier]:
    api = RestApi("/v1/Accounts/acc-1", lambda given: given == "Bearer key-1", (201, {"sid": "js-1"}))
    async with api.at(free_port()) as url:
        calling = JambonzCalling(
            account_sid="acc-1", application_sid="app-1", api_key=SecretStr("key-1"), number=SHOWN, api=url
        )
        control = JambonzControl(house(), calling)
        yield Carrier(control, api, "js-1")
        await control.close()


CARRIERS = {"telnyx": telnyx, "vonage": vonage, "jambonz": jambonz}
REFS = {"telnyx": "v3:abc", "vonage": "CON-1", "jambonz": "js-1"}


@pytest.mark.parametrize("name", CARRIERS)
async def test_a_number_is_rung(name: str) -> None:
    async with CARRIERS[name]() as carrier:
        leg = Leg(name, "t0k3n")
        await carrier.control.ring(Order(TO, ring_s=20), expected(name), leg)
        assert leg.ref == REFS[name]
        body = dict(carrier.api.asked[0].body)
        assert "call-77" in json.dumps(body) or name == "telnyx"  # a number's stream has its token only
        if name == "telnyx":
            plan = twiml.parse(body.pop("Texml"), twiml.TELNYX)
            assert plan.stream_url == "wss://phone.example.org/telnyx/media/t0k3n"
            assert [str(verb) for verb in plan.verbs] == ["Hangup"]
            assert body["ApplicationSid"] == "app-1"
            assert (body["To"], body["From"], body["Timeout"]) == (TO, SHOWN, "20")
        elif name == "vonage":
            assert body["to"] == [{"type": "phone", "number": TO[1:]}]
            assert body["ringing_timer"] == 20
            (connect,) = body["ncco"]
            assert connect["endpoint"][0]["headers"]["token"] == "t0k3n"
            assert "eventUrl" not in connect
        else:
            assert body["call_hook"] == {"url": "https://phone.example.org/jambonz/leg/t0k3n", "method": "POST"}
            assert body["to"] == {"type": "phone", "number": TO}
            assert body["headers"] == {"X-Call-Id": "call-77"}


@pytest.mark.parametrize("name", CARRIERS)
async def test_a_call_is_transferred_and_hung_up_and_what_is_gone_is_no_error(name: str) -> None:
    async with CARRIERS[name]() as carrier:
        carrier.api.calls.add(carrier.ref.replace(":", "%3A") if name == "telnyx" else carrier.ref)
        carrier.api.calls.add(carrier.ref)
        await carrier.control.transfer(REFS[name], Order(TO, SHOWN), "call-77")
        asked = carrier.api.asked[-1]
        if name == "jambonz":
            hook = asked.body["call_hook"]["url"].rpartition("/")[2]
            laid_down = carrier.control.verbs(hook)
            assert laid_down
            assert laid_down[0]["target"] == [{"type": "phone", "number": TO}]
            assert carrier.control.verbs(hook) is None
        else:
            assert TO[1:] in json.dumps(asked.body)
        await carrier.control.hang_up(REFS[name])
        carrier.api.calls.clear()
        await carrier.control.hang_up(REFS[name])
        with pytest.raises(ControlFailed):
            await carrier.control.transfer(REFS[name], Order(TO), "call-77")


@pytest.mark.parametrize("broken", ["garbage", "list", "error", "nothing"])
@pytest.mark.parametrize("name", CARRIERS)
async def test_a_carrier_that_answers_nonsense(name: str, broken: str) -> None:
    async with CARRIERS[name]() as carrier:
        carrier.api.broken = broken
        with pytest.raises(ControlFailed) as failed:
            await carrier.control.ring(Order(TO), expected(name), Leg(name, "t0k3n"))
        for secret in ("key-1", "t0k3n", "PRIVATE"):
            assert secret not in str(failed.value)


@pytest.mark.parametrize("name", CARRIERS)
async def test_only_numbers_and_sip_addresses_are_rung(name: str) -> None:
    async with CARRIERS[name]() as carrier:
        carrier.control.reaches("sip:anna@pbx.example")
        for wrong in ("PJSIP/anna", "0511234567", "+39051\r\nX: y", "sip:anna"):
            with pytest.raises(CannotDo):
                carrier.control.reaches(wrong)
        assert carrier.api.asked == []


async def test_vonage_presses_keys() -> None:
    async with vonage() as carrier:
        carrier.api.calls.add("leg-1")
        await carrier.control.send_keys("CON-1", "12#")
        assert (carrier.api.asked[0].path, carrier.api.asked[0].body) == ("/calls/leg-1/dtmf", {"digits": "12#"})


# ----------------------------------------------------------------------------------------------------------- FreeSWITCH


@contextlib.asynccontextmanager
async def freeswitch(**who: str) -> AsyncIterator[tuple[FreeswitchControl, EventSocketServer]]:
    server, port = EventSocketServer("ClueCon", People(who)), free_port()
    async with server.at(port):
        calling = FreeswitchCalling(port=port, password=SecretStr("ClueCon"), dial="sofia/gateway/trunk/{to}")
        settings = FreeswitchSettings(password=SecretStr("0123456789ab"), calling=calling)
        control = FreeswitchControl(house(), settings, calling)
        yield control, server
        await control.close()


async def test_freeswitch_rings_and_brings_the_sound() -> None:
    async with freeswitch() as (control, server):
        leg = Leg("freeswitch", "t0k3n")
        await control.ring(Order(TO, SHOWN, 20), expected("freeswitch"), leg)
        async with asyncio.timeout(10):
            while len(server.commands) < 2:
                await asyncio.sleep(0.01)
        originate, fork = server.commands
        assert originate.endswith(f"sofia/gateway/trunk/{TO} &park()")
        assert "sip_h_X-Call-Id=call-77" in originate
        assert "originate_timeout=20" in originate
        words = fork.split()
        assert words[:4] == ["uuid_audio_fork", leg.ref, "start", "wss://phone.example.org/freeswitch/media"]
        assert json.loads(words[7])["token"] == "t0k3n"
        await control.send_keys(leg.ref, "1")
        await control.hold(leg.ref, True)
        await control.hang_up(leg.ref)
        await control.hang_up(leg.ref)
        with pytest.raises(ControlFailed, match="No such channel"):
            await control.transfer(leg.ref, Order(TO), "call-77")
        with pytest.raises(ControlFailed):
            await control.hang_up("x\nuuid_kill all")


async def test_freeswitch_busy_and_refused() -> None:
    async with freeswitch(**{f"sofia/gateway/trunk/{TO}": BUSY}) as (control, server):
        leg = Leg("freeswitch", "t0k3n")
        await control.ring(Order(TO), expected("freeswitch"), leg)
        assert await leg.outcome() is Outcome.BUSY
        server.password = "another"
        await control.close()
        with pytest.raises(ControlFailed, match="password is wrong"):
            await control.ring(Order(TO), expected("freeswitch"), Leg("freeswitch", "t0k3n"))


@pytest.mark.parametrize(
    "nonsense", [b"Content-Type: api/response\nContent-Length: many\n\n", b"\x00" * 4000, b"x:y\n" * 300, b"\n\n\n"]
)
async def test_freeswitch_that_speaks_nonsense(nonsense: bytes) -> None:
    async with freeswitch() as (control, server):
        await control.hang_up("a")
        server.broken = nonsense
        with pytest.raises(ControlFailed):
            await control.hold("a", True)


# ------------------------------------------------------------------------------------------------------------- Genesys


async def test_genesys_is_left_with_words_for_its_flow() -> None:
    controls, sent = Controls(), list[Command]()

    async def send(command: Command) -> None:
        sent.append(command)

    controls.answered("call-77", "genesys", "g-1", send)
    control = GenesysControl(controls)
    await control.transfer("g-1", Order(TO), "call-77")
    assert sent == [HandOver(TO, "call-77")]
    protocol = GenesysAudioHook("s", "o", "it")
    protocol._state = "opened"
    (message,) = protocol.encode(sent[0])
    said = json.loads(message)["parameters"]
    assert (said["reason"], said["outputVariables"]["transfer_to"]) == ("completed", TO)
    with pytest.raises(CannotDo, match="Architect"):
        control.check(Deed.DIAL)
    with pytest.raises(ControlFailed, match="gone"):
        await control.transfer("g-2", Order(TO), "another")
