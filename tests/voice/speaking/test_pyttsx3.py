"""The real pyttsx3 and espeak-ng, in their real child process."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from voice.speaking.loudness import finished
from voice.speaking.phrases import PAUSE_MS
from voice.speaking.prompts import Speaker
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer
from voice.speaking.synthesizer import Sound, SynthesisFailed, Voice

ITALIAN = Voice("pyttsx3", "it")
Ear = Callable[[Sound], Any]


@pytest_asyncio.fixture
async def speaker() -> AsyncIterator[Pyttsx3Synthesizer]:
    synthesizer = Pyttsx3Synthesizer()
    yield synthesizer
    await synthesizer.close()


@pytest.mark.parametrize(
    ("language", "text", "shortest_s", "longest_s"),
    [
        ("it", "Buongiorno, come posso aiutarla oggi?", 1.8, 4.0),
        ("en", "Good morning, how can I help you today?", 1.5, 4.0),
        ("ko", "안녕하세요, 무엇을 도와드릴까요?", 1.5, 5.0),
    ],
)
async def test_speaks_at_phone_level_without_dead_air(
    speaker: Pyttsx3Synthesizer, ear: Ear, language: str, text: str, shortest_s: float, longest_s: float
) -> None:
    sound = finished(await speaker.synthesize(text, Voice("pyttsx3", language)))
    heard = ear(sound)
    assert sound.rate_hz == 16_000
    assert shortest_s < heard.duration_s < longest_s
    assert heard.level_dbfs == pytest.approx(-16, abs=1.5)
    assert heard.peak < 0.95
    assert heard.spoken_share > 0.6
    assert heard.lead_ms <= 40
    assert heard.tail_ms <= 200


async def test_a_long_text_is_spoken_to_its_end(speaker: Pyttsx3Synthesizer, ear: Ear, tmp_path: Path) -> None:
    sentences = [f"La frase numero {number} è detta fino in fondo." for number in (3, 5, 8)]
    house = Speaker(tmp_path, {"pyttsx3": speaker})
    alone = [(await house.speak(sentence, ITALIAN)).duration_ms for sentence in sentences]
    many = ear(await house.speak(" ".join(sentences * 25), ITALIAN))
    assert many.duration_s * 1000 == pytest.approx(25 * sum(alone) + 74 * PAUSE_MS, abs=80)
    assert many.level_dbfs == pytest.approx(-16, abs=1.5)


async def test_many_requests_at_once_all_get_their_own_sound(speaker: Pyttsx3Synthesizer) -> None:
    texts = [
        "Sì." if i % 2 else f"Il suo ordine numero {i} arriva domani mattina prima delle dieci." for i in range(60)
    ]
    sounds = await asyncio.gather(*(speaker.synthesize(text, ITALIAN) for text in texts))
    assert all(sound.duration_ms < 900 for sound in sounds[1::2])
    assert all(sound.duration_ms > 2_500 for sound in sounds[::2])


async def test_a_child_killed_in_the_middle_is_replaced_and_nobody_notices(speaker: Pyttsx3Synthesizer) -> None:
    await speaker.synthesize("Pronto.", ITALIAN)
    first = speaker.pid
    assert first is not None
    texts = [f"Frase numero {i}, abbastanza lunga da durare un poco." for i in range(40)]
    speaking = [asyncio.create_task(speaker.synthesize(text, ITALIAN)) for text in texts]
    await speaking[5]
    os.kill(first, signal.SIGKILL)
    sounds = await asyncio.gather(*speaking)
    assert all(sound.duration_ms > 1_500 for sound in sounds)
    assert speaker.pid != first


async def test_a_child_that_hangs_is_replaced(ear: Ear) -> None:
    speaker = Pyttsx3Synthesizer(reply_s=1.0)
    try:
        await speaker.synthesize("Pronto.", ITALIAN)
        first = speaker.pid
        assert first is not None
        os.kill(first, signal.SIGSTOP)
        assert ear(finished(await speaker.synthesize("Come posso aiutarla?", ITALIAN))).spoken_share > 0.6
        assert speaker.pid != first
    finally:
        await speaker.close()


async def test_a_request_given_up_does_not_shift_the_answers_of_the_next(speaker: Pyttsx3Synthesizer) -> None:
    await speaker.synthesize("Pronto.", ITALIAN)
    given_up = asyncio.create_task(speaker.synthesize("Una frase molto lunga che nessuno aspetta più. " * 3, ITALIAN))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    given_up.cancel()
    assert (await speaker.synthesize("Sì.", ITALIAN)).duration_ms < 900


@pytest.mark.parametrize(
    ("voice", "text", "complaint"),
    [
        (Voice("pyttsx3", "it", "nessuno"), "Ciao.", "no voice 'nessuno'"),
        (Voice("pyttsx3", "it", "roa/it+nessuno"), "Ciao.", r"no variant '\+nessuno'"),
        (Voice("pyttsx3", "xx"), "Ciao.", "it speaks en, it, ko"),
    ],
)
async def test_what_cannot_be_spoken_is_told_and_the_next_text_works(
    speaker: Pyttsx3Synthesizer, voice: Voice, text: str, complaint: str
) -> None:
    with pytest.raises(SynthesisFailed, match=complaint):
        await speaker.synthesize(text, voice)
    assert (await speaker.synthesize("Ciao.", ITALIAN)).duration_ms > 200


async def test_voices_and_rates_change_the_sound(speaker: Pyttsx3Synthesizer) -> None:
    text = "Buongiorno, come posso aiutarla?"
    own = await speaker.synthesize(text, ITALIAN)
    woman = await speaker.synthesize(text, Voice("pyttsx3", "it", "roa/it+f2"))
    quick = Pyttsx3Synthesizer({"it": 260})
    try:
        hurried = await quick.synthesize(text, ITALIAN)
    finally:
        await quick.close()
    assert woman.pcm != own.pcm
    assert hurried.duration_ms < own.duration_ms * 0.75
    assert quick.version != speaker.version


async def test_the_child_ends_with_its_owner(speaker: Pyttsx3Synthesizer) -> None:
    await speaker.synthesize("Pronto.", ITALIAN)
    pid = speaker.pid
    assert pid is not None
    await speaker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(SynthesisFailed, match="closed"):
        await speaker.synthesize("Pronto.", ITALIAN)
