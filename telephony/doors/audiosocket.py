"""AudioSocket: a port of its own, to which Asterisk connects with nothing to show but a UUID.

So a call is announced first, over HTTP with a name and a password, and the answer is the UUID that leads its sound to
it; or a port is bound to one line, and open to a few addresses only.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from typing import Literal

import structlog
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr, model_validator
from starlette.responses import PlainTextResponse, Response

from history import HistoryUnavailable
from telephony.door import Door
from telephony.doors import dialplan
from telephony.doors.announcements import Announced
from telephony.doors.audiosocket_wire import AudioSocketWire
from telephony.doors.claiming import claim_announced
from telephony.doors.house import House
from telephony.doors.tcp_port import Serve, peer_address, tcp_port
from telephony.expected import Expected
from telephony.lines import UnknownLine
from telephony.media import Started
from telephony.protocols.audiosocket import AudioSocket
from telephony.reception import Full

log = structlog.get_logger()

MOST_CONNECTIONS = 1000
"""On one port."""
Rate = Literal[8000, 16000]


class BoundPort(BaseModel):
    """line: the one that every connection to this port is for; allow: the addresses or networks that may connect."""

    model_config = ConfigDict(extra="forbid")

    port: int = Field(ge=0, le=65535)
    line: str = Field(min_length=1)
    allow: list[IPvAnyNetwork] = Field(min_length=1)
    rate_hz: Rate = 8000


class AudioSocketSettings(BaseModel):
    """host: the address to listen on. port: for announced calls; username, password: of who announces them."""

    model_config = ConfigDict(extra="forbid")

    host: str = "127.0.0.1"
    port: int | None = Field(default=None, ge=0, le=65535)
    username: str = Field(default="asterisk", min_length=1)
    password: SecretStr | None = Field(default=None, min_length=8)
    bound: list[BoundPort] = Field(default_factory=list)

    @model_validator(mode="after")
    def _opens_something(self) -> AudioSocketSettings:
        if self.port is None and not self.bound:
            raise ValueError("give port and password (calls are announced), or bound (ports for one line each)")
        if self.port is not None and self.password is None:
            raise ValueError("port needs password: who announces calls must show it")
        return self


def routes(house: House, settings: AudioSocketSettings) -> APIRouter:
    router = APIRouter()
    if settings.password is None:
        return router
    username, password = settings.username, settings.password.get_secret_value()

    @router.post("/asterisk/audiosocket")
    async def announce(request: Request) -> Response:
        sent = await dialplan.fields(house, request, "audiosocket", username, password)
        if isinstance(sent, Response):
            return sent
        rate_hz = sent.get("rate_hz", "8000")
        if rate_hz not in ("8000", "16000"):
            return PlainTextResponse("rate_hz must be 8000 or 16000", 422)
        name = str(uuid.uuid4())
        try:
            expected = await house.reception.expect(sent.get("line", ""), sent.get("caller", ""), "audiosocket", name)
        except UnknownLine as error:
            return PlainTextResponse(str(error), 404)
        except (Full, HistoryUnavailable) as error:
            log.error("audiosocket.turned_away", reason=str(error))
            return PlainTextResponse("no call can be taken now", 503)
        announced = Announced(expected, int(rate_hz))
        announced.ready.set()
        house.announcements.put(name, announced)
        return PlainTextResponse(name)

    @router.post("/asterisk/audiosocket/after")
    async def after(request: Request) -> Response:
        return await dialplan.after(house, request, "audiosocket", username, password)

    return router


@contextlib.asynccontextmanager
async def listening(house: House, settings: AudioSocketSettings) -> AsyncIterator[list[int]]:
    """The ports in use while the context is open: that of announced calls first, if there is one. Raises OSError."""
    wanted: list[tuple[int, BoundPort | None]] = [] if settings.port is None else [(settings.port, None)]
    wanted += [(bound.port, bound) for bound in settings.bound]
    async with contextlib.AsyncExitStack() as stack:
        ports = [
            await stack.enter_async_context(tcp_port(settings.host, port, MOST_CONNECTIONS, _server(house, bound)))
            for port, bound in wanted
        ]
        log.info("audiosocket.listening", host=settings.host, ports=ports)
        yield ports


def _server(house: House, bound: BoundPort | None) -> Serve:
    """What is done for a connection. bound None: its UUID must have been announced."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = peer_address(writer)
        if bound and not any(address in network for network in bound.allow):
            house.count_refused(
                "audiosocket", f"{address} may not connect to the port of line {bound.line!r}", "address"
            )
            return
        protocol = AudioSocket()
        wire = AudioSocketWire(reader, writer)

        async def admit(started: Started) -> Expected:
            expected, protocol.rate_hz = await _expected(house, bound, started.ref)
            wire.fill_with(protocol.silence)
            return expected

        async with wire.in_beat():
            await Door(wire, protocol, house.reception, admit).serve()

    return serve


async def _expected(house: House, bound: BoundPort | None, name: str) -> tuple[Expected, int]:
    """The call, and the rate of its sound. Raises Refused and HistoryUnavailable."""
    if bound:
        return await house.admit(bound.line, "", "audiosocket", name), bound.rate_hz
    announced = await claim_announced(house, name, "audiosocket")
    return announced.expected, announced.rate_hz
