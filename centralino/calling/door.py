"""How a caller reaches a server: one small protocol for every door, and what the websocket doors share."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from centralino.calling.pacing import CallClock
from centralino.calling.playout import Playout


@dataclass(frozen=True)
class Happening:
    """Something to tell whoever watches a call. at_ms: since the answer.

    kind: one of `printing.SHOWN`.
    """

    at_ms: float
    kind: str
    text: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


Observer = Callable[[Happening], None]


def nobody_watches(happening: Happening) -> None:
    """The observer of a call that nobody watches."""


class CallRefused(RuntimeError):
    """The server did not take the call. Says who refused, why, and what to do."""


@dataclass(frozen=True)
class Ended:
    """The call is over. by: 'us' | 'them' (properly) | 'lost' (any other way)."""

    by: str
    reason: str
    at_ms: float


@dataclass(frozen=True)
class Told:
    """What the server said was spoken. speaker: 'caller' | 'bot' | 'operator'."""

    at_ms: float
    speaker: str
    text: str


class Door(Protocol):
    """A call that is connected. Sound is PCM16 mono at `rate_hz`, in both directions."""

    rate_hz: int
    clock: CallClock
    playout: Playout

    @property
    def ended(self) -> Ended | None:
        """How the call ended; None while it goes on."""
        ...

    async def send_frame(self, pcm: bytes) -> None:
        """20 ms of the caller's sound, now."""
        ...

    async def send_key(self, key: str) -> None:
        """One of 0-9 * #."""
        ...

    async def hang_up(self) -> None: ...


class WebsocketDoor:
    """A connected websocket with its reader, an ear that plays what it is sent, and how it all ended.

    A subclass decodes messages in `receive` and echoes a mark in `echo_mark`. What the other end sends against its
    protocol is collected in `protocol_errors`, and the call goes on, so that one call shows every fault.
    """

    def __init__(self, socket: ClientConnection, rate_hz: int, observer: Observer) -> None:
        self.socket = socket
        self.rate_hz = rate_hz
        self.clock = CallClock()
        self.playout = Playout(rate_hz)
        self.protocol_errors: list[str] = []
        self.told: list[Told] = []
        self.end_reason = ""
        self.finished = asyncio.Event()
        """Set when the call is over or the socket is closed."""
        self._observer = observer
        self._ended: Ended | None = None
        self._marks_changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def ended(self) -> Ended | None:
        return self._ended

    async def receive(self, message: str | bytes) -> None:
        raise NotImplementedError

    async def echo_mark(self, name: str) -> None:
        raise NotImplementedError

    def start(self) -> None:
        """Begin to read and to echo marks."""
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._echo_played_marks())]

    def tell(self, kind: str, text: str = "", **detail: Any) -> None:
        self._observer(Happening(round(self.clock.now_ms()), kind, text, detail))

    def protocol_error(self, what: str) -> None:
        self.protocol_errors.append(what)
        self.tell("protocol_error", what)

    def hear(self, pcm: bytes) -> None:
        self.playout.sound(self.clock.now_ms(), pcm)

    def hear_mark(self, name: str) -> None:
        self.playout.mark(self.clock.now_ms(), name)
        self._marks_changed.set()

    async def hear_clear(self) -> None:
        pending = self.playout.clear(self.clock.now_ms())
        self.tell("clear", marks=pending)
        for name in pending:
            await self.echo_mark(name)

    def hear_transcript(self, speaker: str, text: str, at_ms: float) -> None:
        self.told.append(Told(at_ms, speaker, text))
        self.tell("transcript", text, speaker=speaker, at_ms=at_ms)

    def end(self, by: str, reason: str) -> None:
        """Note how the call ended; the first to say so is right."""
        if self._ended is None:
            self._ended = Ended(by, reason, round(self.clock.now_ms(), 1))
            self.tell("ended", reason, by=by)
        self.finished.set()

    async def send(self, message: str | bytes) -> None:
        """Send unless the other end has closed: then the reader knows how, and says so."""
        with contextlib.suppress(ConnectionClosed):
            await self.socket.send(message)

    async def close(self) -> None:
        """Close the socket and stop. Idempotent."""
        await self.socket.close()
        for task in self._tasks:
            task.cancel()
        for result in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(result, Exception):
                raise result
        self._tasks = []

    async def _read(self) -> None:
        try:
            while True:
                await self.receive(await self.socket.recv())
        except ConnectionClosed as closed:
            frame = closed.rcvd
            if frame is None:
                self.end("lost", "the connection broke")
            elif frame.code in (1000, 1001):
                self.end("them", self.end_reason or frame.reason or "the other end closed the call")
            else:
                self.end("lost", f"closed with code {frame.code}: {frame.reason or 'no reason given'}")
        except Exception as error:
            self.end("lost", f"a message could not be read: {error!r}")
            raise

    async def _echo_played_marks(self) -> None:
        while True:
            due_ms = self.playout.next_mark_ms
            wait_s = None if due_ms is None else max(0.0, due_ms - self.clock.now_ms()) / 1000
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._marks_changed.wait(), wait_s)
            self._marks_changed.clear()
            for name in self.playout.played_marks(self.clock.now_ms()):
                await self.echo_mark(name)
