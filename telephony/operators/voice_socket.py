"""A websocket of our pages that carries a person's voice: JSON text for clicks and news, binary PCM16 at 16 kHz.

What goes out waits in a bounded queue of its own, so that a page that stops reading delays nobody: old sound is dropped
first, and a page that does not even take news is disconnected (it comes back and is told everything).
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Coroutine, Mapping
from typing import Any

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from telephony.media import ProtocolError
from telephony.protocols import frames

log = structlog.get_logger()

MOST_NEWS = 500
"""Messages kept for a page that does not read; with one more it is disconnected."""
MOST_SOUND = 50
"""Frames of sound kept for it (1 s of 20 ms frames); older ones are dropped."""
CLOSE_S = 2.0
"""How long a page may take to read why it is disconnected."""
READ_FIRST = frozenset({"signed_off", "ended"})
"""Whoever is disconnected for these is told what waits for them first."""


class VoiceSocket(ABC):
    """One accepted websocket. kind: 'operator' | 'monitor', for the log; who: whose it is."""

    def __init__(self, socket: WebSocket, kind: str, who: str) -> None:
        self._socket, self._kind, self._id = socket, kind, who
        self._news: deque[str] = deque()
        self._sound: deque[bytes] = deque(maxlen=MOST_SOUND)
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._close_code, self._close_reason = 1000, ""

    @abstractmethod
    async def _take(self, frame: dict[str, Any]) -> None:
        """A message of the page. Raises ProtocolError."""

    @abstractmethod
    def _voice(self, pcm: bytes) -> None:
        """The page's microphone, PCM16 at 16 kHz, whole samples."""

    def tell(self, message: Mapping[str, Any]) -> None:
        if len(self._news) >= MOST_NEWS:
            log.warning(f"{self._kind}.too_slow", who=self._id, unread=len(self._news))
            self.close("too_slow")
        elif not self._closing.is_set():
            self._news.append(json.dumps(message, ensure_ascii=False))
            self._wake.set()

    def sound(self, pcm: bytes) -> None:
        if pcm and not self._closing.is_set():
            self._sound.append(pcm)
            self._wake.set()

    def close(self, reason: str) -> None:
        """The page is disconnected; it may come back. reason: 'replaced' | 'too_slow' | 'signed_off' | 'ended'."""
        if not self._closing.is_set():
            self._close_code, self._close_reason = 4000, reason
            if reason not in READ_FIRST:
                self._news.clear()
            self._closing.set()

    async def _carry(self, *beside: Coroutine[Any, Any, None]) -> None:
        """Until either side closes, or something that runs beside it ends; then `_disconnect`."""
        work = (self._receive(), self._send(), self._closing.wait(), *beside)
        tasks: list[asyncio.Task[Any]] = [asyncio.create_task(one) for one in work]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, ProtocolError):
                    log.warning(f"{self._kind}.bad_frame", who=self._id, code=result.code, detail=result.detail)
                    self._close_code, self._close_reason = result.close, str(result)
                elif isinstance(result, Exception):
                    log.error(f"{self._kind}.socket_failed", who=self._id, exc_info=result)
                    self._close_code, self._close_reason = 1011, "internal error"

    async def _disconnect(self) -> None:
        reason = self._close_reason.encode()[:120].decode("utf-8", "ignore")  # a close frame holds 123 bytes
        try:
            async with asyncio.timeout(CLOSE_S):
                while self._news and self._close_reason in READ_FIRST:
                    await self._socket.send_text(self._news.popleft())
                await self._socket.close(self._close_code, reason)
        except (WebSocketDisconnect, RuntimeError, TimeoutError):
            log.debug(f"{self._kind}.already_gone", who=self._id)

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
                self._voice(pcm)
