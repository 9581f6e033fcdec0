"""The real Piper, when the extra is installed and its English voice was fetched (`models fetch en_US-joe-medium`)."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from voice.models import ModelStore
from voice.speaking.loudness import finished
from voice.speaking.piper import PiperSynthesizer
from voice.speaking.synthesizer import Sound, SynthesisFailed, Voice

MODEL = "en_US-joe-medium"
TEXT = "Good morning, how can I help you today?"
ENGLISH = Voice("piper", "en")

needs_extra = pytest.mark.skipif(
    importlib.util.find_spec("piper") is None, reason="the extra is not installed: pip install '.[piper]'"
)
needs_voice = pytest.mark.skipif(
    not ModelStore().has(MODEL), reason=f"the voice is not here: centralino models fetch {MODEL}"
)


@pytest_asyncio.fixture
async def piper() -> AsyncIterator[PiperSynthesizer]:
    synthesizer = PiperSynthesizer(ModelStore())
    yield synthesizer
    await synthesizer.close()


@needs_extra
@needs_voice
async def test_speaks_by_the_catalogues_voice_or_by_a_file(
    piper: PiperSynthesizer, ear: Callable[[Sound], Any], tmp_path: Path
) -> None:
    own = tmp_path / "own.onnx"
    for suffix in ("", ".json"):
        os.symlink(ModelStore().path(MODEL) / f"{MODEL}.onnx{suffix}", f"{own}{suffix}")
    # A user's own voice may speak a language that the catalogue has no Piper voice for.
    for voice in (ENGLISH, Voice("piper", "ko", str(own))):
        heard = ear(finished(await piper.synthesize(TEXT, voice)))
        assert 1.5 < heard.duration_s < 4
        assert heard.level_dbfs == pytest.approx(-16, abs=1.5)
        assert heard.spoken_share > 0.6
    slow = await piper.synthesize(TEXT, ENGLISH, 0.65)
    assert slow.duration_ms > 1.15 * (await piper.synthesize(TEXT, ENGLISH)).duration_ms


@needs_extra
@needs_voice
async def test_what_cannot_be_spoken_is_told_and_the_next_text_works(piper: PiperSynthesizer, tmp_path: Path) -> None:
    lonely = tmp_path / "lonely.onnx"
    shutil.copyfile(ModelStore().path(MODEL) / f"{MODEL}.onnx.json", lonely)
    for voice, complaint in (
        (Voice("piper", "en", "en_XX-nobody-low"), "no model is called"),
        (Voice("piper", "en", str(lonely)), r"lonely\.onnx\.json is not there"),
        (Voice("piper", "ko"), "name one, or the path"),
    ):
        with pytest.raises(SynthesisFailed, match=complaint):
            await piper.synthesize(TEXT, voice)
    (tmp_path / "lonely.onnx.json").write_text("{}")
    with pytest.raises(SynthesisFailed, match="piper could not speak"):
        await piper.synthesize(TEXT, Voice("piper", "en", str(lonely)))
    assert (await piper.synthesize(TEXT, ENGLISH)).duration_ms > 1_000


@needs_extra
async def test_a_missing_voice_is_told_with_the_command_that_brings_it(tmp_path: Path) -> None:
    piper = PiperSynthesizer(ModelStore(tmp_path))
    with pytest.raises(SynthesisFailed, match="centralino models fetch it_IT-paola-medium"):
        await piper.synthesize("Ciao.", Voice("piper", "it"))
    await piper.close()


async def test_a_missing_extra_is_told_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "piper" else find(name))
    piper = PiperSynthesizer(ModelStore())
    with pytest.raises(SynthesisFailed, match=r"pip install 'centralino\[piper\]'"):
        await piper.synthesize("Ciao.", Voice("piper", "it"))
    await piper.close()
