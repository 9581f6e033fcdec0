"""Genesys Audio Connector: a signed upgrade, a session that both sides close politely, and words for its flow."""

from __future__ import annotations

import asyncio
import base64
import time
from typing import Annotated

import structlog
from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from starlette.websockets import WebSocket

from history import HistoryUnavailable
from telephony.door import Door, Refused
from telephony.doors.house import House
from telephony.expected import Expected
from telephony.media import ProtocolError, Reply, Started
from telephony.protocols.genesys import GenesysAudioHook
from telephony.protocols.genesys_signature import Credentials, Nonces, NotSigned, upgrade_of, verify
from telephony.wire import WebsocketWire

log = structlog.get_logger()

NAME = "genesys"
SESSION, ORGANIZATION = "audiohook-session-id", "audiohook-organization-id"
SHORTEST_SECRET = 16
LEAVE_S = 1.5
"""How long Genesys may take to close a session that we have left; the door waits for 2 s."""


def _decodable(secret: SecretStr) -> SecretStr:
    try:
        decoded = base64.b64decode(secret.get_secret_value(), validate=True)
    except ValueError:
        raise ValueError("must be base64, as Genesys wants it") from None
    if len(decoded) < SHORTEST_SECRET:
        raise ValueError(f"must have at least {SHORTEST_SECRET} bytes before base64: openssl rand -base64 32")
    return secret


class GenesysSettings(BaseModel):
    """api_key, client_secret (base64): as in the integration's credentials. organization_id: the only organisation that
    may call; '' for any that has these credentials."""

    model_config = ConfigDict(extra="forbid")

    api_key: SecretStr = Field(min_length=8)
    client_secret: Annotated[SecretStr, AfterValidator(_decodable)]
    organization_id: str = Field(default="", max_length=64)

    def credentials(self) -> Credentials:
        secret = base64.b64decode(self.client_secret.get_secret_value())
        return Credentials(self.api_key.get_secret_value(), secret)


class _Session(WebsocketWire):
    """A websocket that is closed by who opened it, once both sides have taken leave; by us when that takes too long."""

    def __init__(self, socket: WebSocket, protocol: GenesysAudioHook) -> None:
        super().__init__(socket)
        self._protocol = protocol

    async def close(self, code: int, reason: str) -> None:
        if self._protocol.left:
            try:
                async with asyncio.timeout(LEAVE_S):
                    await self._take_leave()
            except ProtocolError as error:
                code, reason = error.close, str(error)
            except TimeoutError:
                log.info("genesys.not_closed", waited_s=LEAVE_S)
        await super().close(code, reason)

    async def _take_leave(self) -> None:
        """Until Genesys has said `close`, heard `closed`, and gone, which raises WireClosed."""
        while True:
            for event in self._protocol.decode(await self.receive()):
                if isinstance(event, Reply):
                    for message in event.messages:
                        await self.send(message)


def routes(house: House, settings: GenesysSettings) -> APIRouter:
    """The websockets `/genesys/audiohook` and `/genesys/audiohook/<line>`."""
    router = APIRouter(prefix=f"/{NAME}")
    credentials, nonces = settings.credentials(), Nonces()

    async def believed(socket: WebSocket) -> bool:
        """Whether Genesys signed this upgrade; where it did not, it is refused and counted."""
        asked = house.public(socket.scope["raw_path"].decode("ascii", "replace"), socket.url.query)
        try:
            verify(upgrade_of(asked, dict(socket.headers.items())), credentials, nonces, time.time())
            if settings.organization_id not in ("", socket.headers[ORGANIZATION]):
                raise NotSigned("this is not the organisation that organization_id names")
        except NotSigned as why:
            await house.refuse(socket, NAME, str(why), "signature")
            return False
        return True

    async def serve(socket: WebSocket, line: str) -> None:
        if not await believed(socket):
            return
        await socket.accept()
        protocol = GenesysAudioHook(socket.headers[SESSION], socket.headers[ORGANIZATION], line)
        wire = _Session(socket, protocol)

        async def admit(started: Started) -> Expected:
            try:
                return await house.admit(started.line, started.caller, NAME, started.ref)
            except (Refused, HistoryUnavailable) as error:
                why = error.reason if isinstance(error, Refused) else "no call can be taken now"
                await wire.send(protocol.disconnect(why))
                raise

        await Door(wire, protocol, house.reception, admit).serve()

    @router.websocket("/audiohook")
    async def of_the_number_dialled(socket: WebSocket) -> None:
        await serve(socket, socket.query_params.get("line", ""))

    @router.websocket("/audiohook/{line}")
    async def of_a_line(socket: WebSocket, line: str) -> None:
        await serve(socket, line)

    return router
