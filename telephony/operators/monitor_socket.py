"""A supervisor's websocket into one operator's call: its sound and words come in, a mode and a voice go out.

Each mode, and the end, is written down and told to the operator before any sound of it flows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from starlette.websockets import WebSocket

from history import HistoryUnavailable
from telephony.media import ProtocolError
from telephony.operators.voice_socket import VoiceSocket
from telephony.overhearing import CannotOverhear, Mode, Overhearing
from telephony.protocols import frames

log = structlog.get_logger()

STILL_MAY_S = 5.0
"""How often it is asked whether the supervisor still may."""
END = "end"


class MonitorSocket(VoiceSocket):
    """One accepted websocket. written: notes a mode, or `END`, in the audit log; raises HistoryUnavailable. told: tells
    the operator of a mode, '' for none. may: whether the supervisor is still one, and signed in."""

    def __init__(
        self,
        socket: WebSocket,
        call: Overhearing,
        supervisor_id: str,
        name: str,
        written: Callable[[str], Awaitable[None]],
        told: Callable[[str], None],
        may: Callable[[], Awaitable[bool]],
    ) -> None:
        super().__init__(socket, "monitor", supervisor_id)
        self.id, self.name, self._call = supervisor_id, name, call
        self._written, self._told, self._may = written, told, may
        self._mode = Mode.LISTEN

    async def serve(self) -> None:
        """Until either side closes, the operator leaves the call, or the supervisor may no more."""
        try:
            self._call.check()
            await self._written(Mode.LISTEN)
        except CannotOverhear as error:
            self.close(error.code)
            return await self._disconnect()
        except HistoryUnavailable as error:
            log.error("monitor.history_unavailable", error=str(error))
            self.close("history_unavailable")
            return await self._disconnect()
        try:
            self.tell({"type": "mode", "mode": Mode.LISTEN})
            self._call.begin(self)
            self._told(Mode.LISTEN)
            await self._carry(self._look_whether_they_may())
            self._told("")
        except CannotOverhear as error:  # somebody else was quicker, or the operator has just left
            self.close(error.code)
        finally:
            await self._end()
        return None

    async def _end(self) -> None:
        try:
            await self._call.end(self)
            await self._written(END)
        except HistoryUnavailable as error:
            log.error("monitor.history_unavailable", error=str(error), what="the end is not in the audit log")
        await self._disconnect()

    async def _look_whether_they_may(self) -> None:
        while True:
            await asyncio.sleep(STILL_MAY_S)
            if not await self._may():
                return self.close("signed_off")

    def _voice(self, pcm: bytes) -> None:
        self._call.speak(self, pcm)

    async def _take(self, frame: dict[str, Any]) -> None:
        kind = frames.text(frame, "type", 32)
        if kind == "stop":
            self.close("stopped")
        elif kind == "mode":
            wanted = frames.text(frame, "mode", 16)
            if wanted not in list(Mode):
                raise ProtocolError("malformed_frame", f"mode: one of {', '.join(Mode)} is expected")
            await self._become(Mode(wanted))
        else:
            raise ProtocolError("malformed_frame", f"unknown type {frames.shown(kind)}")

    async def _become(self, mode: Mode) -> None:
        try:
            await self._written(mode)
            self._told(mode)
            if await self._call.become(self, mode):
                self._mode = mode
        except HistoryUnavailable as error:
            log.error("monitor.history_unavailable", error=str(error))
            self._told(self._mode)
            self.tell({"type": "error", "code": "history_unavailable"})
        self.tell({"type": "mode", "mode": self._mode})
