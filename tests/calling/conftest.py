"""Small real servers that act as the bot, and tones that stand for speech."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import numpy as np
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from centralino.calling.sound import Clip
from voice import g711

AUTH_TOKEN = "0123456789abcdef"


def tone_pcm(ms: int, rate_hz: int, level: float = 0.3) -> bytes:
    at = np.arange(rate_hz * ms // 1000) / rate_hz
    return (np.sin(2 * np.pi * 440 * at) * level * 32767).astype("<i2").tobytes()


@pytest.fixture
def tone() -> Callable[..., Clip]:
    """tone(ms, lead_ms, tail_ms, rate_hz): speech of so many ms between silences."""

    def make(ms: int, lead_ms: int = 0, tail_ms: int = 0, rate_hz: int = 16000) -> Clip:
        silence = [bytes(rate_hz * part // 1000 * 2) for part in (lead_ms, tail_ms)]
        return Clip(f"tone{ms}", silence[0] + tone_pcm(ms, rate_hz) + silence[1], rate_hz)

    return make


class TwilioBot:
    """What a bot sees and can do on one Media Streams connection. log: every frame received, in order."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.log: list[dict[str, Any]] = []
        self.stream_sid = ""
        self.heard = b""

    async def receive(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await self.socket.receive_text())
        self.log.append(frame)
        if frame["event"] == "start":
            self.stream_sid = frame["start"]["streamSid"]
        if frame["event"] == "media":
            self.heard += g711.mulaw_to_pcm(base64.b64decode(frame["media"]["payload"]))
        return frame

    async def until(self, event: str) -> dict[str, Any]:
        while True:
            frame = await self.receive()
            if frame["event"] == event:
                return frame

    async def until_caller_fell_silent(self) -> None:
        """The first silent frame after a loud one."""
        spoke = False
        while True:
            media = (await self.until("media"))["media"]
            pcm = np.frombuffer(g711.mulaw_to_pcm(base64.b64decode(media["payload"])), dtype="<i2")
            loud = int(np.abs(pcm.astype(int)).max()) > 1000
            if spoke and not loud:
                return
            spoke = spoke or loud

    async def send(self, event: str, **content: Any) -> None:
        await self.socket.send_text(json.dumps({"event": event, "streamSid": self.stream_sid, **content}))

    async def speak(self, ms: int, mark: str = "") -> None:
        payload = base64.b64encode(g711.pcm_to_mulaw(tone_pcm(ms, 8000))).decode()
        await self.send("media", media={"payload": payload})
        if mark:
            await self.send("mark", mark={"name": mark})


Plays = Callable[[Any], Awaitable[None]]


class Server:
    """A running server. requests: path, fields and signature of every webhook request."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[tuple[str, dict[str, str], str]] = []
        self.upgrade_signature = ""
        self.bots: list[Any] = []
        self.failures: list[BaseException] = []

    async def run(self, bot: Any, plays: Plays) -> None:
        self.bots.append(bot)
        try:
            await plays(bot)
        except WebSocketDisconnect:
            pass
        except BaseException as error:
            self.failures.append(error)
            raise
        finally:
            with contextlib.suppress(RuntimeError):
                await bot.socket.close()


@contextlib.asynccontextmanager
async def _running(app: Starlette, server: Server) -> AsyncIterator[Server]:
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", ws="websockets-sansio")
    uvicorn_server = uvicorn.Server(config)
    serving = asyncio.create_task(uvicorn_server.serve())
    while not uvicorn_server.started:
        await asyncio.sleep(0.01)
    server.url = f"http://127.0.0.1:{uvicorn_server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        uvicorn_server.should_exit = True
        await serving
    assert not server.failures


@pytest.fixture
def twilio_server() -> Callable[..., contextlib.AbstractAsyncContextManager[Server]]:
    """twilio_server(plays, twiml=None, after=None): a server whose bot does `plays(TwilioBot)`."""

    def serve(
        plays: Plays, twiml: str | None = None, after: str = "<Response><Hangup/></Response>"
    ) -> contextlib.AbstractAsyncContextManager[Server]:
        server = Server()

        async def webhook(request: Request) -> Response:
            fields = {name: str(value) for name, value in (await request.form()).items()}
            server.requests.append((request.url.path, fields, request.headers["X-Twilio-Signature"]))
            stream = server.url.replace("http", "ws") + "/twilio/media"
            connect = (
                f'<Response><Connect action="/twilio/after"><Stream url="{stream}">'
                '<Parameter name="token" value="t0k"/></Stream></Connect></Response>'
            )
            return Response(twiml or connect, media_type="text/xml")

        async def afterwards(request: Request) -> Response:
            fields = {name: str(value) for name, value in (await request.form()).items()}
            server.requests.append((request.url.path, fields, request.headers["X-Twilio-Signature"]))
            return Response(after, media_type="text/xml")

        async def media(socket: WebSocket) -> None:
            server.upgrade_signature = socket.headers["X-Twilio-Signature"]
            await socket.accept()
            await server.run(TwilioBot(socket), plays)

        routes = [
            Route("/twilio/voice", webhook, methods=["POST"]),
            Route("/twilio/after", afterwards, methods=["POST"]),
            WebSocketRoute("/twilio/media", media),
        ]
        return _running(Starlette(routes=routes), server)

    return serve


class SocketBot:
    """The other end of a websocket with JSON and binary sound. log: text frames received; sound: bytes received."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.log: list[dict[str, Any]] = []
        self.sound = b""

    async def until(self, kind: str) -> dict[str, Any]:
        while True:
            message = await self.socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code") or 1005)
            if message.get("bytes") is not None:
                self.sound += message["bytes"]
                continue
            self.log.append(json.loads(message["text"]))
            if self.log[-1]["type"] == kind:
                return self.log[-1]

    async def send(self, kind: str, **content: Any) -> None:
        await self.socket.send_text(json.dumps({"type": kind, **content}))

    async def speak(self, ms: int) -> None:
        await self.socket.send_bytes(tone_pcm(ms, 16000))


@pytest.fixture
def socket_server() -> Callable[..., contextlib.AbstractAsyncContextManager[Server]]:
    """socket_server(plays): a server with the browser's and the operators' doors; `plays(SocketBot)`."""

    def serve(plays: Plays) -> contextlib.AbstractAsyncContextManager[Server]:
        server = Server()

        async def browser_ticket(request: Request) -> Response:
            line = (await request.json())["line"]
            if line == "nowhere":
                return JSONResponse({"detail": {"message": "no line 'nowhere'"}}, status_code=404)
            return JSONResponse({"ticket": "b1", "url": "/ws/browser?ticket=b1"})

        async def sign_in(request: Request) -> Response:
            if await request.json() != {"name": "anna", "password": "right"}:
                return JSONResponse({"detail": {"code": "wrong_password"}}, status_code=401)
            answer = JSONResponse({"csrf_token": "c5rf"})
            answer.set_cookie("centralino", "s1", httponly=True)
            return answer

        async def operator_ticket(request: Request) -> Response:
            if request.cookies.get("centralino") != "s1" or request.headers.get("X-CSRF-Token") != "c5rf":
                return JSONResponse({"detail": {"code": "not_signed_in"}}, status_code=401)
            return JSONResponse({"ticket": "o1", "url": "/ws/operator?ticket=o1"})

        async def talk(socket: WebSocket) -> None:
            await socket.accept()
            if socket.query_params["ticket"] not in ("b1", "o1"):
                await socket.close(1008, "bad ticket")
                return
            await server.run(SocketBot(socket), plays)

        routes = [
            Route("/api/browser-calls", browser_ticket, methods=["POST"]),
            Route("/api/sign-in", sign_in, methods=["POST"]),
            Route("/api/operator-tickets", operator_ticket, methods=["POST"]),
            WebSocketRoute("/ws/browser", talk),
            WebSocketRoute("/ws/operator", talk),
        ]
        return _running(Starlette(routes=routes), server)

    return serve


@pytest.fixture
def auth_token() -> str:
    return AUTH_TOKEN
