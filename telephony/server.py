"""The media server's routes: Twilio's webhooks and media, the browser door, the operators' socket.

Nothing is done for a connection before it has shown that it may: a signature, a ticket, a token.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import structlog
from fastapi import APIRouter, Request, Response
from starlette.websockets import WebSocket

from history import HistoryUnavailable
from telephony.door import Door, Refused
from telephony.lines import UnknownLine
from telephony.media import Started
from telephony.operators.desk import Desk
from telephony.operators.socket import OperatorSocket
from telephony.protocols import twilio_webhook as twiml
from telephony.protocols.browser import Browser
from telephony.protocols.twilio import TwilioMediaStreams
from telephony.reception import Expected, Full, Reception

log = structlog.get_logger()

Redeem = Callable[[str, str], Mapping[str, Any] | None]
"""(ticket, kind) -> what the ticket was issued for, once; None when it is not valid. kinds: 'browser', 'operator'."""


def _one_line(record: logging.LogRecord) -> bool:
    """uvicorn tells of a text frame that is no UTF-8 with a traceback; it is a far end's fault and worth one line."""
    if str(record.msg).startswith("Invalid UTF-8"):
        record.exc_info, record.levelno, record.levelname = None, logging.WARNING, "WARNING"
    return True


logging.getLogger("uvicorn.error").addFilter(_one_line)

SORRY = "Ci scusiamo, al momento non possiamo rispondere. La preghiamo di richiamare più tardi."


@dataclass(frozen=True)
class Doors:
    """public_url: where phone systems reach this server; human_number: who takes the calls that it cannot."""

    public_url: str
    twilio_auth_token: str = field(repr=False)
    human_number: str = ""
    sorry: str = SORRY
    sorry_language: str = "it-IT"

    def public(self, path: str, query: str = "") -> str:
        return self.public_url.rstrip("/") + path + (f"?{query}" if query else "")

    def public_ws(self, path: str) -> str:
        parts = urlsplit(self.public(path))
        return urlunsplit(parts._replace(scheme="wss" if parts.scheme == "https" else "ws"))


def media_routes(reception: Reception, desk: Desk, doors: Doors, redeem: Redeem) -> APIRouter:
    """All routes that carry calls."""
    router = APIRouter()
    _twilio_routes(router, reception, doors)

    @router.websocket("/ws/browser")
    async def browser(socket: WebSocket) -> None:
        subject = redeem(socket.query_params.get("ticket", ""), "browser")
        if subject is None:
            await _refuse(socket, "this ticket is not valid (any more); ask for a new one at /api/browser-calls")
            return
        await socket.accept()

        async def admit(started: Started) -> Expected:
            if subject.get("line") not in (None, started.line):
                raise Refused(f"this ticket is for the line {subject['line']!r}")
            return await _admit(reception, started.line, started.caller, "browser", "")

        await Door(socket, Browser(), reception, admit).serve()

    @router.websocket("/ws/operator")
    async def operator(socket: WebSocket) -> None:
        subject = redeem(socket.query_params.get("ticket", ""), "operator")
        if subject is None:
            await _refuse(socket, "this ticket is not valid (any more); ask for a new one at /api/operator-tickets")
            return
        await socket.accept()
        queues = frozenset(map(str, subject.get("queues", ())))
        await OperatorSocket(socket, desk, str(subject["id"]), str(subject["name"]), queues).serve()

    return router


def _twilio_routes(router: APIRouter, reception: Reception, doors: Doors) -> None:
    async def signed_form(request: Request) -> dict[str, str] | None:
        """The form of a request that Twilio signed; None when it did not."""
        form = await request.form(max_files=0, max_fields=100)
        fields = {name: str(value) for name, value in form.multi_items()}
        url = doors.public(request.url.path, request.url.query)
        given = request.headers.get("X-Twilio-Signature", "")
        if twiml.signed_by_twilio(doors.twilio_auth_token, url, fields, given):
            return fields
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
            return _xml(twiml.refuse(doors.human_number, doors.sorry, doors.sorry_language))
        media_url, after_url = doors.public_ws("/twilio/media"), doors.public("/twilio/after")
        return _xml(twiml.connect(media_url, after_url, expected.token))

    @router.post("/twilio/after")
    async def after(request: Request) -> Response:
        """What comes after the sound: nothing when the call came to its own end, else a human."""
        fields = await signed_form(request)
        if fields is None:
            return Response("bad signature", status_code=403)
        if reception.ended_properly(fields.get("CallSid", "")):
            return _xml(twiml.hang_up())
        return _xml(twiml.refuse(doors.human_number, doors.sorry, doors.sorry_language))

    @router.websocket("/twilio/media")
    async def media(socket: WebSocket) -> None:
        given = socket.headers.get("X-Twilio-Signature", "")
        url = doors.public_ws(socket.url.path)
        if not twiml.signed_by_twilio(doors.twilio_auth_token, url, {}, given):
            log.warning("twilio.bad_signature", url=url)
            await _refuse(socket, "bad signature")
            return
        await socket.accept()

        async def admit(started: Started) -> Expected:
            expected = reception.claim(started.token)
            if expected is None:
                raise Refused("the token in <Parameter> is unknown, used or too old")
            if expected.ref != started.ref:
                await reception.give_up(expected, "wrong_call", "the token belongs to another CallSid")
                raise Refused("the token belongs to another call")
            return expected

        await Door(socket, TwilioMediaStreams(), reception, admit).serve()


async def _admit(reception: Reception, line: str, caller: str, door: str, ref: str) -> Expected:
    try:
        expected = await reception.expect(line, caller, door, ref)
    except UnknownLine as error:
        raise Refused(str(error)) from None
    except Full as error:
        raise Refused(str(error), close=1013) from None
    claimed = reception.claim(expected.token)
    if claimed is None:
        raise Refused("the call is gone")
    return claimed


async def _refuse(socket: WebSocket, why: str) -> None:
    """Before the upgrade: the far end gets HTTP 403."""
    log.warning("door.refused_upgrade", path=socket.url.path, reason=why)
    await socket.close(1008, why[:120])


def _xml(document: str) -> Response:
    return Response(document, media_type="application/xml")
