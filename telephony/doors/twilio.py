"""Twilio: the webhook that announces a call, what comes after its sound, and the media stream between them."""

from __future__ import annotations

import structlog
from fastapi import APIRouter, Request, Response
from starlette.websockets import WebSocket

from history import HistoryUnavailable
from telephony.door import Door
from telephony.doors.house import House
from telephony.lines import UnknownLine
from telephony.media import Started
from telephony.protocols import twilio_webhook as twiml
from telephony.protocols.twilio import TwilioMediaStreams
from telephony.reception import Expected, Full
from telephony.wire import WebsocketWire

log = structlog.get_logger()


def routes(house: House, auth_token: str) -> APIRouter:
    """auth_token: the account's; Twilio signs with it."""
    router = APIRouter()
    reception = house.reception

    async def signed_form(request: Request) -> dict[str, str] | None:
        """The form of a request that Twilio signed; None when it did not."""
        form = await request.form(max_files=0, max_fields=100)
        fields = {name: str(value) for name, value in form.multi_items()}
        url = house.public(request.url.path, request.url.query)
        if twiml.signed_by_twilio(auth_token, url, fields, request.headers.get("X-Twilio-Signature", "")):
            return fields
        house.count_refused("twilio", "bad signature")
        log.warning("twilio.bad_signature", url=url, hint="public_url and twilio_auth_token must be as Twilio has them")
        return None

    @router.post("/twilio/voice")
    async def voice(request: Request) -> Response:
        fields = await signed_form(request)
        if fields is None:
            return Response("bad signature", status_code=403)
        ref, line, caller = fields.get("CallSid", ""), fields.get("To", ""), fields.get("From", "")
        try:
            expected = await reception.expect(request.query_params.get("line") or line, caller, "twilio", ref)
        except UnknownLine:
            return _xml(twiml.reject())
        except (Full, HistoryUnavailable) as error:
            log.error("twilio.turned_away", reason=str(error))
            return _xml(twiml.refuse(house.human_number, house.sorry, house.sorry_language))
        media_url, after_url = house.public_ws("/twilio/media"), house.public("/twilio/after")
        return _xml(twiml.connect(media_url, after_url, expected.token))

    @router.post("/twilio/after")
    async def after(request: Request) -> Response:
        """What comes after the sound: nothing when the call came to its own end, else a human."""
        fields = await signed_form(request)
        if fields is None:
            return Response("bad signature", status_code=403)
        if reception.ended_properly(fields.get("CallSid", "")):
            return _xml(twiml.hang_up())
        return _xml(twiml.refuse(house.human_number, house.sorry, house.sorry_language))

    @router.websocket("/twilio/media")
    async def media(socket: WebSocket) -> None:
        given = socket.headers.get("X-Twilio-Signature", "")
        url = house.public_ws(socket.url.path)
        if not twiml.signed_by_twilio(auth_token, url, {}, given):
            log.warning("twilio.bad_signature", url=url)
            await house.refuse(socket, "twilio", "bad signature")
            return
        await socket.accept()

        async def admit(started: Started) -> Expected:
            return await house.claim(started.token, started.ref)

        await Door(WebsocketWire(socket), TwilioMediaStreams(), reception, admit).serve()

    return router


def _xml(document: str) -> Response:
    return Response(document, media_type="application/xml")
