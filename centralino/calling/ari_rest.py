"""Asterisk's REST interface before an `AriPbx`: as much of it as a voicebot uses, with its refusals.

Reference: Asterisk's documentation "Asterisk REST Interface" (channels, bridges, applications, events), and what a real
Asterisk 22.10 answers: a channel can be put into a bridge once it is in the application, not before (422).
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import socket
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from centralino.calling.ari_pbx import AriPbx, Channel


@contextlib.asynccontextmanager
async def ari(pbx: AriPbx, url: str, username: str, password: str) -> AsyncIterator[None]:
    """The interface answers at `url` while this is open. Raises OSError when the port cannot be had."""
    where = urlsplit(url)
    routes = _Rest(pbx, where.path.rstrip("/"), username, password).routes()
    async with listening_at(where.hostname or "127.0.0.1", where.port or 8088, routes):
        try:
            yield
        finally:
            await pbx.close()


@contextlib.asynccontextmanager
async def listening_at(host: str, port: int, routes: Sequence[BaseRoute]) -> AsyncIterator[None]:
    """Raises OSError when the port cannot be had."""
    config = uvicorn.Config(
        Starlette(routes=routes), host=host, port=port, log_level="critical", ws="websockets-sansio", lifespan="off",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = _Uvicorn(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        if serving.done():
            raise OSError(f"{host}:{port} cannot be listened on; is a real Asterisk there?")
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


class _Uvicorn(uvicorn.Server):
    """Leaves the signals alone, and the process when it cannot listen."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        with contextlib.suppress(SystemExit):
            await super().serve(sockets)


class _Rest:
    def __init__(self, pbx: AriPbx, path: str, username: str, password: str) -> None:
        self._pbx, self._path = pbx, path
        self._basic = f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"

    def routes(self) -> list[BaseRoute]:
        one, bridges = f"{self._path}/channels/{{channel}}", f"{self._path}/bridges"
        asked: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
            ("GET", f"{self._path}/applications/{{app}}", self._application),
            ("POST", f"{self._path}/channels/externalMedia", self._external_media),
            ("POST", f"{one}/answer", self._answer),
            ("POST", f"{one}/dtmf", self._keys),
            ("POST", f"{one}/variable", self._variable),
            ("POST", f"{one}/moh", self._music),
            ("DELETE", f"{one}/moh", self._music),
            ("POST", one, self._originate),
            ("POST", f"{one}/continue", self._continue),
            ("DELETE", one, self._hang_up),
            ("GET", bridges, self._list_bridges),
            ("POST", f"{bridges}/{{bridge}}", self._create_bridge),
            ("DELETE", f"{bridges}/{{bridge}}", self._destroy_bridge),
            ("POST", f"{bridges}/{{bridge}}/addChannel", self._add_channel),
            ("POST", f"{bridges}/{{bridge}}/removeChannel", self._remove_channel),
        ]
        routes = [Route(path, self._allowed(deed), methods=[method]) for method, path, deed in asked]
        return [*routes, WebSocketRoute(f"{self._path}/events", self._events)]

    def _known(self, asking: HTTPConnection) -> bool:
        return hmac.compare_digest(asking.headers.get("Authorization", ""), self._basic)

    def _allowed(self, deed: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            self._pbx.requests.append(f"{request.method} {request.url.path.removeprefix(self._path)}")
            return await deed(request) if self._known(request) else _wrong(401, "Authentication required")

        return answer

    async def _events(self, socket: WebSocket) -> None:
        if not self._known(socket) or socket.query_params.get("app") != self._pbx.app:
            await socket.close(1008)
            return
        await socket.accept()
        await self._pbx.tell_events_to(socket)

    async def _application(self, request: Request) -> Response:
        here = [channel.id for channel in self._pbx.channels.values() if channel.in_app]
        return JSONResponse({"name": self._pbx.app, "channel_ids": here, "bridge_ids": []})

    def _channel(self, request: Request) -> Channel | None:
        return self._pbx.channels.get(request.path_params["channel"])

    async def _answer(self, request: Request) -> Response:
        channel = self._channel(request)
        if channel is None or not channel.in_app:
            return _wrong(404, "Channel not found")
        channel.state = "Up"
        return Response(status_code=204)

    async def _continue(self, request: Request) -> Response:
        channel = self._channel(request)
        if channel is None or not channel.in_app:
            return _wrong(404, "Channel not found")
        channel.fate = "continue"
        channel.place = (request.query_params.get("context", ""), request.query_params.get("extension", ""))
        del self._pbx.channels[channel.id]
        await self._pbx.leave(channel)
        return Response(status_code=204)

    async def _hang_up(self, request: Request) -> Response:
        channel = self._channel(request)
        if channel is None:
            return _wrong(404, "Channel not found")
        await self._pbx.vanish(channel)
        return Response(status_code=204)

    async def _originate(self, request: Request) -> Response:
        query = dict(request.query_params)
        if query.get("app") != self._pbx.app or not query.get("endpoint"):
            return _wrong(400, "Invalid parameters")
        if "/" not in query["endpoint"]:
            return _wrong(400, "Invalid endpoint specified")
        channel = Channel(request.path_params["channel"], f"{query['endpoint']}-00000002", query.get("callerId", ""))
        self._pbx.call_out(channel, query["endpoint"], query.get("appArgs", ""), (await request.json())["variables"])
        return JSONResponse(channel.to_json())

    async def _keys(self, request: Request) -> Response:
        channel = self._channel(request)
        if channel is None or not channel.in_app:
            return _wrong(404, "Channel not found")
        channel.keys += request.query_params["dtmf"]
        return Response(status_code=204)

    async def _variable(self, request: Request) -> Response:
        channel = self._channel(request)
        if channel is None:
            return _wrong(404, "Channel not found")
        channel.variables[request.query_params["variable"]] = request.query_params["value"]
        return Response(status_code=204)

    async def _music(self, request: Request) -> Response:
        channel = self._channel(request)
        if channel is None or not channel.in_app:
            return _wrong(404, "Channel not found")
        channel.music = request.method == "POST"
        return Response(status_code=204)

    async def _external_media(self, request: Request) -> Response:
        query = dict(request.query_params)
        right = query.get("transport") == "websocket" and query.get("encapsulation") == "none"
        right |= query.get("transport") == "tcp" and query.get("encapsulation") == "audiosocket"
        if query.get("app") != self._pbx.app or not right or not query.get("format") or not query.get("external_host"):
            return _wrong(400, "Invalid parameters")
        channel = Channel(query["channelId"], "WebSocket/centralino/0x7f0000000000", state="Down")
        self._pbx.bring_sound(channel, {**query, **(await request.json())["variables"]})
        return JSONResponse(channel.to_json())

    async def _list_bridges(self, request: Request) -> Response:
        return JSONResponse(
            [{"id": bridge, "channels": sorted(members)} for bridge, members in self._pbx.bridges.items()]
        )

    async def _create_bridge(self, request: Request) -> Response:
        bridge = request.path_params["bridge"]
        if bridge in self._pbx.bridges:
            return _wrong(409, "Bridge with the same bridgeId already exists")
        self._pbx.bridges[bridge] = set()
        self._pbx.note_emptiness()
        return JSONResponse({"id": bridge})

    async def _destroy_bridge(self, request: Request) -> Response:
        if self._pbx.bridges.pop(request.path_params["bridge"], None) is None:
            return _wrong(404, "Bridge not found")
        self._pbx.note_emptiness()
        return Response(status_code=204)

    async def _add_channel(self, request: Request) -> Response:
        members = self._pbx.bridges.get(request.path_params["bridge"])
        if members is None:
            return _wrong(404, "Bridge not found")
        for name in request.query_params.get("channel", "").split(","):
            channel = self._pbx.channels.get(name)
            if channel is None:
                return _wrong(400, "Channel not found")
            if not channel.in_app:
                return _wrong(422, "Channel not in Stasis application")
            members.add(channel.id)
            channel.bridge = request.path_params["bridge"]
            channel.joined.set()
        return Response(status_code=204)

    async def _remove_channel(self, request: Request) -> Response:
        members = self._pbx.bridges.get(request.path_params["bridge"])
        if members is None:
            return _wrong(404, "Bridge not found")
        members.difference_update(request.query_params.get("channel", "").split(","))
        return Response(status_code=204)


def _wrong(status: int, message: str) -> Response:
    return JSONResponse({"message": message}, status)
