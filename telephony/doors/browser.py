"""The browser door: a page of ours, with a ticket for one call.

A page whose connection broke comes back to the same call with the token that it was last told (`resuming.py`), or says
with it that nobody comes back: the caller hung up meanwhile.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.websockets import WebSocket

from telephony.door import Door, Refused
from telephony.doors.bodies import signed_bytes
from telephony.doors.house import House
from telephony.doors.tickets import Redeem
from telephony.expected import Expected
from telephony.media import Started
from telephony.protocols.browser import Browser
from telephony.resuming import Resumable, ResumableWire
from telephony.wire import WebsocketWire

LONGEST_TOKEN = 64


def routes(house: House, redeem: Redeem) -> APIRouter:
    router = APIRouter()
    running = Resumable()

    async def resume(socket: WebSocket, token: str) -> None:
        wire = running.claim(token)
        if wire is None:
            await house.refuse(socket, "browser", "this call is over, or was resumed with this token before", "token")
            return
        await socket.accept()
        await wire.take_over(WebsocketWire(socket))

    @router.post("/api/browser-calls/hang-up")
    async def hang_up(request: Request) -> Response:
        """The body is the token: a beacon that a page sends while it has no connection, even while it is closed."""
        token = await signed_bytes(request, LONGEST_TOKEN) or b""
        wire = running.claim(token.decode("utf-8", "replace"))
        if wire is None:
            house.count_refused("browser", "a hang-up for no call, or with a token that was used before", "token")
            return Response(status_code=403)
        wire.hang_up()
        return Response(status_code=204)

    @router.websocket("/ws/browser")
    async def browser(socket: WebSocket) -> None:
        if token := socket.query_params.get("resume"):
            await resume(socket, token)
            return
        subject = redeem(socket.query_params.get("ticket", ""), "browser")
        if subject is None:
            why = "this ticket is not valid (any more); ask for a new one at /api/browser-calls"
            await house.refuse(socket, "browser", why, "ticket")
            return
        await socket.accept()

        async def admit(started: Started) -> Expected:
            if subject.get("line") not in (None, started.line):
                raise Refused(f"this ticket is for the line {subject['line']!r}")
            return await house.admit(started.line, started.caller, "browser", "")

        wire = ResumableWire(WebsocketWire(socket))
        running.add(wire)
        try:
            await Door(wire, Browser(), house.reception, admit, and_ready=wire.keep).serve()
        finally:
            running.discard(wire)

    return router
