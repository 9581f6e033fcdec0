"""What all far ends share: an ear that plays what it is sent, marks, how a call ended; and a reader of websockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from centralino.calling.door import Ended, Happening, Observer, Told
from centralino.calling.pacing import CallClock
from centralino.calling.playout import Playout


@dataclass(frozen=True)
class Dialling:
    """What a far end needs to place a call.

    public_url: where a phone system would reach the server, '' = server_url. secrets: what the door's settings have
    on the server's side, by the names they have there.
    """

    server_url: str
    line: str
    caller: str
    observer: Observer
    public_url: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    def secret(self, name: str) -> str:
        """Raises ValueError when it is not there."""
        if not self.secrets.get(name):
            raise ValueError(f"this door cannot be called without the server's {name!r}: see its section in the docs")
        return self.secrets[name]


class FarEnd:
    """A phone system's end of a call that is connected.

    A subclass decodes what it is sent and echoes a mark in `echo_mark`. What the other end sends against its protocol
    is collected in `protocol_errors`, and the call goes on, so that one call shows every fault. call_id, language,
    recognizer: '' where the protocol does not tell them; afterwards: what the phone system does after the call.
    """

    def __init__(self, rate_hz: int, observer: Observer) -> None:
        self.rate_hz = rate_hz
        self.call_id = self.language = self.recognizer = ""
        self.afterwards: tuple[str, ...] = ()
        self.clock = CallClock()
        self.playout = Playout(rate_hz)
        self.protocol_errors: list[str] = []
        self.told: list[Told] = []
        self.end_reason = ""
        self.finished = asyncio.Event()
        """Set when the call is over or the connection is closed."""
        self._observer = observer
        self._ended: Ended | None = None
        self._marks_changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def ended(self) -> Ended | None:
        return self._ended

    async def send_frame(self, pcm: bytes) -> None:
        raise NotImplementedError

    async def send_key(self, key: str) -> None:
        raise NotImplementedError

    async def hang_up(self) -> None:
        raise NotImplementedError

    async def echo_mark(self, name: str) -> None:
        raise NotImplementedError

    async def disconnect(self) -> None:
        """Close the connection. Idempotent."""
        raise NotImplementedError

    async def after_call(self) -> None:
        """What the phone system does once the sound is over; notes it in `afterwards`."""

    def start(self, *works: Coroutine[Any, Any, None]) -> None:
        """Echo marks, and do these works until `close`."""
        self._tasks = [asyncio.create_task(work) for work in (*works, self._echo_played_marks())]

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

    async def close(self) -> None:
        """Close the connection and stop. Idempotent."""
        await self.disconnect()
        for task in self._tasks:
            task.cancel()
        for result in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(result, Exception):
                raise result
        self._tasks = []

    async def _echo_played_marks(self) -> None:
        while True:
            due_ms = self.playout.next_mark_ms
            wait_s = None if due_ms is None else max(0.0, due_ms - self.clock.now_ms()) / 1000
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._marks_changed.wait(), wait_s)
            self._marks_changed.clear()
            for name in self.playout.played_marks(self.clock.now_ms()):
                await self.echo_mark(name)


class WebsocketDoor(FarEnd):
    """A far end on a websocket. A subclass decodes messages in `receive`."""

    def __init__(self, socket: ClientConnection, rate_hz: int, observer: Observer) -> None:
        super().__init__(rate_hz, observer)
        self.socket = socket

    async def receive(self, message: str | bytes) -> None:
        raise NotImplementedError

    def start(self, *works: Coroutine[Any, Any, None]) -> None:
        """Begin to read and to echo marks."""
        super().start(self._read(), *works)

    async def disconnect(self) -> None:
        await self.socket.close()

    async def send(self, message: str | bytes) -> None:
        """Send unless the other end has closed: then the reader knows how, and says so."""
        with contextlib.suppress(ConnectionClosed):
            await self.socket.send(message)

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
