"""Callers' clips, as a phone brings them, through real engines."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest
import pytest_asyncio

from tests.voice.listening.conftest import pid_of, words
from voice import g711
from voice.listening.heard import Heard, ListenerEvent, RecognizerRestarted, SpeechStarted, SpeechStopped
from voice.listening.listener import Listener
from voice.listening.workers import Recognizers, RemoteRecognizer

pytestmark = pytest.mark.asyncio(loop_scope="session")

FRAME_MS = 20


class Ear:
    """A listener whose clock is the sound it is fed."""

    def __init__(self, recognizer: RemoteRecognizer, rate_hz: int) -> None:
        self.recognizer = recognizer
        self.rate_hz = rate_hz
        self.now_ms = 0
        self.told: list[ListenerEvent] = []
        self.listener = Listener(recognizer, rate_hz=rate_hz, emit=self.told.append)

    async def hear(self, pcm: bytes) -> None:
        step = self.rate_hz * 2 * FRAME_MS // 1000
        for at in range(0, len(pcm), step):
            self.now_ms += FRAME_MS
            self.listener.feed(pcm[at : at + step], self.now_ms)
            await asyncio.sleep(0)

    async def silence(self, milliseconds: int) -> None:
        await self.hear(bytes(self.rate_hz // 1000 * 2 * milliseconds))

    def nothing(self, milliseconds: int) -> None:
        """The phone sends nothing, only time passes."""
        for _ in range(milliseconds // FRAME_MS):
            self.now_ms += FRAME_MS
            self.listener.tick(self.now_ms)

    async def told_all(self) -> list[ListenerEvent]:
        await self.listener.finish(self.now_ms)
        return self.told

    @property
    def finals(self) -> list[Heard]:
        return [event for event in self.told if isinstance(event, Heard) and event.is_final]


@pytest_asyncio.fixture(loop_scope="session")
async def ear(recognizers: Recognizers) -> AsyncIterator[Callable[..., object]]:
    ears: list[Ear] = []

    async def make(language: str, rate_hz: int) -> Ear:
        ears.append(Ear(await recognizers.open(language), rate_hz))
        return ears[-1]

    yield make
    for each in ears:
        await each.listener.close()


def likeness(said: str, wanted: str) -> float:
    return len(words(said) & words(wanted)) / len(words(wanted))


async def test_an_utterance_over_a_mulaw_line(ear, clip) -> None:  # type: ignore[no-untyped-def]
    caller, spoken = await ear("it", 8000), clip("it_reso")
    await caller.silence(400)
    await caller.hear(g711.mulaw_to_pcm(g711.pcm_to_mulaw(spoken.pcm)))
    await caller.silence(1000)
    told = [event for event in await caller.told_all() if not isinstance(event, Heard) or event.is_final]
    assert [type(event) for event in told] == [SpeechStarted, SpeechStopped, Heard]
    (final,) = caller.finals
    assert likeness(final.text, spoken.text) > 0.7
    assert final.engine == "whisper"
    assert told[0] == SpeechStarted(final.started_ms)
    assert told[1] == SpeechStopped(final.ended_ms)
    assert 400 <= final.started_ms < final.ended_ms <= 400 + len(spoken.pcm) // 16


async def test_vosk_tells_words_as_they_come(ear, clip, korean_phrases) -> None:  # type: ignore[no-untyped-def]
    caller = await ear("ko", 16000)
    caller.listener.expect(korean_phrases)
    said = clip("ko_refund").pcm
    for at in range(0, len(said), 16_000):  # as fast as it can be recognised, not all at once
        await caller.hear(said[at : at + 16_000])
        await caller.listener._transcriber.drain()
    assert any(isinstance(event, Heard) and not event.is_final for event in caller.told)
    await caller.silence(800)
    await caller.told_all()
    assert caller.finals[0].text.replace(" ", "") == clip("ko_refund").text.replace(" ", "")


async def test_a_phone_that_sends_no_silence(ear, clip) -> None:  # type: ignore[no-untyped-def]
    caller = await ear("en", 8000)
    for _ in range(2):
        await caller.hear(clip("en_open").pcm)
        caller.nothing(1500)
    await caller.told_all()
    assert [likeness(final.text, clip("en_open").text) > 0.7 for final in caller.finals] == [True, True]


async def test_a_pause_within_a_sentence_does_not_end_it(ear, clip) -> None:  # type: ignore[no-untyped-def]
    caller = await ear("it", 8000)
    speech = clip("it_orari").pcm
    half = len(speech) // 4 * 2
    await caller.hear(speech[:half])
    await caller.silence(300)
    await caller.hear(speech[half:])
    await caller.silence(800)
    await caller.told_all()
    assert len(caller.finals) == 1
    assert likeness(caller.finals[0].text, clip("it_orari").text) > 0.6


async def test_the_pieces_in_which_sound_comes_do_not_matter(ear, clip) -> None:  # type: ignore[no-untyped-def]
    whole = await ear("en", 8000)
    sound = clip("en_ship").pcm + bytes(16000)
    whole.listener.feed(sound, len(sound) // 16)
    whole.now_ms = len(sound) // 16
    await whole.told_all()
    pieces = await ear("en", 8000)
    await pieces.hear(sound)
    await pieces.told_all()
    # Whether its words are looked at in the pause depends on the pieces, and so does the silence that Whisper hears.
    assert likeness(pieces.finals[0].text, whole.finals[0].text) > 0.7
    assert whole.finals[0].ended_ms == pytest.approx(pieces.finals[0].ended_ms, abs=64)


async def test_noise_rings_and_silence_say_nothing(ear) -> None:  # type: ignore[no-untyped-def]
    rng, seconds = np.random.default_rng(3), np.arange(8000 * 3) / 8000
    for sound in (rng.normal(0, 3000, len(seconds)), 9000 * np.sin(2 * np.pi * 425 * seconds), 0 * seconds):
        caller = await ear("it", 8000)
        await caller.hear(sound.astype("<i2").tobytes())
        await caller.silence(800)
        await caller.told_all()
        assert [final.text for final in caller.finals if final.text] == []


async def test_a_worker_killed_in_mid_word_loses_that_turn_only(ear, clip, korean_phrases) -> None:  # type: ignore[no-untyped-def]
    caller = await ear("ko", 16000)
    caller.listener.expect(korean_phrases)
    speech = clip("ko_refund").pcm
    await caller.hear(speech[: len(speech) // 2])
    await caller.listener._transcriber.drain()
    os.kill(pid_of(caller.recognizer), signal.SIGKILL)
    await caller.hear(speech[len(speech) // 2 :])
    await caller.silence(800)
    await caller.told_all()
    restarts = [event for event in caller.told if isinstance(event, RecognizerRestarted)]
    assert [restart.lost_speech for restart in restarts] == [True]
    assert caller.finals == []
    await caller.hear(clip("ko_hours").pcm)
    await caller.silence(800)
    await caller.told_all()
    assert [final.text.replace(" ", "") for final in caller.finals] == ["영업시간"]


async def test_a_worker_killed_between_turns_costs_nothing(ear, clip) -> None:  # type: ignore[no-untyped-def]
    caller = await ear("en", 8000)
    await caller.silence(200)
    os.kill(pid_of(caller.recognizer), signal.SIGKILL)
    await caller.hear(clip("en_open").pcm)
    await caller.silence(800)
    told = await caller.told_all()
    assert [event.lost_speech for event in told if isinstance(event, RecognizerRestarted)] == [False]
    assert likeness(caller.finals[0].text, clip("en_open").text) > 0.7


async def test_finish_ends_what_is_being_said(ear, clip) -> None:  # type: ignore[no-untyped-def]
    caller = await ear("en", 8000)
    await caller.hear(clip("en_thanks").pcm[:-8000])
    await caller.told_all()
    assert caller.finals[0].text
    await caller.listener.close()
    await caller.listener.close()


async def test_somebody_farther_from_the_phone_has_no_turn_until_nobody_answers(ear, clip) -> None:  # type: ignore[no-untyped-def]
    caller, speech = await ear("en", 8000), clip("en_open").pcm
    softer = (np.frombuffer(speech, dtype="<i2") * 10 ** (-14 / 20)).astype("<i2").tobytes()
    for said in (speech, softer):
        await caller.hear(said)
        await caller.silence(800)
    caller.listener.hear_everybody()
    await caller.hear(softer)
    await caller.silence(800)
    starts = [event.at_ms for event in await caller.told_all() if isinstance(event, SpeechStarted)]
    third_ms = 2 * (len(speech) // 16 + 800)
    assert [start >= third_ms for start in starts] == [False, True]
