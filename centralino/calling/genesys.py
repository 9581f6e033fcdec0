"""The far end of an Audio Connector session: it signs, opens, pings, plays and complains as Genesys does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidURI

from centralino.calling.door import CallRefused, Happening, Observer
from centralino.calling.far_end import Dialling, WebsocketDoor
from centralino.calling.genesys_limits import LARGEST_SOUND_BYTES, LARGEST_TEXT_BYTES, RateLimit
from centralino.calling.genesys_signing import signed_headers
from centralino.calling.reaching import reachable
from centralino.calling.sound import FRAME_MS
from voice import g711

RATE_HZ = 8000
OPEN_S, CLOSE_S = 5.0, 5.0
FIRST_PING_S, PING_S = 1.0, 5.0
PATH = "/genesys/audiohook"


class GenesysDoor(WebsocketDoor):
    """A session. call_id: Genesys' conversation. variables: what the server left for the flow."""

    def __init__(self, socket: ClientConnection, session_id: str, observer: Observer) -> None:
        super().__init__(socket, RATE_HZ, observer)
        self.call_id = str(uuid.uuid4())
        self.variables: dict[str, str] = {}
        self._session_id = session_id
        self._seq = self._server_seq = 0
        self._pings: list[int] = []
        self._opened, self._closed = asyncio.Event(), asyncio.Event()
        self._closing = self._playing = False
        self._parting: asyncio.Task[None] | None = None
        self._sounds, self._texts = RateLimit(), RateLimit()

    @classmethod
    async def dial(cls, to: Dialling) -> GenesysDoor:
        """secrets: `api_key`, `client_secret`; a line that is no number goes into the address, as a connector's id.

        Raises CallRefused and ValueError.
        """
        server_url = to.server_url.rstrip("/")
        public_url = (to.public_url or server_url).rstrip("/")
        url = public_url.replace("http", "ws", 1) + PATH + ("" if to.line.startswith("+") else f"/{to.line}")
        organization_id = to.secrets.get("organization_id") or str(uuid.uuid4())
        session_id = str(uuid.uuid4())
        headers = signed_headers(
            url, to.secret("api_key"), to.secret("client_secret"), organization_id, session_id, str(uuid.uuid4()),
            int(time.time()),
        )  # fmt: skip
        to.observer(Happening(0, "ringing", url))
        try:
            socket = await connect(
                reachable(url, public_url.replace("http", "ws", 1), server_url),
                additional_headers=headers, user_agent_header="GenesysCloud-AudioHook-Client", compression=None,
                proxy=None,
            )  # fmt: skip
        except (OSError, InvalidHandshake, InvalidURI, TimeoutError) as error:
            raise CallRefused(f"{url}: the session was not connected ({error}); are the credentials right?") from error
        door = cls(socket, session_id, to.observer)
        await door._open(organization_id, to.caller, to.line)
        return door

    async def _open(self, organization_id: str, caller: str, line: str) -> None:
        self.start(self._ping(), self._watch_playback())
        media = [
            {"type": "audio", "format": name, "channels": ["external"], "rate": RATE_HZ} for name in ("PCMU", "L16")
        ]
        participant = {"id": str(uuid.uuid4()), "ani": f"tel:{caller}", "aniName": "", "dnis": f"tel:{line}"}
        await self._say(
            "open", organizationId=organization_id, conversationId=self.call_id, participant=participant, media=media,
            language="it-IT", inputVariables={},
        )  # fmt: skip
        opened, over = asyncio.create_task(self._opened.wait()), asyncio.create_task(self.finished.wait())
        await asyncio.wait({opened, over}, timeout=OPEN_S, return_when=asyncio.FIRST_COMPLETED)
        opened.cancel()
        over.cancel()
        if not self._opened.is_set():
            await self.close()
            why = self.end_reason or (self.ended.reason if self.ended else f"no 'opened' within {OPEN_S:.0f} s")
            raise CallRefused(f"the session was not opened: {why}")
        self.tell("answered", self.call_id)

    async def _say(self, kind: str, **parameters: Any) -> None:
        self._seq += 1
        position = f"PT{self.clock.now_ms() / 1000:.3f}S"
        numbers = {"seq": self._seq, "serverseq": self._server_seq, "position": position}
        frame = {"version": "2", "id": self._session_id, "type": kind, **numbers, "parameters": parameters}
        await self.send(json.dumps(frame, separators=(",", ":")))

    async def send_frame(self, pcm: bytes) -> None:
        if not self._closing:
            await self.send(g711.pcm_to_mulaw(pcm))

    async def send_key(self, key: str) -> None:
        await self._say("dtmf", digit=key)

    async def hang_up(self) -> None:
        self.end("us", "hung up")
        await self._leave("end")
        await self.close()

    async def after_call(self) -> None:
        if self.ended and self.ended.by != "us":
            self.afterwards = tuple(f"{name}={value}" for name, value in self.variables.items())

    async def _leave(self, reason: str) -> None:
        self._closing = True
        await self._say("close", reason=reason)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._closed.wait()
                return
        self.protocol_error(f"no 'closed' within {CLOSE_S:.0f} s (error 408)")

    async def receive(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            return await self._sound(message)
        if len(message.encode()) > LARGEST_TEXT_BYTES:
            return self.protocol_error("a text message over 64 KiB (error 413)")
        if self._texts.exceeded(self.clock.now_ms()):
            await self._too_many("text")
        try:
            frame = json.loads(message)
            kind, seq, parameters = str(frame["type"]), frame["seq"], dict(frame["parameters"])
            ours = frame["version"] == "2" and frame["id"] == self._session_id and frame["clientseq"] <= self._seq
        except (ValueError, KeyError, TypeError) as error:
            return self.protocol_error(f"not a server's message (error 400, {error!r}): {message[:120]}")
        if not ours or seq != self._server_seq + 1:
            self.protocol_error(f"{kind} with seq {seq} after {self._server_seq}, or of another session (error 400)")
        self._server_seq = seq
        await self._take(kind, frame["clientseq"], parameters)

    async def _take(self, kind: str, clientseq: int, parameters: dict[str, Any]) -> None:
        if kind == "opened":
            self._opened.set()
        elif kind == "pong":
            if not self._pings or self._pings.pop(0) != clientseq:
                self.protocol_error("a pong that answers no ping (error 409)")
        elif kind == "event":
            await self._events(parameters.get("entities"))
        elif kind == "disconnect":
            self.variables = parameters.get("outputVariables", {})
            if not all(isinstance(value, str) for value in self.variables.values()):
                self.protocol_error("outputVariables are strings")
            self.end_reason = self.variables.get("centralino_end") or str(parameters.get("info", ""))
            self._parting = asyncio.create_task(self._part())
        elif kind == "closed":
            self._closed.set()
        elif kind not in ("updated", "pause", "resume", "reconnect"):
            self.protocol_error(f"{kind!r} is no message of a server (error 400)")

    async def _part(self) -> None:
        await self._leave("disconnect")
        self.end("them", self.end_reason)
        await self.socket.close()

    async def _events(self, entities: Any) -> None:
        kinds = [entity.get("type") for entity in entities] if isinstance(entities, list) and entities else [None]
        for kind in kinds:
            if kind == "barge_in":
                await self.hear_clear()
            elif kind != "bot_turn_response":
                self.protocol_error(f"an event with {kind!r}, which the Audio Connector does not know")

    async def _sound(self, message: bytes) -> None:
        if len(message) > LARGEST_SOUND_BYTES or not self._opened.is_set():
            return self.protocol_error(f"{len(message)} bytes of sound: too many, or before 'opened' (error 413)")
        if self._sounds.exceeded(self.clock.now_ms()):
            return await self._too_many("binary")
        self.hear(g711.mulaw_to_pcm(message))
        if not self._playing:
            self._playing = True
            await self._say("playback_started")

    async def _too_many(self, what: str) -> None:
        self.protocol_error(f"too many {what} messages (error 429)")
        await self._say("error", code=429, message=f"Rate limit of {what} messages exceeded", retryAfter="PT1S")

    async def _watch_playback(self) -> None:
        while True:
            await asyncio.sleep(FRAME_MS / 1000)
            if self._playing and self.playout.ends_ms <= self.clock.now_ms() and not self._closing:
                self._playing = False
                await self._say("playback_completed")

    async def _ping(self) -> None:
        await self._opened.wait()
        await asyncio.sleep(FIRST_PING_S)
        while not self._closing:
            if self._pings:
                self.protocol_error(f"no pong within {PING_S:.0f} s (error 408)")
            await self._say("ping")
            self._pings.append(self._seq)
            await asyncio.sleep(PING_S)
