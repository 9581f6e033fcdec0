"""Plays prompts to a caller: paced by the clock, a little ahead of it, and stopped at once when the caller barges in.

Far ends buffer what they are sent, so a prompt is sent at most `LEAD_MS` ahead of real time: enough to ride out a busy
moment, little enough that a far end without a `clear` falls silent soon. A mark after each prompt tells when it was
really played; where marks are lost, the clock decides after `MARK_GRACE_MS`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from dialogs.events import Say
from telephony.media import Clear, Command, Mark, SoundOut

log = structlog.get_logger()

FRAME_MS = 20
LEAD_MS = 400
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
        self._news = asyncio.Event()
        """A prompt was enqueued, `stop` was called, or a mark came."""
        self._owes_idle = False
        self._current: Prompt | None = None
        self._started_ms = 0
        self._sent_ms = 0
        self._stopped = False
        self._mark: str | None = None
        """The one that is awaited."""
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
        """How much of the current prompt the caller can have heard; 0 when none is playing."""
        return max(0, min(self._sent_ms, self._now_ms() - self._started_ms)) if self._current else 0

    def enqueue(self, prompt: Prompt) -> None:
        self._waiting.append(prompt)
        self._owes_idle = True
        self._news.set()

    def stop(self) -> None:
        """Drop what is playing and what waits. The current prompt ends as not complete; the others were never heard."""
        self._waiting.clear()
        self._stopped = True
        self._news.set()

    def abandon(self) -> PromptEnded | None:
        """The call ends: what of the current prompt was played, if one was playing. Nothing is emitted any more for
        what was playing or waited."""
        ended = self._ended(self._current, complete=False) if self._current else None
        self._current, self._owes_idle = None, False
        self.stop()
        return ended

    def mark_played(self, name: str) -> None:
        if name == self._mark:
            self._mark = None
            self._news.set()

    async def run(self) -> None:
        """Play until cancelled or until the far end is gone, which its door reports."""
        try:
            while True:
                await self._news.wait()
                while self._waiting:
                    await self._play(self._waiting.popleft())
                self._news.clear()
                if self._owes_idle:
                    self._owes_idle = False
                    self._emit(PlaybackIdle(self._now_ms()))
        except ConnectionError as error:
            log.info("playback.far_end_gone", error=str(error))

    async def _play(self, prompt: Prompt) -> None:
        self._count += 1
        self._current, self._started_ms, self._sent_ms = prompt, max(self._now_ms(), self._line_free_ms), 0
        self._stopped = False
        await self._send_sound(prompt)
        if not self._stopped:
            self._mark = f"p{self._count}"
            await self._send(Mark(self._mark))
            await self._until_played(self._started_ms + self._duration_ms(prompt))
        self._mark = None
        if self._current is not prompt:
            return
        ended = self._ended(prompt, complete=not self._stopped)
        self._line_free_ms = ended.started_ms + ended.duration_ms if ended.complete else 0
        if not ended.complete:
            await self._send(Clear())
        if self._current is prompt:
            self._current = None
            self._emit(ended)

    async def _send_sound(self, prompt: Prompt) -> None:
        """All of it, paced; ends early when stopped."""
        frame_bytes = self._rate_hz * FRAME_MS // 500
        for position in range(0, len(prompt.pcm), frame_bytes):
            due_ms = self._started_ms + position * 500 // self._rate_hz - LEAD_MS
            while not self._stopped and (early_ms := due_ms - self._now_ms()) > 0:
                await self._news_within(early_ms)
            if self._stopped:
                return
            frame = prompt.pcm[position : position + frame_bytes]
            await self._send(SoundOut(frame))
            self._sent_ms = (position + len(frame)) * 500 // self._rate_hz
            if position == 0:
                self._emit(PromptStarted(prompt, self._started_ms))

    async def _until_played(self, due_ms: int) -> None:
        """Until the mark came back, the prompt was stopped, or the mark is overdue.

        The next prompt may start to be sent `LEAD_MS` before this one has been played, so that there is no gap.
        """
        while not self._stopped and self._mark:
            last_ms = due_ms - LEAD_MS if self._waiting else due_ms + MARK_GRACE_MS
            left_ms = last_ms - self._now_ms()
            if left_ms <= 0:
                return
            await self._news_within(left_ms)

    async def _news_within(self, wait_ms: int) -> None:
        self._news.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_ms / 1000):
                await self._news.wait()

    def _duration_ms(self, prompt: Prompt) -> int:
        return len(prompt.pcm) * 500 // self._rate_hz

    def _ended(self, prompt: Prompt, complete: bool) -> PromptEnded:
        duration_ms = self._duration_ms(prompt)
        return PromptEnded(prompt, self._started_ms, duration_ms, duration_ms if complete else self.played_ms, complete)
