"""The prompt cache on real sound and a real disk."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import structlog

from voice.speaking.prompt_cache import PromptCache
from voice.speaking.prompts import Speaker, default_voice
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer
from voice.speaking.synthesizer import Sound, SynthesisFailed, Voice

ITALIAN = Voice("pyttsx3", "it")
GREETING = "Buongiorno, sono l'assistente automatico."


class Counting(Pyttsx3Synthesizer):
    """The real one, counting what it renders."""

    rendered = 0

    async def synthesize(self, sentence: str, voice: Voice, pace: float = 1.0) -> Sound:
        self.rendered += 1
        return await super().synthesize(sentence, voice, pace)


@pytest_asyncio.fixture
async def engine() -> AsyncIterator[Counting]:
    synthesizer = Counting()
    yield synthesizer
    await synthesizer.close()


@contextmanager
def a_disk_with_no_room() -> Iterator[None]:
    """Files of this process cannot grow: a write fails as on a full disk (EFBIG in place of ENOSPC)."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


async def test_many_who_ask_for_one_text_get_one_rendering(tmp_path: Path, engine: Counting) -> None:
    speaker = Speaker(tmp_path, {"pyttsx3": engine})
    assert not speaker.cached(GREETING, ITALIAN)
    sounds = await asyncio.gather(*(speaker.speak(GREETING, ITALIAN) for _ in range(25)))
    assert engine.rendered == 1
    assert all(sound == sounds[0] for sound in sounds)
    assert sounds[0].duration_ms > 1_500
    assert speaker.cached(GREETING, ITALIAN)


async def test_a_caller_who_hangs_up_does_not_take_the_sound_from_another(tmp_path: Path, engine: Counting) -> None:
    speaker = Speaker(tmp_path, {"pyttsx3": engine})
    first = asyncio.create_task(speaker.speak(GREETING, ITALIAN))
    await asyncio.sleep(0)
    second = asyncio.create_task(speaker.speak(GREETING, ITALIAN))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).duration_ms > 1_500
    assert engine.rendered == 1


async def test_the_next_server_finds_what_the_last_one_rendered(tmp_path: Path, engine: Counting) -> None:
    first = await Speaker(tmp_path, {"pyttsx3": engine}).speak(GREETING, ITALIAN)
    assert await Speaker(tmp_path, {"pyttsx3": engine}).speak(GREETING, ITALIAN) == first
    assert engine.rendered == 1


async def test_text_voice_and_engine_version_make_the_key(tmp_path: Path, engine: Counting) -> None:
    speaker = Speaker(tmp_path, {"pyttsx3": engine})
    await speaker.speak(GREETING, ITALIAN)
    assert not speaker.cached(GREETING + "!", ITALIAN)
    assert not speaker.cached(GREETING, Voice("pyttsx3", "it", "roa/it+f2"))
    faster = Pyttsx3Synthesizer({"it": 190})
    assert not Speaker(tmp_path, {"pyttsx3": faster}).cached(GREETING, ITALIAN)


async def test_stored_prompts_can_be_played_by_anything(tmp_path: Path, engine: Counting) -> None:
    sound = await Speaker(tmp_path, {"pyttsx3": engine}).speak(GREETING, ITALIAN)
    (stored,) = tmp_path.rglob("*.wav")
    with wave.open(str(stored)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
        assert file.readframes(file.getnframes()) == sound.pcm
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [stored]


@pytest.mark.parametrize("damage", ["cut", "bit", "empty"])
async def test_a_damaged_file_is_made_again(
    tmp_path: Path, engine: Counting, damage: str, ear: Callable[[Sound], Any]
) -> None:
    await Speaker(tmp_path, {"pyttsx3": engine}).speak(GREETING, ITALIAN)
    (stored,) = tmp_path.rglob("*.wav")
    content = bytearray(stored.read_bytes())
    content[len(content) // 2] ^= 1
    stored.write_bytes({"cut": stored.read_bytes()[:5000], "bit": bytes(content), "empty": b""}[damage])
    again = await Speaker(tmp_path, {"pyttsx3": engine}).speak(GREETING, ITALIAN)
    assert engine.rendered == 2
    assert ear(again).spoken_share > 0.6
    await Speaker(tmp_path, {"pyttsx3": engine}).speak(GREETING, ITALIAN)
    assert engine.rendered == 2


async def test_a_full_disk_is_told_once_and_the_prompts_are_spoken(tmp_path: Path, engine: Counting) -> None:
    speaker = Speaker(tmp_path, {"pyttsx3": engine})
    await engine.synthesize("Pronto.", ITALIAN)  # the child starts with room for its files
    with structlog.testing.capture_logs() as logs, a_disk_with_no_room():
        sounds = [await speaker.speak(f"Frase {number}, detta comunque.", ITALIAN) for number in range(3)]
    assert all(sound.duration_ms > 1_000 for sound in sounds)
    assert [line["event"] for line in logs] == ["prompts_not_stored"]
    assert str(tmp_path) in logs[0]["folder"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert speaker.cached("Frase 1, detta comunque.", ITALIAN)  # in memory


async def test_prerendering_tells_what_it_did(tmp_path: Path, engine: Counting) -> None:
    speaker = Speaker(tmp_path, {"pyttsx3": engine})
    await speaker.speak("Già detta.", ITALIAN)
    items = [("Già detta.", ITALIAN), ("Una nuova.", ITALIAN), ("Una nuova.", ITALIAN), ("...", ITALIAN)]
    seen: list[tuple[int, int]] = []
    done = await speaker.prerender(items, lambda n, total: seen.append((n, total)))
    assert (done.made, done.cached) == (1, 1)
    assert len(done.failed) == 1
    assert "no letter or digit" in done.failed[0]
    assert seen == [(1, 3), (2, 3), (3, 3)]


async def test_memory_is_bounded_and_the_disk_still_has_the_rest(tmp_path: Path, engine: Counting) -> None:
    speaker = Speaker(tmp_path, {"pyttsx3": engine}, hot_bytes=100_000)  # about three seconds
    texts = [f"Frase numero {number} del catalogo." for number in range(6)]
    for text in texts:
        await speaker.speak(text, ITALIAN)
    for path in tmp_path.rglob("*.wav"):
        path.unlink()
    assert speaker.cached(texts[-1], ITALIAN)
    assert not speaker.cached(texts[0], ITALIAN)


def test_the_disk_is_bounded_by_dropping_what_was_not_used_for_longest(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path, most_bytes=10_000)
    for number in range(3):
        cache.put(f"{number:064}", Sound(bytes(3_000), 16_000))
        os.utime(tmp_path / "00" / f"{number:064}.wav", (number, number))
    assert cache.get(f"{0:064}") is not None  # used: now the youngest
    cache.put(f"{3:064}", Sound(bytes(3_000), 16_000))
    assert [cache.has(f"{number:064}") for number in range(4)] == [True, False, False, True]


async def test_an_unknown_engine_or_language_is_told_with_those_there_are(tmp_path: Path, engine: Counting) -> None:
    speaker = Speaker(tmp_path, {"pyttsx3": engine})
    assert speaker.default_voice("ko") == default_voice("ko") == Voice("pyttsx3", "ko")
    with pytest.raises(SynthesisFailed, match="there are: pyttsx3"):
        await speaker.speak("Ciao.", Voice("piper", "it"))
    with pytest.raises(SynthesisFailed, match="pyttsx3: en, it, ko"):
        speaker.default_voice("fr")
    with pytest.raises(SynthesisFailed, match="pyttsx3 speaks en, it, ko"):
        default_voice("fr")
    await speaker.close()
    await speaker.close()
