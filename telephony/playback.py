"""Plays prompts to a caller: paced by the clock, a little ahead of it, paused and stopped at once when they barge in.

Far ends buffer what they are sent, so a prompt is sent a little ahead of real time (`Pacing.lead_ms`). A mark after
each prompt tells when it was really played; where marks are lost, the clock decides after `MARK_GRACE_MS`, where there
are none at once. The end of a prompt may still be on its way from the synthesizer while its beginning is played; when a
sentence comes late, the silence until then is counted.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable

import numpy as np
import structlog

from telephony.media import Clear, Command, Mark, Pacing, SoundOut
from telephony.prompts import PlaybackEvent, PlaybackIdle, Prompt, PromptEnded, PromptStarted, Stretch
from voice.audio import float_to_pcm, pcm_to_float

log = structlog.get_logger()

FRAME_MS = 20
FADE_MS = 80
"""Of a prompt that ends softly: nobody hears a click, and who speaks next is hardly held up."""
MARK_GRACE_MS = 1500
LONGEST_FULL_MS = 20_000
"""No far end buffers more: one that has not asked for sound again by then has forgotten to."""


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
        """A prompt was enqueued or grew, `pause`, `resume`, `release` or `stop` was called, a mark came, or there is
        room at the far end."""
        self._owes_idle = False
        self._current: Prompt | None = None
        self._started_ms = 0
        self._stretch = Stretch(0, 0)
        self._sent_ms = 0
        self._heard_ms = 0
        """The furthest position that was heard before a pause."""
        self._paused_at_ms: int | None = None
        self._paused_since_ms = 0
        self._resumed = False
        """A pause came and went before the playing task saw it."""
        self._stopped = self._fades = False
        self._mark: str | None = None
        """The one that is awaited."""
        self._held = False
        self._full_since_ms: int | None = None
        """The far end takes no sound since then."""
        self._line_free_ms = 0
        self._dead_air_ms = 0
        self._count = 0

    @property
    def current(self) -> Prompt | None:
        """The prompt that is being played."""
        return self._current

    @property
    def started_ms(self) -> int:
        """When the prompt that is being played began, or the one before."""
        return self._started_ms

    @property
    def foremost(self) -> Prompt | None:
        """The prompt that is being played, else the one whose first sound is awaited."""
        return self._current or (self._waiting[0] if self._waiting else None)

    @property
    def unplayed_ms(self) -> int:
        """Sound that is here and was not played yet."""
        playing_ms = self._current.speech.duration_ms - self.played_ms if self._current else 0
        return playing_ms + sum(prompt.speech.duration_ms for prompt in self._waiting)

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
    def held(self) -> bool:
        """Nobody listens for now."""
        return self._held

    @property
    def confides(self) -> bool:
        """A sensitive value is in what plays or waits."""
        return any(prompt.say.shown for prompt in (self._current, *self._waiting) if prompt)

    @property
    def must_be_heard(self) -> bool:
        """Something that plays or waits must be heard to its end."""
        return any(prompt.say.must_be_heard for prompt in (self._current, *self._waiting) if prompt)

    @property
    def silent(self) -> bool:
        """Nothing sounds or is about to, and the far end would hear it if something did."""
        return self._current is None and not self._next_can_begin and not self._held and self._full_since_ms is None

    @property
    def is_last(self) -> bool:
        """Nothing waits behind what is playing."""
        return not self._waiting

    def enqueue(self, prompt: Prompt) -> None:
        prompt.speech.on_news = self._news.set
        self._waiting.append(prompt)
        self._owes_idle = True
        self._news.set()

    def enqueue_first(self, prompt: Prompt) -> None:
        """Before all that waits."""
        self.enqueue(prompt)
        self._waiting.rotate(1)

    def pause(self) -> None:
        """Fall silent at once, within the current prompt; nothing happens when none is playing."""
        if self._current and not self.paused and not self._stopped:
            self._paused_at_ms = self.played_ms
            self._paused_since_ms = self._now_ms()
            self._heard_ms = max(self._heard_ms, self._paused_at_ms)
            self._news.set()

    def resume(self, from_ms: int) -> None:
        """Go on with the paused prompt, from this position in it."""
        if self._current and self.paused and not self._held:
            self._stretch = Stretch(from_ms, self._now_ms())
            self._sent_ms = from_ms
            self._paused_at_ms = None
            self._resumed = True
            self._news.set()

    def hold(self) -> None:
        """Nobody listens for now: fall silent, and begin nothing, until `release`."""
        self._held = True
        self.pause()

    def release(self) -> None:
        """Somebody listens again. A prompt that is paused waits for its `resume`."""
        self._held = False
        self._news.set()

    def stop(self, softly: bool = False) -> None:
        """Drop what is playing and what waits. The current prompt ends as not complete; the others were never heard.

        softly: it fades out within `FADE_MS`, as somebody else speaks now.
        """
        for prompt in self._waiting:
            prompt.speech.unwanted = True
        self._waiting.clear()
        if self._current:
            self._current.speech.unwanted = True
        self._stopped, self._fades = True, softly
        self._news.set()

    def abandon(self) -> PromptEnded | None:
        """The call ends: what of the current prompt was played, if one was playing. Nothing is emitted any more for
        what was playing or waited."""
        ended = self._ended(self._current, cut=True) if self._current else None
        self._current, self._owes_idle = None, False
        self.stop()
        return ended

    def mark_played(self, name: str) -> None:
        if name == self._mark:
            self._mark = None
            self._news.set()

    def flow(self, takes_sound: bool) -> None:
        """Whether the far end takes sound; while it does not, nothing is sent, and the prompt's clock stands still."""
        if takes_sound:
            self._full_since_ms = None
            self._news.set()
        elif self._full_since_ms is None:
            self._full_since_ms = self._now_ms()

    async def run(self) -> None:
        """Play until cancelled or until the far end is gone, which its door reports."""
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                while self._next_can_begin:
                    await self._play(self._waiting.popleft())
                if self._owes_idle and not self._waiting:
                    self._owes_idle = False
                    self._emit(PlaybackIdle(self._now_ms()))
        except ConnectionError as error:
            log.info("playback.far_end_gone", error=str(error))

    async def _play(self, prompt: Prompt) -> None:
        if not prompt.speech.begun:
            return  # it failed before its first sound
        self._started_ms = max(self._now_ms(), self._line_free_ms)
        self._dead_air_ms = self._started_ms - max(prompt.decided_ms, self._line_free_ms)
        self._stretch = Stretch(0, self._started_ms)
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
        ended = self._ended(prompt, cut=self._stopped)
        self._line_free_ms = 0 if self._stopped else ended.ended_ms
        if self._stopped and not silenced:
            await self._send(Clear())
            if self._fades:
                await self._send(SoundOut(self._fading(prompt, ended.played_ms)))
        if self._current is prompt:
            self._current = self._paused_at_ms = None
            self._emit(ended)

    def _fading(self, prompt: Prompt, from_ms: int) -> bytes:
        """What follows that position, ever softer."""
        position, size = from_ms * self._rate_hz // 1000 * 2, self._rate_hz * FADE_MS // 1000 * 2
        samples = pcm_to_float(prompt.speech.frame(position, size))
        return float_to_pcm(samples * np.linspace(1.0, 0.0, samples.size, dtype=np.float32))

    async def _played_through(self, prompt: Prompt) -> bool:
        """Play the current stretch of it. False: it was paused meanwhile, and may have been resumed since."""
        self._resumed = False
        await self._send_sound(prompt)
        if not self._broken_off:
            self._count += 1
            self._mark = f"p{self._count}"
            await self._send(Mark(self._mark))
            await self._until_played(self._stretch.clock_ms(prompt.speech.duration_ms))
            self._mark = None
        return self._stopped or not self._broken_off

    async def _send_sound(self, prompt: Prompt) -> None:
        """The rest of it, paced; ends early when paused or stopped."""
        frame_bytes = self._rate_hz * FRAME_MS // 500
        position = self._stretch.from_ms * self._rate_hz // 1000 * 2
        while not self._broken_off:
            frame = prompt.speech.frame(position, frame_bytes)
            position_ms = position * 500 // self._rate_hz
            if not frame:
                if prompt.speech.finished:
                    return
                await self._more_of(position_ms)
                continue
            early_ms = self._stretch.clock_ms(position_ms) - self._lead_ms - self._now_ms()
            if early_ms > 0:
                await self._news_within(early_ms)
                continue
            if self._full_since_ms is not None:
                await self._until_there_is_room(self._full_since_ms)
                continue
            await self._send(SoundOut(frame))
            if position == 0:
                self._emit(PromptStarted(prompt, self._started_ms))
            position += len(frame)
            self._sent_ms = position * 500 // self._rate_hz

    async def _until_there_is_room(self, since_ms: int) -> None:
        began_ms = self._now_ms()
        while self._full_since_ms is not None and not self._broken_off:
            left_ms = since_ms + LONGEST_FULL_MS - self._now_ms()
            if left_ms <= 0:
                log.warning("playback.far_end_stays_full", for_ms=LONGEST_FULL_MS)
                self._full_since_ms = None
                break
            await self._news_within(left_ms)
        if not self._broken_off:
            self._stretch = self._stretch.later(self._now_ms() - began_ms)

    async def _more_of(self, position_ms: int) -> None:
        """Wait for something new of the prompt; where the far end has played all it got, it is silent meanwhile."""
        await self._news_within(MARK_GRACE_MS)
        late_ms = self._now_ms() - self._stretch.clock_ms(position_ms)
        if late_ms > 0 and not self._broken_off:
            self._dead_air_ms += late_ms
            self._stretch = Stretch(position_ms, self._now_ms())

    async def _until_played(self, due_ms: int) -> None:
        """Until the mark came back, the prompt was stopped, or the mark is overdue.

        The next prompt may start to be sent `lead_ms` before this one has been played, so that there is no gap.
        """
        while not self._broken_off and self._mark:
            follows = self._waiting and self._waiting[0].speech.begun
            last_ms = due_ms - self._lead_ms if follows else due_ms + self._grace_ms
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
    def _next_can_begin(self) -> bool:
        foremost = self._waiting[0].speech if self._waiting and not self._held else None
        return foremost is not None and (foremost.begun or foremost.finished)

    @property
    def _broken_off(self) -> bool:
        return self._stopped or self.paused or self._resumed

    def _ended(self, prompt: Prompt, cut: bool) -> PromptEnded:
        """cut: it was stopped; otherwise all that is there of it was played."""
        duration_ms = prompt.speech.duration_ms
        if not cut:
            ended_ms = self._stretch.clock_ms(duration_ms)
        elif self.paused:
            ended_ms = self._paused_since_ms
        else:
            ended_ms = self._stretch.clock_ms(self.played_ms)
        played_ms = max(self._heard_ms, self.played_ms) if cut else duration_ms
        complete = not cut and not prompt.speech.failure
        return PromptEnded(prompt, self._started_ms, ended_ms, duration_ms, played_ms, complete, self._dead_air_ms)
