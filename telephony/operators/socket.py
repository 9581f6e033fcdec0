"""An operator's websocket: JSON text for clicks and news, binary PCM16 at 16 kHz for both voices.

What goes out waits in a bounded queue of its own, so that a console that stops reading delays nobody: old sound is
dropped first, and a console that does not even take news is disconnected (it comes back and is told everything).
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from typing import Any

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from telephony.media import ProtocolError
from telephony.operators.desk import Desk
from telephony.operators.presence import Presence
from telephony.protocols import frames

log = structlog.get_logger()

MOST_NEWS = 500
MOST_SOUND = 50

CHOICES = {"available": Presence.AVAILABLE, "away": Presence.AWAY, "wrapped_up": Presence.AVAILABLE}


class OperatorSocket:
    """One accepted websocket of a signed-in operator."""

    def __init__(self, socket: WebSocket, desk: Desk, operator_id: str, name: str, queues: frozenset[str]) -> None:
        self._socket, self._desk, self._id, self._name, self._queues = socket, desk, operator_id, name, queues
        self._news: deque[str] = deque()
        self._sound: deque[bytes] = deque(maxlen=MOST_SOUND)
        self._wake = asyncio.Event()
        self._closing: tuple[int, str] | None = None

    def tell(self, message: Mapping[str, Any]) -> None:
        if len(self._news) >= MOST_NEWS:
            self.close("too_slow")
            return
        self._news.append(json.dumps(message, ensure_ascii=False))
        self._wake.set()

    def sound(self, pcm: bytes) -> None:
        if pcm:
            self._sound.append(pcm)
            self._wake.set()

    def close(self, reason: str) -> None:
        self._closing = (4000, reason)
        self._wake.set()

    async def serve(self) -> None:
        """Until either side closes."""
        self._desk.sit(self._id, self._name, self._queues, self)
        tasks = {asyncio.create_task(self._receive()), asyncio.create_task(self._send())}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            self._desk.stand(self._id, self)
            code, reason = self._closing or (1000, "")
            for result in results:
                if isinstance(result, ProtocolError):
                    code, reason = result.close, str(result)
                elif isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect | RuntimeError):
                    log.error("operator.socket_failed", operator=self._id, exc_info=result)
                    code, reason = 1011, "internal error"
            try:
                await self._socket.close(code, reason[:120])
            except (WebSocketDisconnect, RuntimeError):
                log.debug("operator.already_closed", operator=self._id)

    async def _send(self) -> None:
        while self._closing is None:
            await self._wake.wait()
            self._wake.clear()
            while (self._news or self._sound) and self._closing is None:
                if self._news:
                    await self._socket.send_text(self._news.popleft())
                else:
                    await self._socket.send_bytes(self._sound.popleft())

    async def _receive(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if (text := message.get("text")) is not None:
                await self._take(frames.json_frame(text))
            elif pcm := message.get("bytes"):
                if len(pcm) % 2:
                    raise ProtocolError("wrong_codec", f"PCM16 is expected, got {len(pcm)} bytes")
                self._desk.sound_from_operator(self._id, pcm)

    async def _take(self, frame: dict[str, Any]) -> None:
        kind = frames.text(frame, "type", 32)
        if kind in CHOICES:
            self._desk.choose(self._id, CHOICES[kind])
        elif kind in ("accept", "decline"):
            await self._desk.answer(self._id, frames.text(frame, "offer", 64), accept=kind == "accept")
        elif kind == "hangup":
            self._desk.hang_up(self._id)
        else:
            raise ProtocolError("malformed_frame", f"unknown type {kind!r}")
