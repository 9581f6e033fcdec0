"""A carrier's web interface as far as call control asks it: Telnyx' TeXML, Vonage's Voice API, jambonz' calls.

Written from their documentations. It keeps what it was asked and answers as they do; or refuses, or answers nonsense.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from centralino.calling.ari_rest import listening_at


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    body: Mapping[str, Any]
    authorization: str


@dataclass
class RestApi:
    """proves: whether an `Authorization` is good. created: what answers a POST that makes a call, and its status.
    calls: the ids that are going on. broken: '' | 'garbage' | 'list' | 'error' | 'nothing': how it misbehaves."""

    prefix: str
    proves: Callable[[str], bool]
    created: tuple[int, Mapping[str, Any]]
    calls: set[str] = field(default_factory=set)
    gone_status: int = 404
    broken: str = ""
    asked: list[Asked] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def at(self, port: int) -> AsyncIterator[str]:
        route = Route(f"{self.prefix}{{rest:path}}", self._answer, methods=["POST", "PUT"])
        async with listening_at("127.0.0.1", port, [route]):
            yield f"http://127.0.0.1:{port}"

    async def _answer(self, request: Request) -> Response:
        raw = (await request.body()).decode()
        form = "form" in request.headers.get("Content-Type", "")
        body = dict(parse_qsl(raw)) if form else json.loads(raw or "{}")
        path = request.url.path.removeprefix(self.prefix)
        self.asked.append(Asked(request.method, path, body, request.headers.get("Authorization", "")))
        if not self.proves(request.headers.get("Authorization", "")):
            return JSONResponse({"error": "unauthorized"}, 401)
        match self.broken:
            case "garbage":
                return Response("<html>", 200, media_type="text/html")
            case "list":
                return JSONResponse([])
            case "error":
                return JSONResponse({"title": "Internal"}, 500)
            case "nothing":
                return JSONResponse({})
        if path.strip("/").lower() == "calls":
            return JSONResponse(dict(self.created[1]), self.created[0])
        if not any(call in path for call in self.calls):
            return JSONResponse({"error": "not found"}, self.gone_status)
        return Response(status_code=204)
