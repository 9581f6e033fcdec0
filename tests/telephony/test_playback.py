"""Prompts on a clock that runs as fast as the test: order, pace, marks, barge-in."""

import asyncio
import selectors
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from dialogs.events import Say
from telephony.media import Clear, Command, Mark, Pacing, SoundOut
from telephony.playback import FADE_MS, FRAME_MS, LONGEST_FULL_MS, MARK_GRACE_MS, Playback
from telephony.prompts import PlaybackEvent, PlaybackIdle, Prompt, PromptEnded, PromptStarted
from voice.speaking.phrases import Phrase
from voice.speaking.speech import Speech

RATE_HZ = 8000
LEAD_MS = 400


class FastLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next timer instead of waiting for it."""

    def __init__(self) -> None:
        super().__init__(_Jump(self))
        self.now_s = 1000.0

    def time(self) -> float:
        return self.now_s


class _Jump(selectors.SelectSelector):
    def __init__(self, loop: FastLoop) -> None:
        super().__init__()
        self._fast_loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everybody waits for something that will never come"
            self._fast_loop.now_s += timeout
        return ready


def played(test: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=FastLoop) as runner:
        runner.run(test)


@dataclass(frozen=True)
class Sent:
    at_ms: int
    command: Command


class FarEnd:
    """A phone: plays what it gets in real time, echoes a mark when it has played what came before it.

    echo False: marks are lost. slow_ms: how long each frame takes to be sent. gone: the connection is broken.
    """

    def __init__(self, echo: bool = True, slow_ms: int = 0) -> None:
        self.sent: list[Sent] = []
        self.events: list[PlaybackEvent] = []
        self.echo, self.slow_ms, self.gone = echo, slow_ms, False
        self._loop = asyncio.get_running_loop()
        self._started_s = self._loop.time()
        self._buffered_until_ms = 0
        self._pending: dict[str, asyncio.TimerHandle] = {}
        self.playback = Playback(self._take, RATE_HZ, self.now_ms, self.events.append, Pacing(LEAD_MS))
        self.playing = asyncio.create_task(self.playback.run())

    def now_ms(self) -> int:
        return round((self._loop.time() - self._started_s) * 1000)

    async def _take(self, command: Command) -> None:
        await asyncio.sleep(self.slow_ms / 1000)
        if self.gone:
            raise ConnectionError("the far end is gone")
        self.sent.append(Sent(self.now_ms(), command))
        if isinstance(command, SoundOut):
            self._buffered_until_ms = max(self._buffered_until_ms, self.now_ms()) + len(command.pcm) * 500 // RATE_HZ
        elif isinstance(command, Mark) and self.echo:
            wait_ms = max(0, self._buffered_until_ms - self.now_ms())
            echo = self._loop.call_later(wait_ms / 1000, self.playback.mark_played, command.name)
            self._pending[command.name] = echo
        elif isinstance(command, Clear):
            self._buffered_until_ms = 0
            for name, echo in self._pending.items():
                echo.cancel()
                self._loop.call_soon(self.playback.mark_played, name)
            self._pending.clear()

    async def until(self, at_ms: int) -> None:
        await asyncio.sleep(max(0, at_ms - self.now_ms()) / 1000)

    async def hang_up(self) -> None:
        self.playing.cancel()
        await asyncio.gather(self.playing, return_exceptions=True)

    def sound(self) -> bytes:
        return b"".join(sent.command.pcm for sent in self.sent if isinstance(sent.command, SoundOut))

    def commands(self) -> list[Command]:
        return [sent.command for sent in self.sent if not isinstance(sent.command, SoundOut)]

    def ended(self) -> list[PromptEnded]:
        return [event for event in self.events if isinstance(event, PromptEnded)]


def voice_of(text: str, ms: int) -> bytes:
    """Its samples are all the first letter's code, so that one prompt's sound can be told from another's."""
    return bytes([ord(text[0]), 0]) * (RATE_HZ * ms // 1000)


def prompt(text: str, ms: int) -> Prompt:
    """All of it is there."""
    speech = Speech(text, [Phrase(text)], RATE_HZ)
    speech.add(voice_of(text, ms))
    return Prompt(Say(text, "it"), speech, decided_ms=0)


def test_a_prompt_is_sent_whole_then_marked_then_reported() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        hello = prompt("hello", 1010)
        phone.playback.enqueue(hello)
        assert phone.playback.busy
        await phone.until(3000)
        assert phone.sound() == voice_of("hello", 1010)
        assert phone.commands() == [Mark("p1")]
        assert isinstance(phone.sent[-1].command, Mark)
        assert phone.events == [
            PromptStarted(hello, 0),
            PromptEnded(hello, started_ms=0, ended_ms=1010, duration_ms=1010, played_ms=1010, complete=True),
            PlaybackIdle(1010),
        ]
        assert not phone.playback.busy
        await phone.hang_up()

    played(scenario())


def test_sound_is_sent_a_little_ahead_of_the_clock_and_never_more() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(prompt("hello", 3000))
        await phone.until(5000)
        position_ms = 0
        for sent in phone.sent:
            if isinstance(sent.command, SoundOut):
                ahead_ms = position_ms - sent.at_ms
                assert 0 <= ahead_ms <= LEAD_MS
                position_ms += FRAME_MS
        assert position_ms == 3000
        await phone.hang_up()

    played(scenario())


def test_prompts_play_in_order_without_a_gap() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        prompts = [prompt("a", 500), prompt("b", 700), prompt("c", 300)]
        for each in prompts:
            phone.playback.enqueue(each)
        await phone.until(5000)
        assert phone.sound() == b"".join(voice_of(each.say.text, each.speech.duration_ms) for each in prompts)
        assert [(event.prompt, event.started_ms) for event in phone.ended()] == list(
            zip(prompts, [0, 500, 1200], strict=True)
        )
        assert all(event.complete for event in phone.ended())
        assert sum(isinstance(event, PlaybackIdle) for event in phone.events) == 1
        await phone.hang_up()

    played(scenario())


@pytest.mark.parametrize("echo", [True, False])
def test_a_prompt_that_comes_while_the_last_one_fades_follows_without_a_gap(echo: bool) -> None:
    async def scenario() -> None:
        phone = FarEnd(echo)
        phone.playback.enqueue(prompt("a", 1000))
        await phone.until(850)  # all of it was sent; the mark is awaited
        assert phone.commands() == [Mark("p1")]
        phone.playback.enqueue(prompt("b", 400))
        await phone.until(5000)
        assert [event.started_ms for event in phone.ended()] == [0, 1000]
        first_of_b = next(
            sent for sent in phone.sent if isinstance(sent.command, SoundOut) and sent.command.pcm[0] == ord("b")
        )
        assert 850 <= first_of_b.at_ms <= 1000
        await phone.hang_up()

    played(scenario())


def test_where_marks_are_lost_the_clock_decides() -> None:
    async def scenario() -> None:
        phone = FarEnd(echo=False)
        phone.playback.enqueue(prompt("a", 1000))
        await phone.until(1000 + MARK_GRACE_MS - 1)
        assert phone.playback.busy
        await phone.until(1000 + MARK_GRACE_MS + 1)
        assert not phone.playback.busy
        assert [event.complete for event in phone.ended()] == [True]
        assert isinstance(phone.events[-1], PlaybackIdle)
        await phone.hang_up()

    played(scenario())


def test_marks_of_others_change_nothing() -> None:
    async def scenario() -> None:
        phone = FarEnd(echo=False)
        phone.playback.mark_played("p1")  # before there was a p1
        phone.playback.enqueue(prompt("a", 1000))
        await phone.until(100)
        for name in ("p1", "p2", "", "x" * 200):  # p1 is not on its way yet
            phone.playback.mark_played(name)
        await phone.until(1100)
        assert phone.playback.busy
        phone.playback.mark_played("p1")
        await phone.until(1110)
        assert not phone.playback.busy
        idle = len(phone.events)
        phone.playback.mark_played("p1")
        await phone.until(2000)
        assert len(phone.events) == idle
        await phone.hang_up()

    played(scenario())


def test_barge_in_clears_at_once_and_reports_what_was_played() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(prompt("a", 3000))
        await phone.until(1230)
        assert phone.playback.played_ms == 1230
        phone.playback.stop()
        await phone.until(1231)
        assert phone.sent[-1] == Sent(1230, Clear())
        (ended,) = phone.ended()
        assert (ended.played_ms, ended.duration_ms, ended.complete) == (1230, 3000, False)
        assert phone.events[-1] == PlaybackIdle(1230)
        assert Mark("p1") not in phone.commands()
        assert len(phone.sound()) * 500 // RATE_HZ <= 1230 + LEAD_MS + FRAME_MS
        await phone.hang_up()

    played(scenario())


def test_barge_in_while_the_last_words_are_played() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(prompt("a", 1000))
        await phone.until(900)
        phone.playback.stop()
        await phone.until(901)
        assert phone.commands() == [Mark("p1"), Clear()]
        assert [(event.played_ms, event.complete) for event in phone.ended()] == [(900, False)]
        await phone.hang_up()

    played(scenario())


def test_what_still_waited_at_barge_in_was_never_heard() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        for name in "abc":
            phone.playback.enqueue(prompt(name, 1000))
        await phone.until(500)
        phone.playback.stop()
        await phone.until(5000)
        assert [event.prompt.say.text for event in phone.ended()] == ["a"]
        assert set(phone.sound()) == {ord("a"), 0}
        await phone.hang_up()

    played(scenario())


def test_what_was_dropped_before_it_began_leaves_the_line_idle() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(prompt("a", 1000))
        phone.playback.stop()
        await phone.until(100)
        assert phone.sent == []
        assert phone.events == [PlaybackIdle(0)]
        phone.playback.stop()  # nothing to stop, nothing to tell
        await phone.until(200)
        assert len(phone.events) == 1
        await phone.hang_up()

    played(scenario())


def test_a_prompt_after_barge_in_begins_at_once() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(prompt("a", 3000))
        await phone.until(1000)
        phone.playback.stop()
        phone.playback.enqueue(prompt("b", 500))
        await phone.until(5000)
        assert [(event.prompt.say.text, event.started_ms, event.complete) for event in phone.ended()] == [
            ("a", 0, False),
            ("b", 1000, True),
        ]
        cleared = phone.sent.index(Sent(1000, Clear()))
        assert all(
            sent.command.pcm[0] == ord("b") for sent in phone.sent[cleared:] if isinstance(sent.command, SoundOut)
        )
        await phone.hang_up()

    played(scenario())


def test_no_more_was_played_than_was_sent() -> None:
    async def scenario() -> None:
        phone = FarEnd(slow_ms=100)  # a fifth of the speed of sound
        phone.playback.enqueue(prompt("a", 3000))
        await phone.until(1001)
        phone.playback.stop()
        await phone.until(1500)
        (ended,) = phone.ended()
        assert ended.played_ms == len(phone.sound()) * 500 // RATE_HZ == 220
        await phone.hang_up()

    played(scenario())


def test_a_call_that_ends_keeps_what_was_played_and_says_no_more() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(prompt("a", 3000))
        phone.playback.enqueue(prompt("b", 3000))
        await phone.until(705)
        ended = phone.playback.abandon()
        assert ended is not None
        assert (ended.prompt.say.text, ended.played_ms, ended.complete) == ("a", 705, False)
        sent = len(phone.sent)
        await phone.until(8000)
        assert phone.sent[sent:] == []
        assert phone.ended() == []
        assert not phone.playback.busy
        assert phone.playback.abandon() is None
        await phone.hang_up()

    played(scenario())


def test_a_far_end_that_is_gone_ends_the_playing_quietly() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(prompt("a", 3000))
        await phone.until(700)
        phone.gone = True
        await asyncio.wait_for(phone.playing, 5)
        ended = phone.playback.abandon()
        assert ended is not None
        assert 700 <= ended.played_ms <= 700 + LEAD_MS + FRAME_MS

    played(scenario())


def test_a_paused_prompt_is_silent_at_once_and_goes_on_where_it_is_told() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        hello, then = prompt("hello", 3000), prompt("then", 500)
        phone.playback.enqueue(hello)
        phone.playback.enqueue(then)
        await phone.until(1500)
        phone.playback.pause()
        await asyncio.sleep(0)
        await phone.until(1501)
        assert phone.sent[-1] == Sent(1500, Clear())
        await phone.until(2500)
        assert phone.playback.paused
        assert phone.playback.busy
        assert phone.playback.played_ms == 1500
        assert not phone.ended()
        phone.playback.resume(1000)
        await phone.until(8000)
        assert phone.commands() == [Clear(), Mark("p1"), Mark("p2")]
        first, second = phone.ended()
        assert first == PromptEnded(hello, 0, ended_ms=4500, duration_ms=3000, played_ms=3000, complete=True)
        assert (second.started_ms, second.complete) == (4500, True)
        assert [type(event) for event in phone.events].count(PromptStarted) == 2
        await phone.hang_up()

    played(scenario())


def test_a_paused_prompt_that_is_stopped_tells_how_far_it_got() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(prompt("hello", 3000))
        await phone.until(1500)
        phone.playback.pause()
        await phone.until(2000)
        phone.playback.resume(1000)
        await phone.until(2200)
        phone.playback.pause()
        await phone.until(2600)
        phone.playback.stop()
        await phone.until(3000)
        (ended,) = phone.ended()
        assert (ended.played_ms, ended.ended_ms, ended.complete) == (1500, 2200, False)
        assert phone.commands() == [Clear(), Clear()]
        assert not phone.playback.busy
        await phone.hang_up()

    played(scenario())


def test_a_prompt_that_ends_softly_fades_out_from_where_it_was() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(prompt("hello", 3000))
        phone.playback.enqueue(prompt("bye", 1000))
        await phone.until(1000)
        phone.playback.stop(softly=True)
        await phone.until(5000)
        cleared = next(at for at, sent in enumerate(phone.sent) if isinstance(sent.command, Clear))
        (fade,) = [sent.command for sent in phone.sent[cleared + 1 :]]
        assert isinstance(fade, SoundOut)
        samples = np.frombuffer(fade.pcm, "<i2")
        assert samples.size == RATE_HZ * FADE_MS // 1000
        assert (samples[0], samples[-1]) == (ord("h"), 0)
        assert np.all(np.diff(samples) <= 0)
        (ended,) = phone.ended()
        assert (ended.played_ms, ended.complete) == (1000, False)
        await phone.hang_up()

    played(scenario())


def test_a_pause_that_is_taken_back_at_once_loses_no_sound() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(prompt("hello", 2000))
        await phone.until(1000)
        phone.playback.pause()
        phone.playback.resume(1000)
        await phone.until(4000)
        (ended,) = phone.ended()
        assert ended.complete
        assert ended.ended_ms == 2000
        await phone.hang_up()

    played(scenario())


def test_a_pause_while_the_end_is_still_in_the_far_ends_buffer() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(prompt("hello", 1000))
        await phone.until(900)
        phone.playback.pause()
        await phone.until(1500)
        phone.playback.resume(0)
        await phone.until(4000)
        (ended,) = phone.ended()
        assert (ended.ended_ms, ended.played_ms, ended.complete) == (2500, 1000, True)
        assert phone.commands() == [Mark("p1"), Clear(), Mark("p2")]
        await phone.hang_up()

    played(scenario())


def test_on_hold_nothing_goes_on_and_nothing_begins() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(prompt("hello", 3000))
        await phone.until(1000)
        phone.playback.hold()
        phone.playback.enqueue(prompt("then", 500))
        phone.playback.resume(1000)  # the caller fell silent before; nobody would hear it
        await phone.until(9000)
        assert phone.sent[-1] == Sent(1000, Clear())
        assert (phone.playback.paused, phone.playback.played_ms) == (True, 1000)
        phone.playback.release()
        phone.playback.resume(500)
        await phone.until(14_000)
        assert [ended.started_ms for ended in phone.ended()] == [0, 11_500]
        assert isinstance(phone.events[-1], PlaybackIdle)
        await phone.hang_up()

    played(scenario())


def test_a_prompt_that_came_on_hold_begins_when_somebody_listens_again() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.hold()
        phone.playback.enqueue(prompt("hello", 500))
        await phone.until(4000)
        assert phone.sent == []
        phone.playback.release()
        await phone.until(6000)
        assert [ended.started_ms for ended in phone.ended()] == [4000]
        await phone.hang_up()

    played(scenario())


def test_a_far_end_that_is_full_gets_nothing_and_then_goes_on_at_the_same_pace() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(prompt("hello", 3000))
        await phone.until(1001)
        phone.playback.flow(takes_sound=False)
        sent_ms = len(phone.sound()) * 500 // RATE_HZ
        await phone.until(5000)
        assert len(phone.sound()) * 500 // RATE_HZ == sent_ms
        phone.playback.flow(takes_sound=True)
        await phone.until(5600)
        assert len(phone.sound()) * 500 // RATE_HZ <= sent_ms + 600 + FRAME_MS
        await phone.until(9000)
        assert phone.sound() == voice_of("hello", 3000)
        (ended,) = phone.ended()
        assert ended.complete
        assert 7000 - FRAME_MS <= ended.ended_ms <= 7000
        await phone.hang_up()

    played(scenario())


def test_a_far_end_that_stays_full_longer_than_any_buffer_lasts_is_sent_sound_again() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.flow(takes_sound=False)
        phone.playback.enqueue(prompt("hello", 500))
        await phone.until(LONGEST_FULL_MS - 1)
        assert phone.sent == []
        await phone.until(LONGEST_FULL_MS + 2000)
        assert phone.sound() == voice_of("hello", 500)
        await phone.hang_up()

    played(scenario())


def test_barge_in_while_the_far_end_is_full() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(prompt("hello", 3000))
        await phone.until(500)
        phone.playback.flow(takes_sound=False)
        await phone.until(700)
        phone.playback.pause()
        phone.playback.resume(200)
        await phone.until(2000)
        phone.playback.stop()
        await phone.until(2001)
        assert phone.sent[-1].command == Clear()
        assert not phone.ended()[-1].complete
        phone.playback.flow(takes_sound=True)
        phone.playback.enqueue(prompt("then", 200))
        await phone.until(3000)
        assert phone.ended()[-1].started_ms == 2001
        await phone.hang_up()

    played(scenario())
