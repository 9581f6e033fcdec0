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
from telephony.operators.call_side import Dialled, Dismissed, Invited, Parked
from telephony.operators.desk import Desk
from telephony.operators.presence import Presence
from telephony.protocols import frames

log = structlog.get_logger()

MOST_NEWS = 500
"""Messages kept for a console that does not read; with one more it is disconnected."""
MOST_SOUND = 50
"""Frames of the caller's voice kept for it (1 s of 20 ms frames); older ones are dropped."""
MOST_KEYS = 32
"""That an operator may press at once."""
CLOSE_S = 2.0
"""How long a console may take to read why it is disconnected."""

CHOICES = {"available": Presence.AVAILABLE, "away": Presence.AWAY, "wrapped_up": Presence.AVAILABLE}


class OperatorSocket:
    """One accepted websocket of a signed-in operator."""

    def __init__(self, socket: WebSocket, desk: Desk, operator_id: str, name: str, queues: frozenset[str]) -> None:
        self._socket, self._desk, self._id, self._name, self._queues = socket, desk, operator_id, name, queues
        self._news: deque[str] = deque()
        self._sound: deque[bytes] = deque(maxlen=MOST_SOUND)
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._close_code, self._close_reason = 1000, ""

    def tell(self, message: Mapping[str, Any]) -> None:
        if len(self._news) >= MOST_NEWS:
            log.warning("operator.too_slow", operator=self._id, unread=len(self._news))
            self.close("too_slow")
        elif not self._closing.is_set():
            self._news.append(json.dumps(message, ensure_ascii=False))
            self._wake.set()

    def sound(self, pcm: bytes) -> None:
        if pcm and not self._closing.is_set():
            self._sound.append(pcm)
            self._wake.set()

    def close(self, reason: str) -> None:
        """The console is disconnected; it may come back. reason: 'replaced' | 'too_slow'."""
        if not self._closing.is_set():
            self._close_code, self._close_reason = 4000, reason
            self._news.clear()
            self._closing.set()

    async def serve(self) -> None:
        """Until either side closes."""
        self._desk.sit(self._id, self._name, self._queues, self)
        tasks = [asyncio.create_task(work) for work in (self._receive(), self._send(), self._closing.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            self._desk.stand(self._id, self)
            for result in results:
                if isinstance(result, ProtocolError):
                    log.warning("operator.bad_frame", operator=self._id, code=result.code, detail=result.detail)
                    self._close_code, self._close_reason = result.close, str(result)
                elif isinstance(result, Exception):
                    log.error("operator.socket_failed", operator=self._id, exc_info=result)
                    self._close_code, self._close_reason = 1011, "internal error"
            await self._disconnect()

    async def _disconnect(self) -> None:
        reason = self._close_reason.encode()[:120].decode("utf-8", "ignore")  # a close frame holds 123 bytes
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._socket.close(self._close_code, reason)
        except (WebSocketDisconnect, RuntimeError, TimeoutError):
            log.debug("operator.already_gone", operator=self._id)

    async def _send(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._news or self._sound:
                try:
                    if self._news:
                        await self._socket.send_text(self._news.popleft())
                    else:
                        await self._socket.send_bytes(self._sound.popleft())
                except (WebSocketDisconnect, RuntimeError):
                    return

    async def _receive(self) -> None:
        while True:
            try:
                message = await self._socket.receive()
            except RuntimeError:
                return
            if message["type"] == "websocket.disconnect" or self._closing.is_set():
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
        elif kind == "recording":
            await self._desk.record(self._id, frames.text(frame, "wanted", 16))
        elif kind in ("invite", "dismiss", "hold", "keys"):
            self._desk.ask(self._id, self._wish(kind, frame))
        elif kind == "hangup":
            self._desk.hang_up(self._id)
        else:
            raise ProtocolError("malformed_frame", f"unknown type {frames.shown(kind)}")

    def _wish(self, kind: str, frame: dict[str, Any]) -> Invited | Dismissed | Parked | Dialled:
        if kind == "invite":
            return Invited(frames.text(frame, "to", 64), self._id)
        if kind == "dismiss":
            return Dismissed(frames.text(frame, "to", 64))
        if kind == "hold":
            return Parked(frame.get("held") is True, self._id)
        keys = frames.text(frame, "keys", MOST_KEYS)
        if not keys or set(keys) - set("0123456789*#"):
            raise ProtocolError("malformed_frame", "keys: of 0-9 * # are expected")
        return Dialled(keys, self._id)
