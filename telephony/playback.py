"""Plays prompts to a caller: paced by the clock, a little ahead of it, paused and stopped at once when they barge in.

Far ends buffer what they are sent, so a prompt is sent a little ahead of real time (`Pacing.lead_ms`). A mark after
each prompt tells when it was really played; where marks are lost, the clock decides after `MARK_GRACE_MS`, where there
are none at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from dialogs.events import Say
from telephony.media import Clear, Command, Mark, Pacing, SoundOut

log = structlog.get_logger()

FRAME_MS = 20
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
    """duration_ms: of the whole prompt; played_ms: how much of it the caller can have heard; complete: all of it.

    started_ms, ended_ms: first and last sound on the line; pauses, and what was played again after them, lie between.
    """

    prompt: Prompt
    started_ms: int
    ended_ms: int
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
        pacing: Pacing,
    ) -> None:
        self._send, self._rate_hz, self._now_ms, self._emit = send, rate_hz, now_ms, emit
        self._lead_ms, self._grace_ms = pacing.lead_ms, MARK_GRACE_MS if pacing.confirms else 0
        self._waiting: deque[Prompt] = deque()
        self._news = asyncio.Event()
        """A prompt was enqueued, `pause`, `resume` or `stop` was called, or a mark came."""
        self._owes_idle = False
        self._current: Prompt | None = None
        self._started_ms = 0
        self._stretch = _Stretch(0, 0)
        self._sent_ms = 0
        self._heard_ms = 0
        """The furthest position that was heard before a pause."""
        self._paused_at_ms: int | None = None
        self._paused_since_ms = 0
        self._resumed = False
        """A pause came and went before the playing task saw it."""
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
        """The position in the current prompt that the caller can have heard; 0 when none is playing."""
        if self._current is None:
            return 0
        if self._paused_at_ms is not None:
            return self._paused_at_ms
        return max(0, min(self._sent_ms, self._stretch.position_ms(self._now_ms())))

    @property
    def paused(self) -> bool:
        return self._paused_at_ms is not None

    @property
    def is_last(self) -> bool:
        """Nothing waits behind what is playing."""
        return not self._waiting

    def enqueue(self, prompt: Prompt) -> None:
        self._waiting.append(prompt)
        self._owes_idle = True
        self._news.set()

    def pause(self) -> None:
        """Fall silent at once, within the current prompt; nothing happens when none is playing."""
        if self._current and not self.paused and not self._stopped:
            self._paused_at_ms = self.played_ms
            self._paused_since_ms = self._now_ms()
            self._heard_ms = max(self._heard_ms, self._paused_at_ms)
            self._news.set()

    def resume(self, from_ms: int) -> None:
        """Go on with the paused prompt, from this position in it."""
        if self._current and self.paused:
            self._stretch = _Stretch(from_ms, self._now_ms())
            self._sent_ms = from_ms
            self._paused_at_ms = None
            self._resumed = True
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
        self._started_ms = max(self._now_ms(), self._line_free_ms)
        self._stretch = _Stretch(0, self._started_ms)
        self._current, self._sent_ms, self._heard_ms, self._paused_at_ms = prompt, 0, 0, None
        self._stopped = False
        silenced = False
        while not await self._played_through(prompt):
            await self._send(Clear())
            silenced = True
            while self.paused and not self._stopped:
                await self._news_within(MARK_GRACE_MS)
            if self._stopped or self._current is not prompt:
                break
            silenced = False
        self._mark = None
        if self._current is not prompt:
            return
        ended = self._ended(prompt, complete=not self._stopped)
        self._line_free_ms = ended.ended_ms if ended.complete else 0
        if not ended.complete and not silenced:
            await self._send(Clear())
        if self._current is prompt:
            self._current = self._paused_at_ms = None
            self._emit(ended)

    async def _played_through(self, prompt: Prompt) -> bool:
        """Play the current stretch of it. False: it was paused meanwhile, and may have been resumed since."""
        self._resumed = False
        await self._send_sound(prompt)
        if not self._broken_off:
            self._count += 1
            self._mark = f"p{self._count}"
            await self._send(Mark(self._mark))
            await self._until_played(self._stretch.clock_ms(self._duration_ms(prompt)))
            self._mark = None
        return self._stopped or not self._broken_off

    async def _send_sound(self, prompt: Prompt) -> None:
        """The rest of it, paced; ends early when paused or stopped."""
        frame_bytes = self._rate_hz * FRAME_MS // 500
        stretch = self._stretch
        first = stretch.from_ms * self._rate_hz // 1000 * 2
        for position in range(first, len(prompt.pcm), frame_bytes):
            due_ms = stretch.clock_ms(position * 500 // self._rate_hz) - self._lead_ms
            while not self._broken_off and (early_ms := due_ms - self._now_ms()) > 0:
                await self._news_within(early_ms)
            if self._broken_off:
                return
            frame = prompt.pcm[position : position + frame_bytes]
            await self._send(SoundOut(frame))
            self._sent_ms = (position + len(frame)) * 500 // self._rate_hz
            if position == 0:
                self._emit(PromptStarted(prompt, self._started_ms))

    async def _until_played(self, due_ms: int) -> None:
        """Until the mark came back, the prompt was stopped, or the mark is overdue.

        The next prompt may start to be sent `lead_ms` before this one has been played, so that there is no gap.
        """
        while not self._broken_off and self._mark:
            last_ms = due_ms - self._lead_ms if self._waiting else due_ms + self._grace_ms
            left_ms = last_ms - self._now_ms()
            if left_ms <= 0:
                return
            await self._news_within(left_ms)

    async def _news_within(self, wait_ms: int) -> None:
        self._news.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_ms / 1000):
                await self._news.wait()

    @property
    def _broken_off(self) -> bool:
        return self._stopped or self.paused or self._resumed

    def _duration_ms(self, prompt: Prompt) -> int:
        return len(prompt.pcm) * 500 // self._rate_hz

    def _ended(self, prompt: Prompt, complete: bool) -> PromptEnded:
        duration_ms = self._duration_ms(prompt)
        if complete:
            ended_ms = self._stretch.clock_ms(duration_ms)
        elif self.paused:
            ended_ms = self._paused_since_ms
        else:
            ended_ms = self._stretch.clock_ms(self.played_ms)
        played_ms = duration_ms if complete else max(self._heard_ms, self.played_ms)
        return PromptEnded(prompt, self._started_ms, ended_ms, duration_ms, played_ms, complete)


@dataclass(frozen=True)
class _Stretch:
    """A prompt is played without a pause from the position `from_ms` on, since the clock showed `started_ms`."""

    from_ms: int
    started_ms: int

    def position_ms(self, clock_ms: int) -> int:
        return self.from_ms + clock_ms - self.started_ms if clock_ms > self.started_ms else self.from_ms

    def clock_ms(self, position_ms: int) -> int:
        return self.started_ms + position_ms - self.from_ms
