"""A call through the browser door: PCM16 at 16 kHz over a websocket, as the page in a browser does it."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urljoin

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from centralino.calling.door import CallRefused, Happening, Observer
from centralino.calling.far_end import Dialling, WebsocketDoor

RATE_HZ = 16000
TIMEOUT_S = 15.0


class BrowserDoor(WebsocketDoor):
    """A call from a browser. call_id, language, recognizer: as the server said when it was ready."""

    def __init__(self, socket: ClientConnection, ready: dict[str, Any], observer: Observer) -> None:
        super().__init__(socket, RATE_HZ, observer)
        self.call_id = str(ready.get("call_id", ""))
        self.language = str(ready.get("language", ""))
        self.recognizer = str(ready.get("recognizer", ""))

    @classmethod
    async def dial(cls, to: Dialling) -> BrowserDoor:
        """Get a ticket for a line and call. Raises CallRefused."""
        server_url, line, caller, observer = to.server_url.rstrip("/"), to.line, to.caller, to.observer
        observer(Happening(0, "ringing", f"{server_url}, line {line}"))
        socket = await open_socket(server_url, await _ticket(server_url, line))
        try:
            start = {"type": "start", "line": line, "caller": caller, "rate_hz": RATE_HZ}
            await socket.send(json.dumps(start))
            ready = json.loads(await asyncio.wait_for(socket.recv(), TIMEOUT_S))
            if not isinstance(ready, dict) or ready.get("type") != "ready" or ready.get("rate_hz") != RATE_HZ:
                raise CallRefused(f"the server answered 'start' with {ready!r}, not with 'ready' at {RATE_HZ} Hz")
        except ConnectionClosed as closed:
            frame = closed.rcvd
            raise CallRefused(
                f"line {line!r} was refused with code {frame.code}: {frame.reason}" if frame else "the connection broke"
            ) from closed
        except (TimeoutError, ValueError, CallRefused) as error:
            await socket.close()
            if isinstance(error, CallRefused):
                raise
            raise CallRefused(f"no 'ready' from the server within {TIMEOUT_S:.0f} s ({error!r})") from error
        door = cls(socket, ready, observer)
        door.start()
        door.tell("answered", door.call_id, language=door.language, recognizer=door.recognizer)
        return door

    async def send_frame(self, pcm: bytes) -> None:
        await self.send(pcm)

    async def send_key(self, key: str) -> None:
        await self.send(json.dumps({"type": "dtmf", "digit": key}))

    async def echo_mark(self, name: str) -> None:
        await self.send(json.dumps({"type": "mark", "name": name}))

    async def hang_up(self) -> None:
        self.end("us", "hung up")
        await self.send(json.dumps({"type": "stop"}))
        await self.close()

    async def receive(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            if len(message) % 2:
                return self.protocol_error(f"{len(message)} bytes of sound: half a sample")
            return self.hear(message)
        try:
            frame = json.loads(message)
        except ValueError:
            return self.protocol_error(f"not JSON: {message[:80]!r}")
        match frame:
            case {"type": "mark", "name": str(name)}:
                self.hear_mark(name)
            case {"type": "clear"}:
                await self.hear_clear()
            case {"type": "transcript", "speaker": "caller" | "bot" | "operator" as speaker, "text": str(text)}:
                if frame.get("is_final"):
                    self.hear_transcript(speaker, text, float(frame.get("at_ms", 0)))
            case {"type": "ended", "reason": str(reason)}:
                self.end_reason = reason
            case _:
                self.protocol_error(f"not in the browser door's protocol: {message[:120]}")


async def _ticket(server_url: str, line: str) -> str:
    url = f"{server_url}/api/browser-calls"
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            answer = await client.post(url, json={"line": line})
    except httpx.HTTPError as error:
        raise CallRefused(f"no answer from {url} ({error!r}); is the server running there?") from error
    if answer.status_code not in (200, 201):
        raise CallRefused(f"{url} gave no ticket for line {line!r}: {answer.status_code} {answer.text[:300]}")
    return str(answer.json()["url"])


async def open_socket(server_url: str, path: str) -> ClientConnection:
    """A websocket to a path of the server. Raises CallRefused."""
    url = urljoin(server_url.replace("http", "ws", 1) + "/", path)
    try:
        return await connect(url, compression=None, proxy=None)
    except (OSError, InvalidHandshake, InvalidURI, TimeoutError) as error:
        raise CallRefused(f"{url.split('?')[0]}: the websocket was not opened ({error})") from error
