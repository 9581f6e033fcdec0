"""The operators' own socket: their softphone and their offers."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.websockets import WebSocket

from telephony.doors.house import House
from telephony.doors.tickets import Redeem
from telephony.operators.desk import Desk
from telephony.operators.socket import OperatorSocket
from telephony.webrtc.voices import WebrtcVoices


def routes(house: House, desk: Desk, redeem: Redeem, webrtc: WebrtcVoices | str | None = None) -> APIRouter:
    """webrtc: as of `telephony/operators/webrtc_side.py`."""
    router = APIRouter()

    @router.websocket("/ws/operator")
    async def operator(socket: WebSocket) -> None:
        subject = redeem(socket.query_params.get("ticket", ""), "operator")
        if subject is None:
            why = "this ticket is not valid (any more); ask for a new one at /api/operator-tickets"
            await house.refuse(socket, "operator", why, "ticket")
            return
        await socket.accept()
        queues, skills = (frozenset(map(str, subject.get(name, ()))) for name in ("queues", "skills"))
        await OperatorSocket(socket, desk, str(subject["id"]), str(subject["name"]), queues, webrtc, skills).serve()

    return router
