"""A websocket for clients of vosk-server: speech in, words out, with the recognizers that the calls use.

Nothing is kept of it. A client shows a key, as a bearer token, as the password of Basic authentication, or as ?key= in
the address; without one only programs on this very machine get in, and only if a setting says so.
"""

from __future__ import annotations

import ipaddress
from typing import Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from starlette.websockets import WebSocket

from telephony.doors import credentials
from telephony.doors.house import House
from telephony.doors.vosk_session import Limits, Session
from telephony.wire import WebsocketWire

NAME = "vosk_server"
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


class VoskServerSettings(BaseModel):
    """keys: any of them opens a session. open_to_this_machine: programs on it need none (a page in a browser does, and
    so does what a proxy passes on). language: of clients that ask for none with ?language=. most_sessions: at once.
    idle_s, longest_s: without a message, and in all. fastest: seconds of sound that one session may have recognised in
    a second: a file that is sent as fast as it can be must not take the workers from the callers."""

    model_config = ConfigDict(extra="forbid")

    keys: tuple[SecretStr, ...] = ()
    open_to_this_machine: bool = False
    language: str = Field(default="it", pattern="^[a-z]{2}$")
    most_sessions: int = Field(default=4, ge=1, le=1000)
    idle_s: float = Field(default=60.0, gt=0)
    longest_s: float = Field(default=3600.0, gt=0)
    fastest: float = Field(default=4.0, ge=1)

    @model_validator(mode="after")
    def _somebody_may(self) -> Self:
        if any(len(key.get_secret_value()) < 16 for key in self.keys):
            raise ValueError("each of the keys must have 16 characters or more: openssl rand -hex 24")
        if not self.keys and not self.open_to_this_machine:
            raise ValueError("give keys, or set open_to_this_machine = true")
        return self


def routes(house: House, settings: VoskServerSettings) -> APIRouter:
    """The websocket `/vosk`."""
    router = APIRouter()
    recognizers = house.reception.recognizers
    limits = Limits(settings.idle_s, settings.longest_s, settings.fastest)
    sessions: set[Session] = set()

    @router.websocket("/vosk")
    async def vosk(socket: WebSocket) -> None:
        if not (_shows_a_key(socket, settings) or (settings.open_to_this_machine and _is_of_this_machine(socket))):
            await house.refuse(socket, NAME, "no key, or a wrong one", "password")
            return
        await socket.accept()
        session = Session(WebsocketWire(socket), recognizers, limits)
        if len(sessions) >= settings.most_sessions:
            await session.leave(1013, f"{len(sessions)} sessions are open, as many as most_sessions allows")
            return
        sessions.add(session)
        try:
            await session.serve(socket.query_params.get("language", settings.language))
        finally:
            sessions.discard(session)

    return router


def _shows_a_key(socket: WebSocket, settings: VoskServerSettings) -> bool:
    _, password = credentials.basic(socket.headers) or ("", "")
    shown = (credentials.bearer(socket.headers), password, socket.query_params.get("key", ""))
    matches = [credentials.same(one, key.get_secret_value()) for one in shown for key in settings.keys]
    return any(matches)


def _is_of_this_machine(socket: WebSocket) -> bool:
    """A program here connected to an address of this machine only; neither a page in a browser nor a proxy."""
    ends = (socket.client.host if socket.client else "", (socket.scope.get("server") or ("", 0))[0])
    foreign = "origin" in socket.headers or any(name in socket.headers for name in FORWARDED)
    return not foreign and all(_is_loopback(end) for end in ends)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
