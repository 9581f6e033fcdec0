"""The server's side of one worker: its connection, the requests under way, and what happens when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from dataclasses import dataclass
from itertools import count
from typing import Any

import structlog

from voice.listening.glancing import Glancing
from voice.listening.nursery_process import NurseryProcess
from voice.listening.recognizer import RecognizerLost
from voice.listening.wire import BadFrame, Header, encode, receive_frame

log = structlog.get_logger()


@dataclass(frozen=True)
class WorkerStats:
    """restarts: how often a new worker took the place of a dead one. waiting_ms: age of the oldest open request."""

    engine: str
    model: str
    pid: int | None
    recognizers: int
    restarts: int
    waiting: int
    waiting_ms: int


class WorkerLink:
    """A place for a worker: when its process dies, a new one takes the place at once.

    life: which process in this place it is, counted from 1. recognizers: how many are open here.
    """

    def __init__(self, nursery: NurseryProcess, answer_within_s: float) -> None:
        self.life = 0
        self.pid: int | None = None
        self.recognizers = 0
        self.in_turn: set[int] = set()
        """Recognizers that were given sound of an utterance which has not ended."""
        self.glancing = Glancing()
        self.last_death = ""
        self._nursery = nursery
        self._answer_within_s = answer_within_s
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: dict[int, tuple[asyncio.Future[Header], float]] = {}
        self._heard_at = 0.0
        self._numbers = count(1)
        self._connected = asyncio.Event()
        self._killed_for = ""
        self._tasks = [asyncio.create_task(self._keep()), asyncio.create_task(self._watch())]

    async def ready(self) -> None:
        """Until its engine answers. Raises RecognizerLost when it dies first."""
        await self.call("ping", 0)

    async def call(
        self, operation: str, recognizer: int, pcm: bytes = b"", life: int = 0, **fields: Any
    ) -> tuple[int, Header]:
        """The life in which the worker answered, and its answer.

        life: the only one that will do, 0 for any. Raises RecognizerLost when that is over, when the worker dies before
        it answers, and when it fails at the task.
        """
        # Nothing may be awaited between the last look at the connection and its use: it can part at any moment.
        while not self._connected.is_set():
            try:
                await asyncio.wait_for(self._connected.wait(), self._answer_within_s)
            except TimeoutError:
                raise RecognizerLost(f"no {self._nursery.engine} worker is there") from None
        if life not in (0, self.life):
            raise RecognizerLost(self.last_death)
        assert self._writer
        now, number = self.life, next(self._numbers)
        answer: asyncio.Future[Header] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (answer, time.monotonic())
        try:
            self._writer.write(encode({"id": number, "op": operation, "recognizer": recognizer, **fields}, pcm))
            await self._writer.drain()
            header = await answer
        except ConnectionError:
            raise RecognizerLost(self.last_death or "its worker died") from None
        finally:
            self._waiting.pop(number, None)
            answer.cancel()
        if step_ms := header.get("step_ms"):
            self.glancing.stepped(float(step_ms))
        if "error" in header:
            raise RecognizerLost(f"its worker failed: {header['error']}")
        return now, header

    def stats(self) -> WorkerStats:
        oldest = min((since for _, since in self._waiting.values()), default=time.monotonic())
        return WorkerStats(
            engine=self._nursery.engine,
            model=self._nursery.model,
            pid=self.pid,
            recognizers=self.recognizers,
            restarts=max(0, self.life - 1),
            waiting=len(self._waiting),
            waiting_ms=round((time.monotonic() - oldest) * 1000),
        )

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._kill("the server stops")
        self._part("the server stops")

    async def _keep(self) -> None:
        while True:
            reader, self._writer = await self._nursery.connect()
            try:
                await self._live(reader)
            except BadFrame as failure:
                self._kill(f"its worker sent nonsense: {failure}")
            reason = self._killed_for or "its worker died"
            log.warning("recognizer.worker_died", engine=self._nursery.engine, pid=self.pid, reason=reason)
            self._part(reason)

    async def _live(self, reader: asyncio.StreamReader) -> None:
        """From its first word to its last."""
        if not (hello := await receive_frame(reader)):
            return
        self.pid = int(hello[0]["pid"])
        self.life += 1
        self._killed_for = ""
        self._heard_at = time.monotonic()
        self._connected.set()
        while frame := await receive_frame(reader):
            self._heard_at = time.monotonic()
            answer, _ = self._waiting.get(frame[0]["id"], (None, 0))
            if answer and not answer.done():
                answer.set_result(frame[0])

    async def _watch(self) -> None:
        """Kill a worker that owes an answer and has said nothing for too long."""
        while True:
            await asyncio.sleep(self._answer_within_s / 4)
            owed_since = min((since for _, since in self._waiting.values()), default=time.monotonic())
            if time.monotonic() - max(owed_since, self._heard_at) > self._answer_within_s:
                self._kill(f"its worker did not answer for {self._answer_within_s:g} s")

    def _kill(self, reason: str) -> None:
        self._killed_for = reason
        if self.pid and self._connected.is_set():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def _part(self, reason: str) -> None:
        self._connected.clear()
        self.last_death = reason
        self.pid = None
        if self._writer:
            self._writer.close()
            self._writer = None
        for answer, _ in self._waiting.values():
            if not answer.done():
                answer.set_exception(RecognizerLost(reason))
