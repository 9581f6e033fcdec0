"""One connection of a phone system: its messages become the call's inputs, the call's commands become frames.

Whatever the far end sends, at worst its own call ends: with a reason in the history, a close code, a log line, and no
traceback.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog

from history import HistoryUnavailable
from telephony.expected import Expected, Party
from telephony.key_tones import key_tones
from telephony.live_calls import reason_of
from telephony.media import (
    Command,
    Complained,
    Flow,
    HangUp,
    Held,
    HungUp,
    KeyPressed,
    MarkPlayed,
    MediaEvent,
    MediaProtocol,
    ProtocolError,
    Reply,
    SendKeys,
    SoundIn,
    SoundOut,
    Started,
    Tell,
)
from telephony.reception import Reception
from telephony.remembered import MOST_NOTES, CarrierStatus
from telephony.wire import Wire, WireClosed

log = structlog.get_logger()

START_S = 10.0
"""How long a connection may stay open without its call beginning."""
SEND_S = 5.0
"""A far end that takes nothing for so long is lost."""
CLOSE_S = 2.0
"""How long a far end may take to read why it is disconnected."""
AHEAD_MS = 10_000
"""How much sound may arrive ahead of the clock; a phone speaks in real time."""

Admit = Callable[[Started], Awaitable[Expected]]
"""Finds the call that a `Started` belongs to. Raises Refused."""


class Refused(Exception):
    """The far end may not have this call. close: the websocket close code."""

    def __init__(self, reason: str, close: int = 1008) -> None:
        super().__init__(reason)
        self.reason, self.close = reason, close


class Door:
    """One connection, from its first message to its close. token: of its call, where the connection showed it.

    and_ready: what else a far end is told that its call begins.
    """

    def __init__(
        self,
        wire: Wire,
        protocol: MediaProtocol,
        reception: Reception,
        admit: Admit,
        token: str = "",
        and_ready: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        self._wire, self._protocol, self._reception, self._admit = wire, protocol, reception, admit
        self._token, self._and_ready = token, and_ready
        self._call: Party | None = None
        self._expected: Expected | None = None
        self._complaints = 0
        self._task: asyncio.Task[str] | None = None
        self._close_code, self._close_reason = 1000, ""
        self._heard_ms = 0
        self._began = asyncio.Event()
        self._began_s = 0.0

    async def serve(self) -> None:
        """Until the call has ended and the socket is closed."""
        receiving, began = asyncio.create_task(self._receive()), asyncio.create_task(self._began.wait())
        try:
            await asyncio.wait({receiving, began}, timeout=START_S, return_when=asyncio.FIRST_COMPLETED)
            if self._task:
                await asyncio.wait({receiving, self._task}, return_when=asyncio.FIRST_COMPLETED)
            elif not receiving.done():
                log.warning("door.no_start", door=self._protocol.name)
                self._close_code, self._close_reason = 1008, f"no start within {START_S:.0f} s"
            if receiving.done():
                receiving.result()
            if self._task:
                await asyncio.wait({self._task})
                self._close_reason = self._close_reason or reason_of(self._task)
        finally:
            receiving.cancel()
            began.cancel()
            if self._task and not self._task.done():
                self._task.cancel()
            await self._close()

    async def _receive(self) -> None:
        while True:
            try:
                received = await self._wire.receive()
                told = self._protocol.decode(received) if isinstance(received, str | bytes) else (received,)
                for event in told:
                    await self._take(event)
            except WireClosed as closed:
                self._disconnected(closed.code)
                return
            except ProtocolError as error:
                self._broken(error.code, error.detail, error.close)
                await self._end_announced(error)
                return
            except Refused as error:
                log.warning("door.refused", door=self._protocol.name, reason=error.reason)
                self._close_code, self._close_reason = error.close, error.reason
                return
            except HistoryUnavailable as error:
                log.error("door.history_unavailable", error=str(error))
                self._close_code, self._close_reason = 1013, "no call can be taken now"
                return
            except ConnectionError as error:
                self._broken("connection_lost", str(error), close=0)
                return

    async def _take(self, event: MediaEvent) -> None:
        if isinstance(event, Started):
            await self._start(event)
        elif isinstance(event, Reply):
            await self._send_all(event.messages)
        elif self._call is None:
            raise ProtocolError("wrong_order", f"{type(event).__name__} came before the call began", close=1008)
        elif isinstance(event, SoundIn):
            self._heard_ms += len(event.pcm) * 500 // self._protocol.rate_hz
            if self._heard_ms - (time.monotonic() - self._began_s) * 1000 > AHEAD_MS:
                raise ProtocolError("too_fast", f"over {AHEAD_MS} ms of sound ahead of the clock", close=1008)
            self._call.hear(event.pcm)
        elif isinstance(event, KeyPressed):
            self._call.press(event.key)
        elif isinstance(event, MarkPlayed):
            self._call.mark_played(event)
        elif isinstance(event, Held):
            self._call.held(event.held)
        elif isinstance(event, Flow):
            self._call.flow(event.takes_sound)
        elif isinstance(event, HungUp):
            self._call.hung_up(event.reason)
        elif isinstance(event, Complained):
            await self._complained(self._call, event)

    async def _complained(self, call: Party, event: Complained) -> None:
        self._complaints += 1
        if self._complaints <= MOST_NOTES:
            log.warning("door.complaint", door=self._protocol.name, code=event.code, detail=event.detail)
            said = CarrierStatus("stream", event.code, event.detail)
            await self._reception.note_of(call.call_id, call.now_ms(), said)

    async def _start(self, started: Started) -> None:
        expected = self._expected = await self._admit(started)
        self._began_s = time.monotonic()
        self._call, self._task = self._reception.answer(
            expected, self._protocol.rate_hz, self._send, self._protocol.pacing
        )
        self._began.set()
        line = expected.line
        log.info("door.call", door=self._protocol.name, call_id=expected.call_id, line=line.id)
        ready = {
            "type": "ready",
            "call_id": expected.call_id,
            "rate_hz": self._protocol.rate_hz,
            "language": line.language,
            "recognizer": expected.recognizer,
            **self._and_ready(),
        }
        await self._send(Tell(ready))

    async def _send(self, command: Command) -> None:
        """Raises ConnectionError when the far end is gone."""
        messages = self._protocol.encode(command)
        if isinstance(command, SendKeys) and not messages:
            await self._press(command.keys)
        await self._send_all(messages)

    async def _press(self, keys: str) -> None:
        """Where the protocol has no word for keys: the phone system's own way, else as tones in the sound, which every
        far end understands."""
        if self._expected and await self._reception.controls.press(self._expected, keys):
            return
        rate_hz = self._protocol.rate_hz
        tones = key_tones(keys, rate_hz)
        for at in range(0, len(tones), rate_hz // 50 * 2):
            await self._send_all(self._protocol.encode(SoundOut(tones[at : at + rate_hz // 50 * 2])))

    async def _send_all(self, messages: Sequence[str | bytes]) -> None:
        try:
            async with asyncio.timeout(SEND_S):
                for message in messages:
                    await self._wire.send(message)
        except WireClosed as closed:
            raise ConnectionError(f"the far end is gone: {closed}") from None
        except TimeoutError:
            self._broken("far_end_stalled", f"nothing was taken for {SEND_S:.0f} s", 1008)
            raise ConnectionError("the far end takes nothing") from None

    def _broken(self, code: str, detail: str, close: int) -> None:
        self._close_code, self._close_reason = close, f"{code}: {detail}"
        if self._call:
            self._call.broken(code, detail)
        else:
            log.warning("door.broken", door=self._protocol.name, code=code, detail=detail)

    async def _end_announced(self, error: ProtocolError) -> None:
        """The call that was announced and then began with nonsense."""
        expected = self._reception.claim(error.token or self._token) if self._call is None else None
        if expected is None:
            return
        try:
            await self._reception.give_up(expected, error.code, error.detail)
        except HistoryUnavailable as unavailable:
            log.error("door.history_unavailable", call_id=expected.call_id, error=str(unavailable))

    def _disconnected(self, code: int) -> None:
        self._close_code = 0
        if self._call is None:
            log.warning("door.closed_before_start", door=self._protocol.name, close_code=code)
        elif code == 1009:
            self._call.broken("frame_too_big", "a frame was over the 64 KiB limit")
        elif code == 1007:
            self._call.broken("malformed_frame", "a text frame is not UTF-8")
        elif code in (1000, 1001):
            self._call.hung_up("caller_hung_up")
        else:
            self._call.broken("connection_lost", f"the connection closed with code {code}")

    async def _close(self) -> None:
        if self._close_code:
            try:
                async with asyncio.timeout(CLOSE_S):
                    if self._task:
                        # A call that is only being cancelled has no result yet.
                        reason = reason_of(self._task) if self._task.done() else "server_stopped"
                        await self._send_all(self._protocol.encode(HangUp(reason)))
                    await self._wire.close(self._close_code, self._close_reason)
            except (WireClosed, ConnectionError, TimeoutError):
                log.debug("door.already_closed", door=self._protocol.name)
