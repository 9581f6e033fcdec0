"""The bench of noise and levels: what it adds is as loud as it says, and it measures through the real listener."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest

from centralino.bench.line_sounds import NOISES, Condition, made, on_the_line
from centralino.bench.recognition import run
from tests.voice.listening.conftest import CALLERS
from voice.audio import float_to_pcm, level_db, pcm_to_float, resample
from voice.models import ModelStore

RATE_HZ = 16_000


def voice(seconds: float = 2) -> bytes:
    at_s = np.arange(round(RATE_HZ * seconds)) / RATE_HZ
    return float_to_pcm((0.1 * np.sin(600 * np.pi * at_s)).astype(np.float32))


@pytest.mark.parametrize("noise", NOISES)
def test_a_noise_is_as_far_below_the_voice_as_was_asked(noise: str) -> None:
    with_noise = pcm_to_float(on_the_line(voice(), Condition("", noise, 20), RATE_HZ))
    added = float_to_pcm(with_noise - pcm_to_float(voice()))
    assert level_db(added) == pytest.approx(level_db(voice()) - 20, abs=0.5)
    assert np.array_equal(made(noise, 1000, RATE_HZ), made(noise, 1000, RATE_HZ))


def test_a_pause_does_not_count_for_the_level_of_a_voice() -> None:
    pause = bytes(RATE_HZ * 4)
    noise = on_the_line(pause + voice(), Condition("", "white", 20), RATE_HZ)[: len(pause)]
    assert level_db(noise) == pytest.approx(level_db(voice()) - 20, abs=0.5)


def test_a_caller_who_is_too_loud_clips() -> None:
    loud = np.abs(pcm_to_float(on_the_line(voice(), Condition("", gain_db=26), RATE_HZ)))
    assert np.mean(loud > 0.999) > 0.3


def test_it_measures_through_the_real_listener(tmp_path: Path) -> None:
    models = ModelStore()
    models.fetch("whisper-base")
    with wave.open(str(CALLERS / "en_open.wav")) as file:
        pcm = resample(file.readframes(file.getnframes()), file.getframerate(), RATE_HZ)
    with wave.open(str(tmp_path / "one.wav"), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(pcm)
    (tmp_path / "transcripts.tsv").write_text("one.wav\tAre you open on Saturday?\n")
    measured = run(
        models, tmp_path, language="en", engine="whisper", hints=None, only="as recorded", say=lambda _: None
    )
    figures = asyncio.run(measured)
    (row,) = figures.conditions
    assert row.as_it_comes == row.conditioned < 0.5
    assert row.hinted is None
    assert figures.to_json()["model"] == "whisper-base"
