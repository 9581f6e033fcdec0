"""Plays prompts to a caller: paced by the clock, a little ahead of it, and stopped at once when the caller barges in.

Far ends buffer what they are sent, so a prompt is sent at most `LEAD_MS` ahead of real time: enough to ride out a busy
moment, little enough that a far end without a `clear` falls silent soon. A mark after each prompt tells when it was
really played; where marks are lost, the clock decides after `MARK_GRACE_MS`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dialogs.events import Say
from telephony.media import Clear, Command, Mark, SoundOut

FRAME_MS = 20
LEAD_MS = 200
MARK_GRACE_MS = 1500


@dataclass(frozen=True)
class Prompt:
    """What is to be played. pcm: PCM16 at the playback's rate. answers_ms: when the caller's last voiced sample came,
    for a prompt that answers one (None otherwise)."""

    say: Say
    pcm: bytes
    answers_ms: int | None = None


@dataclass(frozen=True)
class PromptStarted:
    prompt: Prompt
    at_ms: int


@dataclass(frozen=True)
class PromptEnded:
    """duration_ms: of the whole prompt; played_ms: how much of it the caller can have heard; complete: all of it."""

    prompt: Prompt
    started_ms: int
    duration_ms: int
    played_ms: int
    complete: bool


@dataclass(frozen=True)
class PlaybackIdle:
    """Everything enqueued so far was played or dropped."""

    at_ms: int


PlaybackEvent = PromptStarted | PromptEnded | PlaybackIdle


class Playback:
    """One caller's outgoing prompts. `emit` is called from the playing task and must not block."""

    def __init__(
        self,
        send: Callable[[Command], Awaitable[None]],
        rate_hz: int,
        now_ms: Callable[[], int],
        emit: Callable[[PlaybackEvent], None],
    ) -> None:
        self._send, self._rate_hz, self._now_ms, self._emit = send, rate_hz, now_ms, emit
        self._waiting: deque[Prompt] = deque()
        self._wake = asyncio.Event()
        self._stopped = asyncio.Event()
        self._played_marks: set[str] = set()
        self._mark_came = asyncio.Event()
        self._current: Prompt | None = None
        self._current_started_ms = 0
        self._line_free_ms = 0
        self._count = 0

    @property
    def current(self) -> Prompt | None:
        """The prompt that is being played."""
        return self._current

    @property
    def busy(self) -> bool:
        return self._current is not None or bool(self._waiting)

    @property
    def played_ms(self) -> int:
        """How long the current prompt has been playing; 0 when none is."""
        return self._now_ms() - self._current_started_ms if self._current else 0

    def enqueue(self, prompt: Prompt) -> None:
        self._waiting.append(prompt)
        self._wake.set()

    def stop(self) -> None:
        """Drop what is playing and what waits. The current prompt ends as not complete; the others were never heard."""
        self._waiting.clear()
        if self._current is not None:
            self._stopped.set()

    def abandon(self) -> PromptEnded | None:
        """The call ends: what of the current prompt was played, if one was playing. `run` must be cancelled."""
        self._waiting.clear()
        prompt, self._current = self._current, None
        if prompt is None:
            return None
        duration_ms = len(prompt.pcm) * 500 // self._rate_hz
        return _ended(prompt, self._current_started_ms, duration_ms, self._now_ms(), complete=False)

    def mark_played(self, name: str) -> None:
        self._played_marks.add(name)
        self._mark_came.set()

    async def run(self) -> None:
        """Play until cancelled."""
        while True:
            if not self._waiting:
                self._wake.clear()
                await self._wake.wait()
                continue
            await self._play(self._waiting.popleft())
            if not self._waiting:
                self._emit(PlaybackIdle(self._now_ms()))

    async def _play(self, prompt: Prompt) -> None:
        self._count += 1
        name = f"p{self._count}"
        self._stopped.clear()
        started_ms = max(self._now_ms(), self._line_free_ms)
        duration_ms = len(prompt.pcm) * 500 // self._rate_hz
        self._current, self._current_started_ms = prompt, started_ms
        frame_bytes = self._rate_hz * FRAME_MS // 500
        announced = False
        for position in range(0, len(prompt.pcm), frame_bytes):
            due_ms = started_ms + position * 500 // self._rate_hz - LEAD_MS
            if due_ms > self._now_ms() and await self._stop_within(due_ms - self._now_ms()):
                break
            if self._stopped.is_set():
                break
            await self._send(SoundOut(prompt.pcm[position : position + frame_bytes]))
            if not announced:
                announced = True
                self._emit(PromptStarted(prompt, started_ms))
        else:
            await self._send(Mark(name))
            await self._until_played(name, started_ms + duration_ms)
        now_ms = self._now_ms()
        complete = not self._stopped.is_set()
        self._line_free_ms = started_ms + duration_ms if complete else 0
        if not complete:
            await self._send(Clear())
        self._current = None
        self._emit(_ended(prompt, started_ms, duration_ms, now_ms, complete))

    async def _stop_within(self, wait_ms: int) -> bool:
        """Wait; True as soon as `stop` was called."""
        try:
            await asyncio.wait_for(self._stopped.wait(), wait_ms / 1000)
        except TimeoutError:
            return False
        return True

    async def _until_played(self, name: str, due_ms: int) -> None:
        """Until the mark came back, the prompt was stopped, or the mark is overdue.

        The next prompt may start to be sent `LEAD_MS` before this one has been played, so that there is no gap.
        """
        while not self._stopped.is_set() and name not in self._played_marks:
            left_ms = due_ms + MARK_GRACE_MS - self._now_ms()
            if left_ms <= 0:
                break
            if self._waiting and self._now_ms() >= due_ms - LEAD_MS:
                break
            self._mark_came.clear()
            waits = [asyncio.ensure_future(self._mark_came.wait()), asyncio.ensure_future(self._stopped.wait())]
            wait_ms = min(left_ms, max(FRAME_MS, due_ms - LEAD_MS - self._now_ms())) if self._waiting else left_ms
            await asyncio.wait(waits, timeout=wait_ms / 1000, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
        self._played_marks.clear()


def _ended(prompt: Prompt, started_ms: int, duration_ms: int, now_ms: int, complete: bool) -> PromptEnded:
    played_ms = duration_ms if complete else max(0, min(duration_ms, now_ms - started_ms))
    return PromptEnded(prompt, started_ms, duration_ms, played_ms, complete)
