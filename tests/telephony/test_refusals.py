"""Who proves nothing is turned away at every door, and counted, before any sound, model or history is touched."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from history import Timeline
from telephony.doors.registry import DoorSettings, ports
from telephony.sip.access import MOST_TRIES
from telephony.sip.port import SipPort
from tests.telephony.conftest import Engines, Exchange, served
from tests.telephony.sip.raw_phone import RawPhone
from tests.telephony.test_every_door import PHONE_SYSTEMS
from voice.listening.workers import Recognizers

pytestmark = pytest.mark.asyncio(loop_scope="session")

WRONG = {
    "Authorization": "Basic YXN0ZXJpc2s6d3JvbmctcGFzc3dvcmQ=",
    "X-Twilio-Signature": "d3Jvbmc=",
    "X-Plivo-Signature-V3": "d3Jvbmc=",
    "X-Plivo-Signature-V3-Nonce": "1",
    "X-SignalWire-Signature": "d3Jvbmc=",
    "telnyx-signature-ed25519": "d3Jvbmc=",
    "telnyx-timestamp": "1",
    "Jambonz-Signature": "t=1,v1=00",
    "X-API-KEY": "key0123456789",
    "Signature": "sig1=:d3Jvbmc=:",
    "Signature-Input": "sig1=()",
}
"""Of every phone system, its proof with something wrong in it."""
SOCKETS = [
    ("twilio", "/twilio/media", ""),
    ("telnyx", "/telnyx/media/made-up", ""),
    ("plivo", "/plivo/media/made-up", ""),
    ("signalwire", "/signalwire/media", ""),
    ("vonage", "/vonage/media", ""),
    ("asterisk", "/asterisk/media", "media"),
    ("jambonz", "/jambonz/media", "audio.jambonz.org"),
    ("genesys", "/genesys/audiohook", ""),
    ("freeswitch", "/freeswitch/media", "audio.example.org"),
    ("browser", "/ws/browser?ticket=made-up", ""),
    ("browser", "/ws/browser?resume=made-up", ""),
    ("operator", "/ws/operator?ticket=made-up", ""),
    ("vosk_server", "/vosk?key=made-up", ""),
]
WEBHOOKS = [
    *(
        (carrier, f"/{carrier}/{hook}")
        for carrier in ("twilio", "telnyx", "plivo", "signalwire")
        for hook in ("voice", "after", "status")
    ),
    ("vonage", "/vonage/answer"),
    ("vonage", "/vonage/event"),
    ("jambonz", "/jambonz/call"),
    ("jambonz", "/jambonz/after"),
    ("jambonz", "/jambonz/status"),
    ("asterisk", "/asterisk/after"),
    ("audiosocket", "/asterisk/audiosocket"),
    ("audiosocket", "/asterisk/audiosocket/after"),
]  # fmt: skip


class Untouched:
    """Recognizers that no stranger may reach."""

    def __init__(self, real: Recognizers) -> None:
        self.real = real

    async def open(self, language: str) -> Any:
        raise AssertionError("a recognizer was opened for somebody who had proved nothing")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@dataclass
class House:
    """sip, audiosocket: the ports of our own."""

    exchange: Exchange
    sip: int
    audiosocket: int

    async def counts(self, door: str, times: int) -> None:
        async with asyncio.timeout(20):
            while self.exchange.house.refused[door] < times:
                await asyncio.sleep(0.02)

    @contextlib.asynccontextmanager
    async def turns_away(self, door: str, times: int = 1) -> AsyncIterator[None]:
        """What happens in the context is refused, counted so often, and leaves nothing behind."""
        refused, figures = self.exchange.house.refused, self.exchange.reception.figures()
        before = refused[door]
        yield
        await self.counts(door, before + times)
        assert refused[door] == before + times
        assert self.exchange.reception.figures() == figures
        timeline = Timeline(self.exchange.journal.path)
        assert await timeline.list_interactions(limit=5) == []
        await timeline.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """All doors are open; SIP takes calls of one user."""
    sections = {name: section for system in PHONE_SYSTEMS.values() for name, section in system.doors.items()}
    del sections["ari"]  # there this server is the one that connects
    sections["sip"] = {**sections["sip"], "trusted": [], "users": {"anna": "s3cret"}}
    doors = DoorSettings.model_validate({**sections, "vosk_server": {"keys": ["0123456789abcdef0123456789abcdef"]}})
    strict = replace(engines, recognizers=cast(Recognizers, Untouched(engines.recognizers)))
    folder: Path = tmp_path_factory.mktemp("refusals")
    async with contextlib.AsyncExitStack() as stack:
        exchange = await stack.enter_async_context(served(strict, folder, doors))
        opened: list[Any] = [await stack.enter_async_context(port) for port in ports(exchange.house, doors)]
        (sip,) = (port.agent.address[1] for port in opened if isinstance(port, SipPort))
        (audiosocket,) = (port[0] for port in opened if isinstance(port, list))
        yield House(exchange, sip, audiosocket)


@pytest.mark.parametrize("headers", [{}, WRONG], ids=["nothing", "wrong"])
@pytest.mark.parametrize(("door", "path", "subprotocol"), SOCKETS)
async def test_a_websocket(house: House, door: str, path: str, subprotocol: str, headers: dict[str, str]) -> None:
    async with house.turns_away(door):
        with pytest.raises(InvalidStatus) as answer:
            await connect(
                house.exchange.ws_url(path), additional_headers=headers, compression=None,
                subprotocols=[Subprotocol(subprotocol)] if subprotocol else None,
            )  # fmt: skip
        assert answer.value.response.status_code in (401, 403)


@pytest.mark.parametrize("headers", [{}, WRONG], ids=["nothing", "wrong"])
@pytest.mark.parametrize(("door", "path"), WEBHOOKS)
async def test_a_webhook(house: House, door: str, path: str, headers: dict[str, str]) -> None:
    async with house.turns_away(door), httpx.AsyncClient(base_url=house.exchange.url) as client:
        answer = await client.post(path, data={"line": "it", "CallSid": "CA1", "To": "it"}, headers=headers)
        assert answer.status_code in (401, 403)


async def test_a_name_that_was_not_announced_to_audiosocket(house: House) -> None:
    async with house.turns_away("audiosocket"):
        reader, writer = await asyncio.open_connection("127.0.0.1", house.audiosocket)
        writer.write(b"\x01\x00\x10" + uuid.uuid4().bytes)
        with contextlib.suppress(ConnectionError):
            while await asyncio.wait_for(reader.read(4096), 20):
                pass
        writer.close()


async def test_strangers_to_the_sip_port_are_counted_even_when_they_are_told_nothing_any_more(house: House) -> None:
    wrong = 'Digest username="anna", realm="centralino", nonce="made-up", uri="sip:it", response="00", qop=auth, nc=1'
    async with house.turns_away("sip", times=MOST_TRIES + 3):
        for number in range(MOST_TRIES + 3):
            phone = await RawPhone().open(("127.0.0.1", house.sip))
            phone.send("INVITE", phone.describe(), Authorization=wrong)
            if number < MOST_TRIES:
                assert (await phone.answer("INVITE")).status_code == 403
            else:
                await house.counts("sip", number + 1)
                assert phone.statuses() == []
            phone.close()
