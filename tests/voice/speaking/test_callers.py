"""The clips that demo and tests play into calls are what the manifest says."""

from __future__ import annotations

import json
import wave
from typing import Any

import numpy as np
import pytest

import samples

FOLDER = samples.FOLDER / "bookshop" / "callers"
CLIPS: list[dict[str, Any]] = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip["id"])
def test_a_clip_is_speech_at_its_level_with_short_silences(clip: dict[str, Any]) -> None:
    with wave.open(str(FOLDER / clip["file"])) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, clip["rate_hz"])
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(-6, abs=0.3)
    loud = np.flatnonzero(np.abs(sound) > 0.02)
    assert loud[0] / clip["rate_hz"] < 0.25
    assert (len(sound) - loud[-1]) / clip["rate_hz"] < 0.35
    assert 0.04 < len(sound) / clip["rate_hz"] / sum(c.isalnum() for c in clip["text"]) < 0.9


def test_all_clips_are_listed_and_small() -> None:
    files = {path.name: path.stat().st_size for path in FOLDER.glob("*.wav")}
    assert sorted(files) == sorted(clip["file"] for clip in CLIPS)
    assert sum(files.values()) < 3_000_000
    assert {clip["language"] for clip in CLIPS} == {"it", "en", "ko"}
