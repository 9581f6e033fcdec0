"""Vonage: the answer webhook, the events of a call, and the websocket between them.

Everything is signed with the account's signature secret: the webhooks over their bodies, the upgrade by its JWT. The
single-use token in the NCCO's headers leads the websocket to its call.
"""

from __future__ import annotations

import json
import time
from typing import Any

import structlog
from cryptography.hazmat.primitives import serialization
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from starlette.websockets import WebSocket

from history import HistoryUnavailable
from telephony.door import Door
from telephony.doors.bodies import signed_bytes
from telephony.doors.house import House
from telephony.doors.numbers import e164
from telephony.expected import Expected
from telephony.lines import UnknownLine
from telephony.media import Started
from telephony.protocols import vonage_webhook as vonage
from telephony.protocols.vonage import VonageWebsocket
from telephony.reception import Full
from telephony.wire import WebsocketWire

NAME = "vonage"
LOST = frozenset({"disconnected", "failed", "unanswered", "rejected", "busy", "timeout", "cancelled"})
"""Statuses of the websocket's leg after which the caller is alone."""

log = structlog.get_logger()


class VonageCalling(BaseModel):
    """For call control. application_id, private_key: of the application, as its settings page gives them; number: of
    the account, shown to who is called."""

    model_config = ConfigDict(extra="forbid")

    application_id: str = Field(min_length=1, max_length=64)
    private_key: SecretStr
    number: str = Field(default="", pattern=r"^(\+[0-9]{5,15})?$")
    api: str = Field(default="https://api.nexmo.com", pattern=r"^https?://")

    @field_validator("private_key")
    @classmethod
    def _usable(cls, key: SecretStr) -> SecretStr:
        try:
            serialization.load_pem_private_key(key.get_secret_value().encode(), None)
        except ValueError:
            raise ValueError("must be the application's private key, -----BEGIN PRIVATE KEY----- and all") from None
        return key


class VonageSettings(BaseModel):
    """signature_secret: the account's, from its API settings."""

    model_config = ConfigDict(extra="forbid")

    signature_secret: SecretStr
    calling: VonageCalling | None = None


def routes(house: House, settings: VonageSettings) -> APIRouter:
    router = APIRouter(prefix="/vonage")
    secret, reception = settings.signature_secret.get_secret_value(), house.reception

    async def signed(request: Request) -> dict[str, Any] | None:
        """The JSON of a request that Vonage signed; None when it did not."""
        body = await signed_bytes(request)
        authorization = request.headers.get("Authorization", "")
        if body is None or not vonage.signed_by_vonage(secret, authorization, body, time.time()):
            house.count_refused(NAME, "bad signature", "signature")
            hint = "doors.vonage.signature_secret must be the account's, webhooks POSTs, and this machine's clock right"
            log.warning("vonage.bad_signature", path=request.url.path, hint=hint)
            return None
        return _object(body)

    def human(number: str) -> Response:
        return JSONResponse(vonage.refuse(number, house.sorry, house.sorry_language))

    @router.post("/answer")
    async def answer(request: Request) -> Response:
        call = await signed(request)
        if call is None:
            return _bad_signature()
        ref, caller = _text(call, "conversation_uuid"), e164(_text(call, "from"))
        line = request.query_params.get("line") or e164(_text(call, "to"))
        try:
            expected = await reception.expect(line, caller, NAME, ref)
        except UnknownLine:
            return JSONResponse([])
        except (Full, HistoryUnavailable) as error:
            log.error("vonage.turned_away", reason=str(error))
            return human(house.human_for(line, error=error))
        reception.controls.also_called(NAME, ref, _text(call, "uuid"))
        media, event = house.public_ws("/vonage/media"), house.public("/vonage/event")
        return JSONResponse(vonage.connect(media, event, expected.token, ref))

    @router.post("/event")
    async def event(request: Request) -> Response:
        """What Vonage says of the call, for the history; and what comes next when the websocket is gone."""
        said = await signed(request)
        if said is None:
            return _bad_signature()
        ref, status = _text(said, "conversation_uuid"), vonage.status(said)
        try:
            if not await reception.note(NAME, ref, status):
                log.info("vonage.status_of_unknown_call", status=status.status, detail=status.detail)
        except HistoryUnavailable as error:
            log.error("vonage.status_not_kept", status=status.status, error=str(error))
        if vonage.is_stream(said) and status.status in LOST and not reception.ended_properly(ref):
            return human(house.human_for(ref=ref))
        return Response(status_code=204)

    @router.websocket("/media")
    async def media(socket: WebSocket) -> None:
        if vonage.claims_of(secret, socket.headers.get("Authorization", ""), time.time()) is None:
            await house.refuse(socket, NAME, "bad signature", "signature")
            return
        await socket.accept()

        async def admit(started: Started) -> Expected:
            return await house.claim(started.token, started.ref, NAME)

        await Door(WebsocketWire(socket), VonageWebsocket(), reception, admit).serve()

    return router


def _object(body: bytes) -> dict[str, Any]:
    """Signed JSON; an empty object where it is none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _bad_signature() -> Response:
    return Response("bad signature", status_code=403)
