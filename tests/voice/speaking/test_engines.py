"""Finding synthesizers by name: our own, and one that another package brings."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from voice.models import ModelStore
from voice.speaking.engines import known_synthesizers, load_synthesizers
from voice.speaking.prompts import Speaker
from voice.speaking.synthesizer import Voice

THIRD_PARTY = """
from voice.speaking.synthesizer import Sound


class Beep:
    engine, version, languages = "beep", "1", frozenset({"fr"})

    def __init__(self, models):
        self.models = models

    async def synthesize(self, sentence, voice, pace=1.0):
        return Sound((b"\\x00\\x40" * 49 + b"\\x00\\xc0" * 49) * int(45 / pace), 44_100)

    async def close(self):
        pass
"""


@pytest.fixture
def beep_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installed package with an entry point."""
    (tmp_path / "beep_voice.py").write_text(THIRD_PARTY)
    info = tmp_path / "beep_voice-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: beep-voice\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[centralino.synthesizers]\nbeep = beep_voice:Beep\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield
    sys.modules.pop("beep_voice", None)


def test_nothing_is_started_and_the_default_is_always_there(tmp_path: Path) -> None:
    found = load_synthesizers(["kokoro", "piper", "kokoro"], ModelStore(tmp_path))
    assert list(found) == ["pyttsx3", "kokoro", "piper"]
    assert all(found[name].engine == name for name in found)
    assert list(load_synthesizers([], ModelStore(tmp_path))) == ["pyttsx3"]


def test_an_unknown_one_is_told_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="called 'festival'; there are pyttsx3, kokoro, piper"):
        load_synthesizers(["festival"], ModelStore(tmp_path))


@pytest.mark.usefixtures("beep_package")
async def test_another_packages_engine_speaks_with_pauses_volume_and_the_cache_like_ours(tmp_path: Path) -> None:
    assert "beep" in known_synthesizers()
    speaker = Speaker(tmp_path / "cache", load_synthesizers(["beep"], ModelStore(tmp_path)))
    assert speaker.default_voice("fr") == Voice("beep", "fr")
    text = 'Un. <break time="1s"/> <prosody volume="x-soft" rate="50%">Deux.</prosody>'
    sound = await speaker.speak(text, Voice("beep", "fr"))
    assert sound.rate_hz == 16_000
    assert sound.duration_ms == pytest.approx(100 + 1_000 + 200, abs=2)
    loud, soft = sound.pcm[800:1_600], sound.pcm[-1_600:-800]
    assert max(loud) > 0
    assert peak(loud) / peak(soft) == pytest.approx(10**0.5, rel=0.2)
    assert speaker.cached(text, Voice("beep", "fr"))
    await speaker.close()


def peak(pcm: bytes) -> int:
    return max(abs(sample) for sample in memoryview(pcm).cast("h"))
