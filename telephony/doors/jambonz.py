"""jambonz: the webhook that announces a call, what comes after its sound, and the `listen` stream between them.

The webhooks are signed; the stream shows a name and a password that only the answer to a signed webhook tells, and the
call's own token in its first frame.
"""

from __future__ import annotations

import json
import secrets
import time
from typing import Any, Literal

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.websockets import WebSocket

from history import HistoryUnavailable
from telephony.door import Door
from telephony.doors.bodies import signed_bytes
from telephony.doors.credentials import is_basic
from telephony.doors.house import House
from telephony.expected import Expected
from telephony.lines import UnknownLine
from telephony.media import Started
from telephony.protocols import jambonz_webhook as verbs
from telephony.protocols.jambonz import SUBPROTOCOL, JambonzListen
from telephony.reception import Full
from telephony.remembered import CarrierStatus
from telephony.wire import WebsocketWire

log = structlog.get_logger()

NAME = "jambonz"
USERNAME = "centralino"
OVER = frozenset({"completed", "failed", "busy", "no-answer"})


class JambonzCalling(BaseModel):
    """For call control. account_sid, api_key: of the account; application_sid: of the application with our webhooks;
    number: shown to who is called; api: where its REST interface answers."""

    model_config = ConfigDict(extra="forbid")

    account_sid: str = Field(min_length=1, max_length=64)
    application_sid: str = Field(min_length=1, max_length=64)
    api_key: SecretStr
    number: str = Field(default="", pattern=r"^(\+[0-9]{5,15})?$")
    api: str = Field(default="https://jambonz.cloud/api", pattern=r"^https?://")


class JambonzSettings(BaseModel):
    """webhook_secret: the account's, which signs webhooks. sample_rate_hz: 16000 for trunks with wideband codecs; 8000
    where all calls come as G.711: half the traffic, and the ends of prompts are told to the sample."""

    model_config = ConfigDict(extra="forbid")

    webhook_secret: SecretStr = Field(min_length=8)
    sample_rate_hz: Literal[8000, 16000] = 16000
    calling: JambonzCalling | None = None


def routes(house: House, settings: JambonzSettings) -> APIRouter:
    """`/jambonz/call`, `/after` and `/status`, which it POSTs to, and the websocket `/jambonz/media`."""
    router = APIRouter(prefix=f"/{NAME}")
    reception, password = house.reception, secrets.token_urlsafe(24)

    async def signed(request: Request) -> dict[str, Any] | None:
        """What a webhook says; None when jambonz did not sign it."""
        body = await signed_bytes(request)
        given = request.headers.get("Jambonz-Signature", "")
        if body is None or not verbs.signed_by_jambonz(
            settings.webhook_secret.get_secret_value(), body, given, time.time()
        ):
            house.count_refused(NAME, "bad signature", "signature")
            log.warning("jambonz.bad_signature", hint="webhook_secret must be the account's, and both clocks right")
            return None
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            return {}
        return said if isinstance(said, dict) else {}

    @router.post("/call")
    async def call(request: Request) -> Response:
        said = await signed(request)
        if said is None:
            return _bad_signature()
        ref, line, caller = (_text(said, name) for name in ("call_sid", "to", "from"))
        line = request.query_params.get("line") or line
        try:
            expected = await reception.expect(line, caller, NAME, ref)
        except UnknownLine:
            return JSONResponse(verbs.reject())
        except (Full, HistoryUnavailable) as error:
            log.error("jambonz.turned_away", reason=str(error))
            return JSONResponse(verbs.human(house.human_for(line, error=error), house.sorry))
        stream = verbs.Stream(
            house.public_ws(f"/{NAME}/media"), USERNAME, password, expected.token, settings.sample_rate_hz
        )
        otherwise = verbs.human(house.human_for(line), house.sorry)
        return JSONResponse(verbs.connect(stream, house.public(f"/{NAME}/after"), otherwise))

    @router.post("/after")
    async def after(request: Request) -> Response:
        """What comes after the sound: nothing when the call came to its own end, else a human."""
        said = await signed(request)
        if said is None:
            return _bad_signature()
        ref = _text(said, "call_sid")
        ended = reception.ended_properly(ref)
        return JSONResponse(verbs.hang_up() if ended else verbs.human(house.human_for(ref=ref), house.sorry))

    @router.post("/leg/{token}")
    async def leg(request: Request, token: str) -> Response:
        """A phone of ours that was rung has answered: its sound, and nothing after it."""
        if await signed(request) is None:
            return _bad_signature()
        if not reception.expects(token):
            return JSONResponse(verbs.hang_up())
        stream = verbs.Stream(house.public_ws(f"/{NAME}/media"), USERNAME, password, token, settings.sample_rate_hz)
        return JSONResponse(verbs.connect(stream, "", verbs.hang_up()))

    @router.post("/verbs/{name}")
    async def transferred(request: Request, name: str) -> Response:
        """A caller is being transferred: what call control has laid down for them."""
        if await signed(request) is None:
            return _bad_signature()
        control = reception.controls.of(NAME)
        laid_down = control.verbs(name) if control else None
        return JSONResponse(laid_down or verbs.human(house.human_number, house.sorry))

    @router.post("/dialled")
    async def dialled(request: Request) -> Response:
        """A transfer is over; where nobody answered it, a human takes the call."""
        said = await signed(request)
        if said is None:
            return _bad_signature()
        done = _text(said, "dial_call_status") == "completed"
        return JSONResponse(verbs.hang_up() if done else verbs.human(house.human_number, house.sorry))

    @router.post("/status")
    async def status(request: Request) -> Response:
        """What jambonz says of a call, for the history."""
        said = await signed(request)
        if said is None:
            return _bad_signature()
        state = _text(said, "call_status")
        detail = f"{said.get('sip_status', '')} {_text(said, 'sip_reason')}".strip()
        try:
            await reception.note(NAME, _text(said, "call_sid"), CarrierStatus("call", state, detail, state in OVER))
        except HistoryUnavailable as error:
            log.error("jambonz.status_not_kept", status=state, error=str(error))
            return Response("the history cannot be written", status_code=503)
        return Response(status_code=204)

    @router.websocket("/media")
    async def media(socket: WebSocket) -> None:
        if not is_basic(socket.headers, USERNAME, password):
            await house.refuse(socket, NAME, "wrong name or password; wsAuth of the listen verb has them", "password")
            return
        if SUBPROTOCOL not in socket.scope.get("subprotocols", []):
            await house.refuse(socket, NAME, f"the subprotocol {SUBPROTOCOL} was not offered", "subprotocol")
            return
        await socket.accept(SUBPROTOCOL)

        async def admit(started: Started) -> Expected:
            return await house.claim(started.token, started.ref, NAME)

        await Door(WebsocketWire(socket), JambonzListen(settings.sample_rate_hz), reception, admit).serve()

    return router


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return value[:128] if isinstance(value, str) else ""


def _bad_signature() -> Response:
    return Response("bad signature", status_code=403)
