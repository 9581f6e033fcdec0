"""FreeSWITCH with mod_audio_fork: it shows a name and a password, and its metadata say which line was called."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.websockets import WebSocket

from telephony.door import Door
from telephony.doors.credentials import is_basic
from telephony.doors.house import House
from telephony.expected import Expected
from telephony.media import Started
from telephony.protocols.freeswitch import SUBPROTOCOL, FreeswitchAudioFork
from telephony.wire import WebsocketWire

NAME = "freeswitch"


class FreeswitchCalling(BaseModel):
    """For call control by the event socket. dial: how a number is rung, 'sofia/gateway/NAME/{to}'; profile: of Sofia,
    by which SIP addresses are rung; number: shown to who is called."""

    model_config = ConfigDict(extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8021, ge=1, le=65_535)
    password: SecretStr
    dial: str = Field(default="", pattern=r"^([a-z]+/[A-Za-z0-9_.+@/\-]*\{to\}[A-Za-z0-9_.+@\-]*)?$")
    profile: str = Field(default="external", pattern=r"^[A-Za-z0-9_.\-]{1,64}$")
    number: str = Field(default="", pattern=r"^(\+[0-9]{5,15})?$")


class FreeswitchSettings(BaseModel):
    """username, password: as the channel's MOD_AUDIO_BASIC_AUTH_USERNAME and MOD_AUDIO_BASIC_AUTH_PASSWORD have them.
    subprotocol: as the module's MOD_AUDIO_FORK_SUBPROTOCOL_NAME has it."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field(default="centralino", min_length=1, max_length=64, pattern="^[^:]+$")
    password: SecretStr = Field(min_length=12, max_length=60)
    """The module has room for 126 characters of name and password."""
    subprotocol: str = SUBPROTOCOL
    sample_rate_hz: Literal[8000, 16000] = 16000
    calling: FreeswitchCalling | None = None


def routes(house: House, settings: FreeswitchSettings) -> APIRouter:
    """The websocket `/freeswitch/media`."""
    router = APIRouter(prefix=f"/{NAME}")

    @router.websocket("/media")
    async def media(socket: WebSocket) -> None:
        if not is_basic(socket.headers, settings.username, settings.password.get_secret_value()):
            await house.refuse(socket, NAME, "wrong name or password", "password")
            return
        if settings.subprotocol not in socket.scope.get("subprotocols", []):
            await house.refuse(socket, NAME, f"the subprotocol {settings.subprotocol} was not offered", "subprotocol")
            return
        await socket.accept(settings.subprotocol)

        async def admit(started: Started) -> Expected:
            if started.token:
                return await house.claim(started.token, started.ref, NAME)
            return await house.admit(started.line, started.caller, NAME, started.ref)

        protocol = FreeswitchAudioFork(settings.sample_rate_hz)
        await Door(WebsocketWire(socket), protocol, house.reception, admit).serve()

    return router
