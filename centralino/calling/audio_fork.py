"""The far end of mod_audio_fork's websocket: it sends, buffers and complains as the module does in FreeSWITCH."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidURI
from websockets.typing import Subprotocol

from centralino.calling.door import CallRefused, Observer
from centralino.calling.far_end import WebsocketDoor
from centralino.calling.fork_buffer import ForkBuffer
from centralino.calling.sound import FRAME_MS

LOOKED_AT = ("killAudio", "mark", "clearMarks", "disconnect", "transcription", "transfer", "error", "json")
"""What the module takes while it streams both ways."""


async def open_fork(url: str, username: str, password: str, subprotocol: str) -> ClientConnection:
    """Connect as the module does. Raises CallRefused."""
    shown = base64.b64encode(f"{username}:{password}".encode()).decode()
    try:
        socket = await connect(
            url,
            subprotocols=[Subprotocol(subprotocol)],
            additional_headers={"Authorization": f"Basic {shown}"},
            user_agent_header=None,
            compression=None,
            proxy=None,
        )
    except (OSError, InvalidHandshake, InvalidURI, TimeoutError) as error:
        raise CallRefused(f"{url}: the websocket was not opened ({error})") from error
    if socket.subprotocol != subprotocol:
        await socket.close()
        raise CallRefused(f"{url}: the server did not choose the subprotocol {subprotocol}")
    return socket


class AudioForkDoor(WebsocketDoor):
    """A call whose sound is forked. `disconnected` holds the data of a `disconnect`, None before one."""

    def __init__(self, socket: ClientConnection, rate_hz: int, observer: Observer) -> None:
        super().__init__(socket, rate_hz, observer)
        self.disconnected: dict[str, Any] | None = None
        self._buffer = ForkBuffer(self.playout)

    async def begin(self, metadata: dict[str, Any]) -> None:
        """The first text frame; then sound may flow."""
        await self.send(json.dumps(metadata, separators=(",", ":")))
        self.start(self._play())
        self.tell("answered", self.call_id)

    async def send_frame(self, pcm: bytes) -> None:
        await self.send(pcm)

    async def send_key(self, key: str) -> None:
        await self.send(json.dumps({"event": "dtmf", "dtmf": key, "duration": "1600"}, separators=(",", ":")))

    async def echo_mark(self, name: str) -> None:
        await self._tell_mark(name, "playout")

    async def hang_up(self) -> None:
        self.end("us", "hung up")
        await self.close()

    async def receive(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self._buffer.sound(self.clock.now_ms(), message)
            return
        try:
            frame = json.loads(message)
        except ValueError:
            return self.protocol_error(f"not JSON: {message[:80]!r}")
        match frame:
            case {"type": "mark", "data": {"name": str(name)}}:
                self._buffer.mark(name)
            case {"type": "killAudio"}:
                cleared = self._buffer.kill(self.clock.now_ms())
                self.tell("clear", marks=cleared)
                for name in cleared:
                    await self._tell_mark(name, "cleared")
            case {"type": "clearMarks"}:
                self._buffer.clear_marks()
            case {"type": "disconnect"}:
                self._left(frame.get("data"))
            case {"type": kind} if kind in LOOKED_AT:
                pass
            case _:
                self.protocol_error(f"the module does not take this while it streams both ways: {message[:120]}")

    def _left(self, data: Any) -> None:
        self.disconnected = data if isinstance(data, dict) else {}
        self.end_reason = str(self.disconnected.get("reason", ""))

    async def _tell_mark(self, name: str, event: str) -> None:
        await self.send(f'{{"type": "mark", "data": {{"name":"{name}", "event": "{event}"}}}}')

    async def _play(self) -> None:
        while True:
            await asyncio.sleep(FRAME_MS / 1000)
            for name in self._buffer.played(self.clock.now_ms()):
                await self.echo_mark(name)
            while self._buffer.faults:
                self.protocol_error(self._buffer.faults.pop(0))
