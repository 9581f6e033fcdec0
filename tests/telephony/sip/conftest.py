"""A SIP port on loopback in front of the small exchange."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from centralino.calling.door import Happening
from centralino.calling.far_end import Dialling
from centralino.calling.sip import SipDoor
from telephony.doors.house import House
from telephony.sip.port import SipPort
from telephony.sip.settings import SipSettings
from tests.telephony.conftest import NUMBER, Exchange

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


class SipExchange:
    """An exchange with its SIP port open."""

    def __init__(self, exchange: Exchange, port: SipPort, house: House) -> None:
        self.exchange, self.port, self.house = exchange, port, house
        self.seen: list[Happening] = []

    async def dial(self, line: str = NUMBER, caller: str = "+39021234", **secrets: str) -> SipDoor:
        known = {"port": str(self.port.agent.address[1]), **secrets}
        return await SipDoor.dial(Dialling("", line, caller, self.seen.append, secrets=known))


Opened = Callable[..., AbstractAsyncContextManager[SipExchange]]


@pytest.fixture
def opened(exchange: Exchange) -> Opened:
    """opened(trusted=…, users=…, …): a SIP port with these settings; by default loopback is trusted."""

    @asynccontextmanager
    async def open_port(**settings: Any) -> AsyncIterator[SipExchange]:
        given = {"port": 0, "trusted": [LOOPBACK], "first_rtp_port": 21_000, "last_rtp_port": 21_999, **settings}
        given["users"] = {name: SecretStr(secret) for name, secret in given.get("users", {}).items()}
        house = House(exchange.reception, "")
        async with SipPort(house, SipSettings(**given)) as port:
            yield SipExchange(exchange, port, house)

    return open_port
