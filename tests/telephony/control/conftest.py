"""Phone systems that ring phones, in front of the small exchange; and an end of ours for what they ring."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr

from centralino.calling.ari import follow
from centralino.calling.ari_pbx import AriPbx, Channel
from centralino.calling.ari_rest import ari
from centralino.calling.asterisk import AsteriskDoor
from centralino.calling.asterisk_words import Words
from centralino.calling.door import nobody_watches
from centralino.calling.far_end import Dialling, FarEnd
from centralino.calling.rung.answering import ANSWERS, People
from centralino.calling.rung.sip_phone import SipPhone
from centralino.calling.rung.twilio_api import TwilioApi
from centralino.own_server import free_port
from telephony.control.controls import Controls
from telephony.control.twilio import TwilioControl
from telephony.doors.ari import Ari, AriSettings
from telephony.doors.asterisk import AsteriskSettings
from telephony.doors.registry import DoorSettings
from telephony.doors.twilio import TwilioSettings
from telephony.expected import Expected, Send
from telephony.media import MarkPlayed, Pacing, SoundOut
from telephony.sip.port import SipPort
from telephony.sip.settings import SipSettings
from tests.telephony.conftest import TWILIO_TOKEN, Engines, Exchange, served
from tests.telephony.sip.conftest import LOOPBACK

SID = "AC" + "0" * 32
SHOWN = "+390510000001"
ARI = {"username": "ari", "password": "ari-0123456789"}
PASSWORD = "asterisk-0123456789"


class Echo:
    """An end of ours: sends back what it hears, and knows what happened to it."""

    def __init__(self, call_id: str, send: Send) -> None:
        self.call_id, self._send = call_id, send
        self.heard = b""
        self.keys = ""
        self.over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._back: asyncio.Queue[bytes] = asyncio.Queue()

    async def run(self) -> str:
        sending = asyncio.create_task(self._send_back())
        try:
            return await self.over
        finally:
            sending.cancel()

    async def _send_back(self) -> None:
        while True:
            await self._send(SoundOut(await self._back.get()))

    def now_ms(self) -> int:
        return 0

    def hear(self, pcm: bytes) -> None:
        self.heard += pcm
        self._back.put_nowait(pcm)

    def press(self, key: str) -> None:
        self.keys += key

    def held(self, held: bool) -> None: ...

    def mark_played(self, mark: MarkPlayed) -> None: ...

    def flow(self, takes_sound: bool) -> None: ...

    def hung_up(self, reason: str) -> None:
        if not self.over.done():
            self.over.set_result(reason)

    def broken(self, reason: str, detail: str) -> None:
        self.hung_up(reason)


@dataclass
class System:
    """A phone system behind a door. anna: an address that it can ring; phone: hers, once she has answered."""

    door: str
    exchange: Exchange
    anna: str
    phone: Callable[[], FarEnd | None]
    shown_headers: Callable[[], dict[str, str]]
    echoes: list[Echo] = field(default_factory=list)

    @property
    def controls(self) -> Controls:
        return self.exchange.reception.controls

    def expect(self, call_id: str = "c-1") -> Expected:
        def begin(rate_hz: int, send: Send, pacing: Pacing) -> Any:
            self.echoes.append(Echo(call_id, send))
            return self.echoes[-1], self.echoes[-1].run()

        line = self.exchange.reception.lines.get("it")
        return self.controls.expect_leg(call_id, line, self.anna, self.door, begin)


@contextlib.asynccontextmanager
async def _twilio(engines: Engines, folder: Any, does: str) -> AsyncIterator[System]:
    anna = "+393331234567"
    async with served(engines, folder) as exchange:
        to = Dialling(exchange.url, "", "", nobody_watches, secrets={"auth_token": TWILIO_TOKEN})
        api = TwilioApi(SID, TWILIO_TOKEN, to, People({anna: does}))
        async with api.at(free_port()) as url:
            settings = TwilioSettings(account_sid=SID, number=SHOWN, api=url)
            control = TwilioControl(exchange.house, settings, TWILIO_TOKEN)
            exchange.reception.controls.add(control)
            yield System(
                "twilio", exchange, anna, lambda: api.phones.get(anna),
                lambda: {"x-call-id": api.parameters[anna]["call"]},
            )  # fmt: skip
            await control.close()


@contextlib.asynccontextmanager
async def _sip(engines: Engines, folder: Any, does: str) -> AsyncIterator[System]:
    phone = await SipPhone.open(does)
    async with served(engines, folder) as exchange:
        settings = SipSettings(port=0, trusted=[LOOPBACK], first_rtp_port=22_000, last_rtp_port=22_399)
        async with SipPort(exchange.house, settings):
            yield System(
                "sip", exchange, phone.address, lambda: phone if phone.answered.is_set() else None,
                lambda: phone.headers,
            )  # fmt: skip
    await phone.close()


@contextlib.asynccontextmanager
async def _ari(engines: Engines, folder: Any, does: str) -> AsyncIterator[System]:
    doors = DoorSettings(asterisk=AsteriskSettings(password=SecretStr(PASSWORD)))
    brought: list[FarEnd] = []
    following: list[asyncio.Task[None]] = []
    url = f"http://127.0.0.1:{free_port()}/ari"
    async with served(engines, folder, doors) as exchange:
        secrets = {"username": "asterisk", "password": PASSWORD}
        to = Dialling(exchange.url, "", "", nobody_watches, secrets=secrets)

        async def connect(channel: Channel, given: Any) -> None:
            variables = {name: value for name, value in given.items() if name.isupper()}
            words = Words(plain=False, channel=channel.id)
            door = await AsteriskDoor.connect(to, "/asterisk/media", given["format"], words, channel.id, variables)
            following.append(asyncio.create_task(follow(pbx, channel, door)))
            brought.append(door)

        pbx = AriPbx("centralino", connect, People({"PJSIP/anna": does}))
        settings = AriSettings(url=url, username=ARI["username"], password=SecretStr(ARI["password"]))
        async with ari(pbx, url, **ARI), Ari(exchange.house, settings).open():
            await pbx.listening.wait()

            def headers() -> dict[str, str]:
                channel = next(iter(pbx.channels.values()))
                return {"x-call-id": channel.variables["PJSIP_HEADER(add,X-Call-Id)"]}

            yield System("ari", exchange, "PJSIP/anna", lambda: brought[0] if brought else None, headers)
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        for door in brought:
            await door.close()


SYSTEMS = {"twilio": _twilio, "sip": _sip, "ari": _ari}

Ringing = Callable[..., AbstractAsyncContextManager[System]]


@pytest.fixture(params=list(SYSTEMS))
def system(request: pytest.FixtureRequest, engines: Engines, tmp_path: Any) -> Ringing:
    """system(does): a phone system on which anna does this when she is called."""

    def opened(does: str = ANSWERS) -> AbstractAsyncContextManager[System]:
        return SYSTEMS[request.param](engines, tmp_path, does)

    return opened
