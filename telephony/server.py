"""The media server: every open door, and the operators' socket.

Nothing is done for a connection before it has shown that it may: a signature, a ticket, a token.
"""

from __future__ import annotations

import logging

from fastapi import APIRouter

from telephony.doors import browser, operators, twilio
from telephony.doors.house import House
from telephony.doors.registry import DoorSettings, web_doors
from telephony.doors.tickets import Redeem
from telephony.operators.desk import Desk
from telephony.operators.webrtc_side import voices_or_why
from telephony.webrtc.settings import WebrtcSettings


def _one_line(record: logging.LogRecord) -> bool:
    """uvicorn tells of a text frame that is no UTF-8 with a traceback; it is a far end's fault and worth one line."""
    if str(record.msg).startswith("Invalid UTF-8"):
        record.exc_info, record.levelno, record.levelname = None, logging.WARNING, "WARNING"
    return True


logging.getLogger("uvicorn.error").addFilter(_one_line)


def media_routes(
    house: House,
    desk: Desk,
    redeem: Redeem,
    twilio_auth_token: str,
    doors: DoorSettings | None = None,
    webrtc: WebrtcSettings | None = None,
) -> APIRouter:
    """All routes that carry calls."""
    router = APIRouter()
    router.include_router(twilio.routes(house, twilio_auth_token))
    router.include_router(browser.routes(house, redeem))
    router.include_router(operators.routes(house, desk, redeem, voices_or_why(webrtc or WebrtcSettings())))
    for door in web_doors(house, doors or DoorSettings()):
        router.include_router(door)
    return router
