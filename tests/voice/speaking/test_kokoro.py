"""The real Kokoro model, when it was fetched (`centralino models fetch kokoro-82m`)."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from voice.models import ModelStore
from voice.speaking.kokoro import MODEL, KokoroSynthesizer
from voice.speaking.loudness import finished
from voice.speaking.synthesizer import Sound, SynthesisFailed, Voice

needs_extra = pytest.mark.skipif(
    importlib.util.find_spec("kokoro_onnx") is None, reason="the extra is not installed: pip install '.[neural]'"
)
needs_model = pytest.mark.skipif(
    not ModelStore().has(MODEL), reason=f"the model is not here: centralino models fetch {MODEL}"
)


@pytest_asyncio.fixture
async def kokoro() -> AsyncIterator[KokoroSynthesizer]:
    synthesizer = KokoroSynthesizer(ModelStore())
    yield synthesizer
    await synthesizer.close()


@needs_extra
@needs_model
async def test_speaks_italian_and_english_by_different_voices(
    kokoro: KokoroSynthesizer, ear: Callable[[Sound], Any]
) -> None:
    text = "Buongiorno, come posso aiutarla oggi?"
    sounds = [
        await kokoro.synthesize(text, Voice("kokoro", "it")),
        await kokoro.synthesize(text, Voice("kokoro", "it", "im_nicola")),
        await kokoro.synthesize("Good morning, how can I help you today?", Voice("kokoro", "en")),
    ]
    for sound in sounds:
        heard = ear(finished(sound))
        assert 1.5 < heard.duration_s < 5
        assert heard.level_dbfs == pytest.approx(-16, abs=1.5)
        assert heard.peak < 0.95
        assert heard.spoken_share > 0.6
    assert len({sound.pcm for sound in sounds}) == 3
    slow = await kokoro.synthesize(text, Voice("kokoro", "it"), 0.65)
    assert slow.duration_ms > 1.3 * sounds[0].duration_ms


@needs_extra
@needs_model
async def test_an_unknown_voice_is_told_with_those_there_are(kokoro: KokoroSynthesizer) -> None:
    for name in ("nessuno", "../voices/if_sara"):
        with pytest.raises(SynthesisFailed, match=r"no voice .*if_sara"):
            await kokoro.synthesize("Ciao.", Voice("kokoro", "it", name))


@needs_extra
async def test_a_missing_model_is_told_with_the_command_that_brings_it(tmp_path: Path) -> None:
    kokoro = KokoroSynthesizer(ModelStore(tmp_path))
    with pytest.raises(SynthesisFailed, match=f"centralino models fetch {MODEL}"):
        await kokoro.synthesize("Ciao.", Voice("kokoro", "it"))
    await kokoro.close()


async def test_a_missing_extra_is_told_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "kokoro_onnx" else find(name))
    kokoro = KokoroSynthesizer(ModelStore())
    with pytest.raises(SynthesisFailed, match=r"pip install 'centralino\[neural\]'"):
        await kokoro.synthesize("Ciao.", Voice("kokoro", "it"))
    await kokoro.close()


async def test_korean_is_refused() -> None:
    kokoro = KokoroSynthesizer(ModelStore())
    with pytest.raises(SynthesisFailed, match="it speaks en, it"):
        await kokoro.synthesize("안녕하세요", Voice("kokoro", "ko"))
    await kokoro.close()
