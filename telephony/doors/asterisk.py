"""Asterisk over websockets: chan_websocket comes in with a name and a password, and brings a call's sound.

A dialplan's own calls tell their line and caller in channel variables; those that ARI sends here (`doors/ari.py`) were
announced, and show their token.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.websockets import WebSocket

from telephony.door import Door, Refused
from telephony.doors import dialplan
from telephony.doors.claiming import claim_announced
from telephony.doors.credentials import is_basic
from telephony.doors.house import House
from telephony.expected import Expected
from telephony.media import Started
from telephony.protocols.asterisk import ChanWebsocket
from telephony.wire import WebsocketWire

SUBPROTOCOL = "media"


class AsteriskSettings(BaseModel):
    """username, password: those of the client in websocket_client.conf."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field(default="asterisk", min_length=1)
    password: SecretStr = Field(min_length=8)


def routes(house: House, settings: AsteriskSettings) -> APIRouter:
    router = APIRouter()
    username, password = settings.username, settings.password.get_secret_value()

    @router.websocket("/asterisk/media")
    @router.websocket("/asterisk/media/{line}")
    async def media(socket: WebSocket, line: str = "") -> None:
        if not is_basic(socket.headers, username, password):
            await house.refuse(socket, "asterisk", "wrong username or password; see websocket_client.conf", "password")
            return
        if SUBPROTOCOL not in socket.scope["subprotocols"]:
            await house.refuse(socket, "asterisk", "websocket_client.conf needs 'protocols = media'", "subprotocol")
            return
        await socket.accept(SUBPROTOCOL)

        async def admit(started: Started) -> Expected:
            if started.token:
                return (await claim_announced(house, started.token, "asterisk")).expected
            called = started.line or line
            if not called:
                raise Refused("no line: Set(__CENTRALINO_LINE=…) in the dialplan, or put it at the end of the uri")
            return await house.admit(called, started.caller, "asterisk", started.ref)

        await Door(WebsocketWire(socket), ChanWebsocket(), house.reception, admit).serve()

    @router.post("/asterisk/after")
    async def after(request: Request) -> Response:
        return await dialplan.after(house, request, "asterisk", username, password)

    return router
