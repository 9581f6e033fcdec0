"""Gives a listener's sound to its recognizer in the background, and tells what was heard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from voice.listening.believing import is_believed
from voice.listening.conditioning import Conditioner
from voice.listening.endpointing import TurnTracker
from voice.listening.heard import Heard, ListenerEvent, RecognizerRestarted
from voice.listening.line_sound import LineSound
from voice.listening.recognizer import Recognition, Recognizer, RecognizerLost

log = structlog.get_logger()

_BATCH_MS = 160
"""Fewer messages, and no recognizer has more to say in between."""
_LARGEST_MS = 3 * _BATCH_MS
"""What has piled up while the recognizer was busy goes on in pieces of at most this size, so that others get a turn."""


@dataclass
class _Sound:
    """Sound that was not taken yet: it grows until it is. queued: it waits among the tasks."""

    pcm: bytearray
    queued: bool = False


@dataclass(frozen=True)
class _Look:
    """The turn may be over: decode ahead. pause: its number; rest: the sound up to it that was not taken yet."""

    pause: int
    rest: bytes


@dataclass(frozen=True)
class _End:
    started_ms: int
    ended_ms: int
    voiced_ms: int
    rest: bytes
    dropped: bool


@dataclass(frozen=True)
class _Expect:
    phrases: tuple[str, ...]


Told = TypeVar("Told")
_Task = _Sound | _Look | _End | _Expect


class Transcriber:
    """One recognizer at work. Its methods never wait, their work is done in order. rate_hz: of the sound, PCM16 mono;
    what a telephone line added is taken out here, and what it cut off put back, so that it is done for speech only and
    not for every silence.

    turns: the caller's, for the times in what is told. looked: gets the words of each look and the number of its pause.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        rate_hz: int,
        turns: TurnTracker,
        emit: Callable[[ListenerEvent], None],
        looked: Callable[[int, Recognition], Awaitable[None]],
        conditioner: Conditioner,
    ) -> None:
        self._recognizer = recognizer
        self._turns = turns
        self._emit = emit
        self._looked = looked
        self._line_sound = LineSound(rate_hz, recognizer, conditioner)
        self._batch_bytes, self._largest_bytes = rate_hz * _BATCH_MS // 500, rate_hz * _LARGEST_MS // 500
        self._gathering = _Sound(bytearray())
        self._tasks: asyncio.Queue[_Task] = asyncio.Queue()
        self._ends_waiting = 0
        self._has_sound = False
        self._looked_at: Recognition | None = None
        """The words of the last look, which are the final ones while no sound comes after them."""
        self._lost = False
        self._partial = ""
        self._decode_ms = 0
        self._utterances = 0
        self._glance: asyncio.Task[None] | None = None
        self._worker = asyncio.create_task(self._work())

    def sound(self, pcm: bytes) -> None:
        """More of the current utterance."""
        self._gathering.pcm += pcm
        self._queue_sound()

    def look(self, pause: int) -> None:
        """The utterance may be over: recognise it so far, so that its words are there when it is."""
        self._tasks.put_nowait(_Look(pause, self._rest()))

    def end(self, started_ms: int, ended_ms: int, voiced_ms: int, dropped: bool = False) -> None:
        """The utterance is over: its final words are told next, none if dropped. Times are of its voiced sound."""
        self._ends_waiting += 1
        self._tasks.put_nowait(_End(started_ms, ended_ms, voiced_ms, self._rest(), dropped))

    def expect(self, phrases: Sequence[str]) -> None:
        """What the next utterance may be."""
        self._tasks.put_nowait(_Expect(tuple(phrases)))

    async def drain(self) -> None:
        """Wait until everything so far was told."""
        await self._tasks.join()

    async def close(self) -> None:
        """Idempotent."""
        self._worker.cancel()
        if self._glance:
            self._glance.cancel()
        await asyncio.gather(self._worker, *filter(None, [self._glance]), return_exceptions=True)
        await self._recognizer.close()

    def _queue_sound(self) -> None:
        if len(self._gathering.pcm) >= self._batch_bytes and not self._gathering.queued:
            self._gathering.queued = True
            self._tasks.put_nowait(self._gathering)

    def _rest(self) -> bytes:
        """What was not taken yet goes with the look or the end that follows it: nothing is left to wait for then."""
        rest = bytes(self._gathering.pcm)
        self._gathering.pcm.clear()
        self._gathering = _Sound(bytearray())
        return rest

    async def _work(self) -> None:
        while True:
            task = await self._tasks.get()
            try:
                await self._do(task)
            except RecognizerLost as loss:
                self._lose(str(loss))
            except Exception as failure:
                log.exception("listener.failed")
                self._lose(f"{type(failure).__name__}: {failure}")
            finally:
                if isinstance(task, _End):
                    self._ends_waiting -= 1
                    self._lost = self._has_sound = False
                    self._looked_at = None
                    self._partial = ""
                    self._utterances += 1
                self._tasks.task_done()

    async def _do(self, task: _Task) -> None:
        if isinstance(task, _Expect):
            return await self._once_more(lambda: self._recognizer.expect(task.phrases))
        if isinstance(task, _Sound):
            task.queued = False
        if self._lost:
            if isinstance(task, _End):  # nothing of it may begin the next utterance
                self._line_sound.flush()
            return  # The rest of an utterance whose beginning is gone would be misunderstood.
        match task:
            case _Sound():
                pcm = bytes(task.pcm[: self._largest_bytes])
                del task.pcm[: self._largest_bytes]
                await self._accept(self._line_sound.feed(pcm))
                self._queue_sound()
                if not pcm or self._gathering.queued:
                    return
                if self._recognizer.streaming:
                    self._tell_partial(await self._recognizer.partial())
                elif self._turns.speaking and not self._turns.paused and (not self._glance or self._glance.done()):
                    self._glance = asyncio.create_task(self._glance_at(self._utterances))
            case _Look():
                pcm = self._line_sound.feed(task.rest)
                if not self._turns.paused or self._turns.pauses != task.pause:
                    await self._accept(pcm)
                    return  # The caller speaks again, or the turn is over: its words come anyway.
                began = time.monotonic()
                said = await self._once_more(lambda: self._recognizer.look(pcm))
                self._has_sound = True
                self._looked_at = said if said.is_final else None
                self._decode_ms = _ms_since(began)
                self._tell_partial(said)
                await self._looked(task.pause, said)
            case _End(dropped=False) if self._looked_at and not task.rest:
                self._tell(self._believed(self._looked_at, task.voiced_ms), task.started_ms, task.ended_ms)
                # Nobody waits for the rest: silence that is still in the filters, and a recognizer to be made as new.
                self._line_sound.flush()
                self._has_sound = False
                await self._once_more(lambda: self._recognizer.final())
            case _End():
                began = time.monotonic()
                pcm = self._line_sound.feed(task.rest) + self._line_sound.flush()
                said = await self._once_more(lambda: self._recognizer.final(pcm))
                self._decode_ms = max(self._decode_ms, _ms_since(began))
                said = Recognition("", is_final=True) if task.dropped else self._believed(said, task.voiced_ms)
                self._tell(said, task.started_ms, task.ended_ms)

    async def _glance_at(self, utterance: int) -> None:
        """Beside the other work: it may take longer than the turn."""
        said = await self._recognizer.glance()
        if said and utterance == self._utterances:
            self._tell_partial(said)

    async def _accept(self, pcm: bytes) -> None:
        if pcm:
            await self._once_more(lambda: self._recognizer.accept(pcm))
            self._has_sound, self._looked_at, self._decode_ms = True, None, 0

    async def _once_more(self, step: Callable[[], Awaitable[Told]]) -> Told:
        """While the worker had no sound yet, its death costs nothing: the fresh one is given the same."""
        try:
            return await step()
        except RecognizerLost as loss:
            if self._has_sound:
                raise
            self._emit(RecognizerRestarted(self._turns.now_ms, False, str(loss)))
            return await step()

    def _lose(self, reason: str) -> None:
        self._lost = True
        self._emit(RecognizerRestarted(self._turns.now_ms, True, reason))

    def _believed(self, said: Recognition, voiced_ms: int) -> Recognition:
        if is_believed(said, voiced_ms):
            return said
        log.info("listener.not_believed", letters=len(said.text), confidence=said.confidence, voiced_ms=voiced_ms)
        return Recognition("", is_final=True)

    def _tell_partial(self, said: Recognition) -> None:
        if said.text not in ("", self._partial) and not self._ends_waiting:
            self._partial = said.text
            self._tell(replace(said, is_final=False), self._turns.started_ms, self._turns.last_voiced_ms)

    def _tell(self, said: Recognition, started_ms: int, ended_ms: int) -> None:
        self._emit(
            Heard(
                text=said.text,
                is_final=said.is_final,
                started_ms=started_ms,
                ended_ms=ended_ms,
                confidence=said.confidence,
                words=said.words,
                engine=self._recognizer.engine,
                decode_ms=self._decode_ms,
                heard=said.heard,
            )
        )


def _ms_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
