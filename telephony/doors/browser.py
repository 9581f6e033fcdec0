"""The browser door: a page of ours, with a ticket for one call."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.websockets import WebSocket

from telephony.door import Door, Refused
from telephony.doors.house import House
from telephony.doors.tickets import Redeem
from telephony.expected import Expected
from telephony.media import Started
from telephony.protocols.browser import Browser
from telephony.wire import WebsocketWire


def routes(house: House, redeem: Redeem) -> APIRouter:
    router = APIRouter()

    @router.websocket("/ws/browser")
    async def browser(socket: WebSocket) -> None:
        subject = redeem(socket.query_params.get("ticket", ""), "browser")
        if subject is None:
            why = "this ticket is not valid (any more); ask for a new one at /api/browser-calls"
            await house.refuse(socket, "browser", why)
            return
        await socket.accept()

        async def admit(started: Started) -> Expected:
            if subject.get("line") not in (None, started.line):
                raise Refused(f"this ticket is for the line {subject['line']!r}")
            return await house.admit(started.line, started.caller, "browser", "")

        await Door(WebsocketWire(socket), Browser(), house.reception, admit).serve()

    return router
