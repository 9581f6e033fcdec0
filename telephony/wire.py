"""What carries one call's messages: a websocket here, a TCP connection or a SIP leg elsewhere."""

from __future__ import annotations

from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from telephony.media import MediaEvent


class WireClosed(Exception):
    """The far end is gone. code: as websockets have them: 1000 orderly, 1006 broken, 1007 no UTF-8, 1009 too big."""

    def __init__(self, code: int) -> None:
        super().__init__(f"closed with code {code}")
        self.code = code


class Wire(Protocol):
    """One connection, already authenticated as far as its door can before the first message."""

    async def receive(self) -> str | bytes | MediaEvent:
        """The next message, of bounded size, or what the wire itself has to tell. Raises WireClosed."""
        ...

    async def send(self, message: str | bytes) -> None:
        """Raises WireClosed; waits while the far end takes nothing."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """Say why, if the far end can be told. Raises WireClosed when it is gone already."""
        ...


class WebsocketWire:
    """An accepted websocket."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def receive(self) -> str | bytes:
        try:
            message = await self._socket.receive()
        except (WebSocketDisconnect, RuntimeError):
            raise WireClosed(1006) from None
        if message["type"] == "websocket.disconnect":
            raise WireClosed(int(message.get("code") or 1005))
        text: str | None = message.get("text")
        return text if text is not None else message.get("bytes") or b""

    async def send(self, message: str | bytes) -> None:
        try:
            if isinstance(message, str):
                await self._socket.send_text(message)
            else:
                await self._socket.send_bytes(message)
        except (WebSocketDisconnect, RuntimeError):
            raise WireClosed(1006) from None

    async def close(self, code: int, reason: str) -> None:
        shown = reason.encode()[:120].decode("utf-8", "ignore")  # a close frame holds 123 bytes
        try:
            await self._socket.close(code, shown)
        except (WebSocketDisconnect, RuntimeError):
            raise WireClosed(1006) from None
