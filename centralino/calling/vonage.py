"""The far end of Vonage's voice websockets: it asks for an NCCO, connects, and takes sound in frames of 20 ms only.

Wire format: Vonage's guides "WebSockets" and "Signed webhooks". The JWTs are made here once more, apart from the
server's own code, so that the two can disagree.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidURI

from centralino.calling.door import CallRefused, Happening
from centralino.calling.far_end import Dialling, WebsocketDoor
from centralino.calling.reaching import reachable

TIMEOUT_S = 15.0
FRAME_MS = 20
MOST_BUFFERED = 3072
"""Messages that Vonage keeps for later; what comes on top is lost."""
LONGEST_HEADERS = 512
KEY_MS = 260


def signed_jwt(secret: str, at_s: int, body: bytes | None) -> str:
    """The JWT of a webhook with this body, or (None) of a websocket's upgrade."""
    claims: dict[str, Any] = {"iat": at_s, "jti": str(uuid.uuid4()), "iss": "Vonage", "api_key": "a1b2c3d"}
    if body is not None:
        claims["payload_hash"] = hashlib.sha256(body).hexdigest()
    parts = [_base64url(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    return ".".join([*parts, _base64url(hmac.digest(secret.encode(), ".".join(parts).encode(), hashlib.sha256))])


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class VonageDoor(WebsocketDoor):
    """A call in Vonage. call_id: its conversation's id. afterwards: the actions that came after the websocket.

    secrets: `signature_secret`.
    """

    def __init__(self, socket: ClientConnection, to: Dialling, call_id: str, action: dict[str, Any]) -> None:
        endpoint = action["endpoint"][0]
        super().__init__(socket, int(endpoint["content-type"].partition("rate=")[2]), to.observer)
        self.call_id = call_id
        self._to, self._action, self._endpoint = to, action, endpoint
        self._leg = str(uuid.uuid4())

    @classmethod
    async def dial(cls, to: Dialling) -> VonageDoor:
        """Ring a server. Raises CallRefused and ValueError."""
        call_id = f"CON-{uuid.uuid4()}"
        url = _public_url(to) + "/vonage/answer"
        to.observer(Happening(0, "ringing", url))
        call = {
            "from": to.caller.removeprefix("+"), "to": to.line.removeprefix("+"), "uuid": uuid.uuid4().hex,
            "conversation_uuid": call_id, "region_url": "https://api-eu.vonage.com",
        }  # fmt: skip
        ncco = await _ask(to, url, call)
        action = ncco[0] if ncco else {}
        endpoint = (action.get("endpoint") or [{}])[0]
        if action.get("action") != "connect" or endpoint.get("type") != "websocket":
            raise CallRefused(f"line {to.line!r}: the server answered with {', '.join(_shown(ncco)) or 'nothing'}")
        if fault := _fault(action, endpoint):
            raise CallRefused(f"{url}: {fault}")
        headers = {}
        if endpoint.get("authorization", {}).get("type") == "vonage":
            jwt = signed_jwt(to.secret("signature_secret"), int(time.time()), None)
            headers["Authorization"] = f"Bearer {jwt}"
        uri = endpoint["uri"]
        try:
            socket = await connect(
                reachable(uri, _public_url(to), to.server_url.rstrip("/")),
                additional_headers=headers, compression=None, proxy=None,
            )  # fmt: skip
        except (OSError, InvalidHandshake, InvalidURI, TimeoutError) as error:
            raise CallRefused(f"{uri}: the websocket was not connected ({error})") from error
        door = cls(socket, to, call_id, action)
        first = {"event": "websocket:connected", "content-type": endpoint["content-type"], **endpoint["headers"]}
        await door.send(json.dumps(first))
        door.start()
        door.tell("answered", call_id)
        await door._happened("answered")
        return door

    async def send_frame(self, pcm: bytes) -> None:
        await self.send(pcm)

    async def send_key(self, key: str) -> None:
        await self.send(json.dumps({"event": "websocket:dtmf", "digit": key, "duration": KEY_MS}))

    async def echo_mark(self, name: str) -> None:
        await self.send(json.dumps({"event": "websocket:notify", "payload": {"name": name}}))

    async def hang_up(self) -> None:
        """The caller is gone: Vonage closes the websocket."""
        self.end("us", "hung up")
        await self.close()

    async def after_call(self) -> None:
        """Where the other end closed the websocket, the event's answer says what comes next."""
        by_caller = self.ended is not None and self.ended.by == "us"
        self.afterwards = tuple(_shown(await self._happened("completed" if by_caller else "disconnected")))

    async def _happened(self, status: str) -> list[dict[str, Any]]:
        event = {
            "from": self._to.caller.removeprefix("+"), "to": self._endpoint["uri"], "uuid": self._leg,
            "conversation_uuid": self.call_id, "status": status, "direction": "outbound",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()), "headers": self._endpoint["headers"],
        }  # fmt: skip
        return await _ask(self._to, self._action["eventUrl"][0], event)

    async def receive(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            return self._hear_sound(message)
        try:
            command = json.loads(message)
        except ValueError:
            return self.protocol_error(f"not JSON: {message[:80]!r}")
        match command:
            case {"action": "clear"}:
                pending = self.playout.clear(self.clock.now_ms())
                self.tell("clear", marks=pending)
                await self.send(json.dumps({"event": "websocket:cleared"}))
            case {"action": "notify", "payload": {"name": str(name)}}:
                self.hear_mark(name)
            case _:
                self.protocol_error(f"neither clear nor notify: {message[:120]}")

    def _hear_sound(self, sound: bytes) -> None:
        frame_bytes = self.rate_hz * FRAME_MS // 500
        if len(sound) != frame_bytes:
            return self.protocol_error(f"{len(sound)} bytes of sound; a message has {frame_bytes}")
        if self.playout.ends_ms - self.clock.now_ms() > MOST_BUFFERED * FRAME_MS:
            return self.protocol_error(f"more than {MOST_BUFFERED} messages ahead; Vonage drops what comes on top")
        return self.hear(sound)


def _public_url(to: Dialling) -> str:
    return (to.public_url or to.server_url).rstrip("/")


async def _ask(to: Dialling, url: str, said: dict[str, Any]) -> list[dict[str, Any]]:
    """POST to a (public) URL; the NCCO that answers, empty when there is none. Raises CallRefused."""
    body = json.dumps(said).encode()
    jwt = signed_jwt(to.secret("signature_secret"), int(time.time()), body)
    headers = {"Authorization": f"Bearer {jwt}", "Content-Type": "application/json"}
    sent_to = reachable(url, _public_url(to), to.server_url.rstrip("/"))
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            answer = await client.post(sent_to, content=body, headers=headers)
    except httpx.HTTPError as error:
        raise CallRefused(f"no answer from {sent_to} ({error!r}); is the server running there?") from error
    if answer.status_code // 100 != 2:
        raise CallRefused(f"{sent_to} answered {answer.status_code}: {answer.text[:200]}; is the secret the same?")
    if answer.status_code == 204 or not answer.content:
        return []
    ncco = answer.json()
    if not isinstance(ncco, list) or not all(isinstance(action, dict) for action in ncco):
        raise CallRefused(f"{sent_to} answered with {answer.text[:200]}; an NCCO is a list of actions")
    return ncco


def _fault(action: dict[str, Any], endpoint: dict[str, Any]) -> str:
    """What Vonage would not do; '' when it would."""
    if endpoint.get("content-type") not in ("audio/l16;rate=8000", "audio/l16;rate=16000"):
        return f"content-type {endpoint.get('content-type')!r}; audio/l16;rate=8000 or 16000 is taken"
    if len(json.dumps(endpoint.get("headers", {}))) > LONGEST_HEADERS:
        return f"headers are over {LONGEST_HEADERS} bytes"
    if not str(endpoint.get("uri", "")).startswith(("wss://", "ws://127.0.0.1", "ws://localhost")):
        return f"uri {endpoint.get('uri')!r}; wss:// only (ws:// for loopback)"
    if action.get("eventType") != "synchronous" or not action.get("eventUrl"):
        return "without a synchronous eventUrl nobody says what comes after the websocket"
    return ""


def _shown(ncco: list[dict[str, Any]]) -> list[str]:
    """Each action in a few words."""
    shown = []
    for action in ncco:
        number = (action.get("endpoint") or [{}])[0].get("number", "")
        shown.append(f"{action.get('action')} {number or action.get('text', '')}".strip())
    return shown
