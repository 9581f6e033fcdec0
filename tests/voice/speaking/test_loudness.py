from __future__ import annotations

import numpy as np
import pytest

from voice.speaking import loudness

RATE_HZ = 22_050


def tone(seconds: float, peak: float, rate_hz: int = RATE_HZ) -> loudness.Samples:
    time_s = np.arange(int(seconds * rate_hz)) / rate_hz
    return np.asarray(peak * np.sin(2 * np.pi * 300 * time_s), dtype=np.float32)


def silence(seconds: float) -> loudness.Samples:
    return np.zeros(int(seconds * RATE_HZ), dtype=np.float32)


def test_silence_at_the_ends_is_cut_to_what_was_asked() -> None:
    sound = np.concatenate([silence(0.5), tone(1.0, 0.5), silence(0.8)])
    trimmed = loudness.trimmed(sound, RATE_HZ, lead_ms=20, tail_ms=60)
    assert len(trimmed) / RATE_HZ == pytest.approx(1.08, abs=0.02)
    assert np.abs(trimmed[: RATE_HZ // 100]).max() == 0


def test_silence_alone_trims_to_nothing() -> None:
    assert len(loudness.trimmed(silence(1.0), RATE_HZ, 20, 60)) == 0
    assert len(loudness.trimmed(silence(0.0), RATE_HZ, 20, 60)) == 0


@pytest.mark.parametrize("peak", [0.01, 0.1, 0.9])
def test_quiet_and_loud_sounds_come_to_one_level_with_pauses_left_out_of_it(peak: float) -> None:
    sound = np.concatenate([tone(1.0, peak), silence(2.0), tone(1.0, peak)])
    levelled = loudness.levelled(sound, RATE_HZ)
    assert 20 * np.log10(np.sqrt(np.mean(levelled[:RATE_HZ] ** 2))) == pytest.approx(-16, abs=0.3)


def test_peaks_are_bent_not_clipped() -> None:
    spiky = np.concatenate([tone(1.0, 0.02), tone(0.01, 1.0)])
    levelled = loudness.levelled(spiky, RATE_HZ)
    assert np.abs(levelled).max() <= loudness.PEAK
    assert len(np.unique(levelled[-200:])) > 100


def test_silence_stays_silence() -> None:
    assert not loudness.levelled(silence(1.0), RATE_HZ).any()


def test_resampling_keeps_the_duration() -> None:
    assert len(loudness.resampled(tone(1.0, 0.5), RATE_HZ)) == pytest.approx(16_000, abs=2)
