"""A call whose connection may break: it waits a while, on hold, for its far end to come back on another one.

Who comes back shows a token, which was told on the connection before and works once. The call hears only that it is on
hold and that it goes on; its dialog hears nothing at all.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import deque
from typing import Any

from telephony.media import Complained, Held, MediaEvent
from telephony.wire import Wire, WireClosed

RESUME_S = 15.0
"""How long a call waits. A computer that changes from one network to another is back within some seconds."""
BROKEN = (1005, 1006, 1011)
"""Close codes of a connection that nobody meant to close: it is gone, or a ping was not answered. uvicorn says 1005
where no close frame came; a page that means to go says `stop` first."""
GONE = 1001
REPLACED = 4000
STALLED_S = 3.0
"""A connection that takes nothing for so long is as good as broken."""
CLOSE_S = 2.0
MOST_UNREAD = 256
"""Messages that the call has not taken yet; a far end that sends more waits."""
MOST_TURNS = 200
"""Turns that are told again to a far end that comes back."""


class ResumableWire:
    """A wire made of one connection after the other. token: opens the next one, '' before `keep` and at the end."""

    def __init__(self, first: Wire) -> None:
        self._waits_s = RESUME_S
        self._current: Wire | None = first
        self._inbox: asyncio.Queue[str | bytes | MediaEvent | WireClosed] = asyncio.Queue()
        self._room = asyncio.Semaphore(MOST_UNREAD)
        self._turns: deque[str] = deque(maxlen=MOST_TURNS)
        self._away_since_s = 0.0
        self._giving_up: asyncio.TimerHandle | None = None
        self.token = ""
        self._reading = asyncio.create_task(self._read(first))

    def keep(self) -> dict[str, Any]:
        """From now on a connection that breaks may be replaced: what its far end must know for that."""
        self.token = secrets.token_urlsafe(32)
        return {"resume": self.token, "resume_within_s": self._waits_s}

    async def receive(self) -> str | bytes | MediaEvent:
        received = await self._inbox.get()
        if isinstance(received, WireClosed):
            raise received
        if isinstance(received, str | bytes):
            self._room.release()
        return received

    async def send(self, message: str | bytes) -> None:
        """What is sent while nobody is there is gone: sound is said again after a hold, turns are told again."""
        if isinstance(message, str) and _is_turn(message):
            self._turns.append(message)
        connection = self._current
        if connection is None:
            return
        try:
            async with asyncio.timeout(STALLED_S if self.token else None):
                await connection.send(message)
        except WireClosed:
            if not self.token:
                raise  # of others the reader tells
        except TimeoutError:
            self._reading.cancel()
            self._lost(WireClosed(1006))

    async def close(self, code: int, reason: str) -> None:
        self.token = ""
        self._stop_waiting()
        try:
            if self._current is None:
                raise WireClosed(1006)
            await self._current.close(code, reason)
        finally:
            self._reading.cancel()

    def hang_up(self) -> None:
        """The far end says over another way, with the token, that it will not come back."""
        self._stop_waiting()
        self._reading.cancel()
        self._give_up(WireClosed(GONE))

    async def take_over(self, connection: Wire) -> None:
        """The far end is back, and has shown the token; returns when this connection has served."""
        old, self._current = self._current, connection
        self._stop_waiting()
        self._reading.cancel()
        if old:
            self._away(Complained("connection_replaced", "the far end came back on another one"))
        reading = self._reading = asyncio.create_task(self._resume(connection))
        if old:
            await _close(old)
        await asyncio.wait({reading})

    async def _resume(self, connection: Wire) -> None:
        try:
            await connection.send(json.dumps({"type": "resumed", **self.keep()}))
            for turn in tuple(self._turns):
                await connection.send(turn)
        except WireClosed as closed:
            self._lost(closed)
            return
        away_ms = round((time.monotonic() - self._away_since_s) * 1000)
        self._inbox.put_nowait(Complained("connection_resumed", f"after {away_ms} ms"))
        self._inbox.put_nowait(Held(False))
        await self._read(connection)

    async def _read(self, connection: Wire) -> None:
        while True:
            try:
                message = await connection.receive()
            except WireClosed as closed:
                self._lost(closed)
                return
            await self._room.acquire()
            self._inbox.put_nowait(message)

    def _lost(self, closed: WireClosed) -> None:
        if not self.token or closed.code not in BROKEN:
            self._give_up(closed)
            return
        self._current = None
        self._giving_up = asyncio.get_running_loop().call_later(self._waits_s, self._give_up, closed)
        waits = f"the call waits {self._waits_s:.0f} s for another one"
        self._away(Complained("connection_lost", f"it closed with code {closed.code}; {waits}"))

    def _away(self, why: Complained) -> None:
        self._away_since_s = time.monotonic()
        self._inbox.put_nowait(why)
        self._inbox.put_nowait(Held(True))

    def _give_up(self, closed: WireClosed) -> None:
        self.token = ""
        self._inbox.put_nowait(closed)

    def _stop_waiting(self) -> None:
        if self._giving_up:
            self._giving_up.cancel()
            self._giving_up = None


def _is_turn(message: str) -> bool:
    told = json.loads(message)
    return told.get("type") == "transcript" and bool(told.get("is_final"))


async def _close(old: Wire) -> None:
    try:
        async with asyncio.timeout(CLOSE_S):
            await old.close(REPLACED, "replaced")
    except (WireClosed, TimeoutError):
        return  # it was gone already


class Resumable:
    """The wires of running calls, by their tokens."""

    def __init__(self) -> None:
        self._wires: set[ResumableWire] = set()

    def add(self, wire: ResumableWire) -> None:
        self._wires.add(wire)

    def discard(self, wire: ResumableWire) -> None:
        self._wires.discard(wire)

    def claim(self, token: str) -> ResumableWire | None:
        """The call that this token resumes; a token works once."""
        given = token.encode("utf-8", "replace")
        for wire in self._wires:
            if wire.token and secrets.compare_digest(wire.token.encode(), given):
                wire.token = ""
                return wire
        return None
