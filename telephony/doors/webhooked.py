"""A carrier that asks by webhook what to do with a call and then streams its sound over a websocket.

Twilio, Telnyx, SignalWire and Plivo are alike in this; a `Carrier` says what each does in its own way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import structlog
from fastapi import APIRouter, Request, Response
from starlette.websockets import WebSocket

from history import HistoryUnavailable
from telephony.door import Door
from telephony.doors.house import House, Proof
from telephony.expected import Expected
from telephony.lines import UnknownLine
from telephony.media import MediaProtocol, Started
from telephony.reception import Full
from telephony.remembered import CarrierStatus
from telephony.wire import WebsocketWire

log = structlog.get_logger()


class Markup(Protocol):
    """The carrier's words for what is done with a call beside streaming it: a module of `telephony/protocols/`."""

    def refuse(self, fallback_number: str, sorry: str, language: str) -> str: ...

    def hang_up(self) -> str: ...

    def reject(self) -> str: ...


@dataclass(frozen=True)
class Announced:
    """A call in a webhook's words. ref: the carrier's id of it; line: the number dialled."""

    ref: str
    line: str
    caller: str


@dataclass(frozen=True)
class Carrier:
    """name: of the door, and the first part of its paths.

    signed_form: the fields of a request that the carrier signed; None when it did not. token: of the call, as a
    websocket's upgrade shows it; '' when the upgrade proves the carrier and the token comes with the start, None when
    it proves nothing. call, status: what the fields say. connect: the document that streams a call, given its token.
    protocol: a new one for each connection. hint: what to look at when a proof fails.
    """

    name: str
    signed_form: Callable[[Request], Awaitable[Mapping[str, str] | None]]
    token: Callable[[WebSocket], str | None]
    call: Callable[[Mapping[str, str]], Announced]
    status: Callable[[Mapping[str, str]], CarrierStatus]
    connect: Callable[[str], str]
    markup: Markup
    protocol: Callable[[], MediaProtocol]
    hint: str


def routes(house: House, carrier: Carrier) -> APIRouter:
    """`/<name>/voice`, `/after` and `/status`, which it POSTs to, and the websockets `/<name>/media[/<token>]`."""
    router = APIRouter(prefix=f"/{carrier.name}")
    reception = house.reception

    def human(number: str) -> Response:
        return _xml(carrier.markup.refuse(number, house.sorry, house.sorry_language))

    async def signed(request: Request) -> Mapping[str, str] | None:
        fields = await carrier.signed_form(request)
        if fields is None:
            house.count_refused(carrier.name, "bad signature", "signature")
            log.warning(f"{carrier.name}.bad_signature", path=request.url.path, hint=carrier.hint)
        return fields

    @router.post("/voice")
    async def voice(request: Request) -> Response:
        fields = await signed(request)
        if fields is None:
            return _bad_signature()
        call = carrier.call(fields)
        line = request.query_params.get("line") or call.line
        try:
            expected = await reception.expect(line, call.caller, carrier.name, call.ref)
        except UnknownLine:
            return _xml(carrier.markup.reject())
        except (Full, HistoryUnavailable) as error:
            log.error(f"{carrier.name}.turned_away", reason=str(error))
            return human(house.human_for(line, error=error))
        return _xml(carrier.connect(expected.token))

    @router.post("/after")
    async def after(request: Request) -> Response:
        """What comes after the sound, or after a transfer: nothing when that came to its own end, else a human.

        Where there is no human number, whom nobody answered talks to the bot again, as in a call of its own: the one
        that was transferred is closed in the history.
        """
        fields = await signed(request)
        if fields is None:
            return _bad_signature()
        call = carrier.call(fields)
        unanswered = fields.get("DialCallStatus", "completed") not in ("completed", "answered")
        if reception.ended_properly(call.ref) and not unanswered:
            return _xml(carrier.markup.hang_up())
        number = house.human_for(ref=call.ref)
        if number or not unanswered:
            return human(number)
        try:
            line = reception.line_of(call.ref) or call.line
            expected = await reception.expect(line, call.caller, carrier.name, call.ref)
        except (UnknownLine, Full, HistoryUnavailable) as error:
            log.error(f"{carrier.name}.not_taken_back", reason=str(error))
            return human(number)
        log.info(f"{carrier.name}.taken_back", dialled=fields["DialCallStatus"][:32])
        return _xml(carrier.connect(expected.token))

    @router.post("/status")
    async def status(request: Request) -> Response:
        """What the carrier says of the call and of its stream, for the history."""
        fields = await signed(request)
        if fields is None:
            return _bad_signature()
        said = carrier.status(fields)
        try:
            known = await reception.note(carrier.name, carrier.call(fields).ref, said)
        except HistoryUnavailable as error:
            log.error(f"{carrier.name}.status_not_kept", status=said.status, error=str(error))
            return Response("the history cannot be written", status_code=503)
        if not known:
            log.info(f"{carrier.name}.status_of_unknown_call", status=said.status, detail=said.detail)
        return Response(status_code=204)

    @router.websocket("/media")
    @router.websocket("/media/{token}")
    async def media(socket: WebSocket) -> None:
        token = carrier.token(socket)
        if token is None:
            log.warning(f"{carrier.name}.unproven_upgrade", hint=carrier.hint)
            missing: Proof = "token" if "token" in socket.path_params else "signature"
            await house.refuse(socket, carrier.name, "this connection does not show that it may", missing)
            return
        await socket.accept()

        async def admit(started: Started) -> Expected:
            return await house.claim(token or started.token, started.ref, carrier.name)

        await Door(WebsocketWire(socket), carrier.protocol(), reception, admit, token).serve()

    return router


def token_in_path(house: House, socket: WebSocket) -> str | None:
    """For carriers that put nothing of their own on the upgrade: the token is the last part of the address."""
    token = str(socket.path_params.get("token", ""))
    return token if house.reception.expects(token) else None


def _xml(document: str) -> Response:
    return Response(document, media_type="application/xml")


def _bad_signature() -> Response:
    return Response("bad signature", status_code=403)
