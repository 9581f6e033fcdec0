"""Music on hold: a loop at any rate, ours or the company's."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from telephony.music import LEVEL_DB, Music, MusicUnreadable
from voice.audio import duration_ms, level_db


def test_ours_is_soft_and_of_some_length_at_every_rate() -> None:
    music = Music.built_in()
    for rate_hz in (8000, 16000):
        assert level_db(music.loop(rate_hz)) == pytest.approx(LEVEL_DB, abs=1.5)
        assert duration_ms(music.loop(rate_hz), rate_hz) == pytest.approx(25_600, abs=2)


def test_it_goes_round_without_a_seam() -> None:
    music = Music.built_in()
    loop = music.loop(8000)
    around = music.frame(8000, len(loop) - 160, 320)
    assert around == loop[-160:] + loop[:160]
    assert music.frame(8000, 5 * len(loop) + 40, 20) == loop[40:60]
    samples = np.frombuffer(around, dtype="<i2").astype(int)
    inside = np.abs(np.diff(np.frombuffer(loop, dtype="<i2").astype(int))).max()
    assert np.abs(np.diff(samples)).max() <= inside


def test_a_short_loop_fills_a_long_frame() -> None:
    music = Music(b"\x01\x00" * 1000, 8000)
    assert music.frame(8000, 0, 6000) == b"\x01\x00" * 3000


def _wav(path: Path, samples: np.ndarray, rate_hz: int, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(samples.tobytes())
    return path


def test_a_file_in_stereo_at_44100_is_taken_at_our_level(tmp_path: Path) -> None:
    tone = np.sin(np.arange(44100) * 2 * np.pi * 440 / 44100)
    both = np.repeat((tone * 30000).astype("<i2"), 2)
    music = Music.load(_wav(tmp_path / "loud.wav", both, 44100, channels=2))
    assert duration_ms(music.loop(8000), 8000) == pytest.approx(1000, abs=2)
    assert level_db(music.loop(8000)) == pytest.approx(LEVEL_DB, abs=0.5)


def test_what_cannot_be_played_is_told_with_its_name(tmp_path: Path) -> None:
    silent = tmp_path / "text.wav"
    silent.write_text("no sound")
    for path, why in (
        (silent, "no wav file"),
        (tmp_path / "missing.wav", "no wav file"),
        (_wav(tmp_path / "eight.wav", np.zeros(8000, dtype="u1"), 8000, width=1), "8 bits"),
        (_wav(tmp_path / "short.wav", np.zeros(10, dtype="<i2"), 8000), "tenth of a second"),
    ):
        with pytest.raises(MusicUnreadable, match=why) as caught:
            Music.load(path)
        assert path.name in str(caught.value)
