"""Words of Whisper callers as they speak, for whoever watches: only while nobody waits for that."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from tests.voice.listening.conftest import Clip
from tests.voice.listening.test_listener import Ear, likeness
from voice.audio import resample
from voice.listening.glancing import Glances, Glancing
from voice.listening.heard import Heard
from voice.listening.whisper import WhisperEngine
from voice.listening.workers import Recognizers
from voice.models import ModelStore

RULE = Glances(longest_step_ms=180, share=0.25, apart_ms=500)


def quick() -> Glancing:
    glancing = Glancing(RULE)
    glancing.stepped(100)
    return glancing


def test_an_engine_of_which_nothing_is_known_is_left_alone() -> None:
    assert not Glancing(RULE).allowed(0, others=0)
    assert quick().allowed(0, others=0)


def test_while_another_caller_speaks_there_is_none() -> None:
    assert not quick().allowed(0, others=1)


def test_a_machine_that_has_become_slow_does_without_and_one_that_is_quick_again_has_it_back() -> None:
    glancing = quick()
    for _ in range(2):
        glancing.stepped(300)
    assert not glancing.allowed(0, others=0)
    for _ in range(3):
        glancing.stepped(60)
    assert glancing.allowed(0, others=0)


@pytest.mark.parametrize(("took_ms", "free_ms"), [(100, 500), (400, 1200)])
def test_a_quarter_of_the_time_at_most(took_ms: int, free_ms: int) -> None:
    glancing = quick()
    glancing.glanced(1000, 1000 + took_ms)
    assert not glancing.allowed(1000 + took_ms + free_ms - 1, others=0)
    assert glancing.allowed(1000 + took_ms + free_ms, others=0)


@pytest.mark.asyncio(loop_scope="session")
async def test_whisper_shows_words_before_the_turn_is_over(
    recognizers: Recognizers, clip: Callable[[str], Clip]
) -> None:
    """With the real engine, whatever this machine can do otherwise."""
    recognizer = await recognizers.open("it")
    spoken = clip("it_orari")
    recognizer._link.glancing = Glancing(Glances(longest_step_ms=60_000, share=1.0, apart_ms=0))
    recognizer._link.glancing.stepped(1.0)
    caller = Ear(recognizer, spoken.rate_hz)
    half = len(spoken.pcm) // 4 * 2
    for start in range(0, half, 6_400):  # 400 ms at a time, and as long as a glance takes
        await caller.hear(spoken.pcm[start : start + 6_400])
        await caller.listener._transcriber.drain()
        if glance := caller.listener._transcriber._glance:
            await glance
    shown = [event for event in caller.told if isinstance(event, Heard)][-1]
    assert not shown.is_final
    assert "buongiorno" in shown.text.lower()
    await caller.hear(spoken.pcm[half:])
    await caller.silence(800)
    await caller.told_all()
    await caller.listener.close()
    assert likeness(caller.finals[0].text, spoken.text) > 0.7


@pytest.mark.asyncio(loop_scope="session")
async def test_it_is_given_up_between_two_steps_when_something_else_waits(
    store: ModelStore, clip: Callable[[str], Clip]
) -> None:
    engine = WhisperEngine(store.path("whisper-base"), threads=1)
    engine.start()
    recognizer = engine.open("it")
    spoken = clip("it_reso")
    recognizer.accept(resample(spoken.pcm, spoken.rate_hz, 16_000))
    asked = count()
    whole = recognizer.glance(lambda: False)
    assert whole is not None
    assert likeness(whole.text, spoken.text) > 0.7
    assert recognizer.glance(lambda: next(asked) == 2) is None
    assert next(asked) == 3
    assert engine.step_ms > 0


@pytest.mark.asyncio(loop_scope="session")
async def test_none_while_somebody_else_is_in_a_turn(recognizers: Recognizers, clip: Callable[[str], Clip]) -> None:
    watched, other = await recognizers.open("it"), await recognizers.open("en")
    watched._link.glancing = Glancing(Glances(longest_step_ms=60_000))
    watched._link.glancing.stepped(1.0)
    await watched.accept(clip("it_reso").pcm)
    await other.accept(clip("en_open").pcm)
    assert await watched.glance() is None
    await other.final()
    assert await watched.glance() is not None
    for recognizer in (watched, other):
        await recognizer.close()
