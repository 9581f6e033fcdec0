from __future__ import annotations

import numpy as np
import pytest

from voice.audio import SILENCE_DB, Resampler, duration_ms, float_to_pcm, level_db, pcm_to_float, resample


def tone(hz: float, rate_hz: int, seconds: float = 1.0, level: float = 0.5) -> bytes:
    return float_to_pcm(
        (level * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)).astype(np.float32)
    )


def in_pieces(resampler: Resampler, pcm: bytes, size: int) -> bytes:
    out = b"".join(resampler.feed(pcm[at : at + size]) for at in range(0, len(pcm), size))
    return out + resampler.flush()


def peak_hz(pcm: bytes, rate_hz: int) -> float:
    spectrum = np.abs(np.fft.rfft(pcm_to_float(pcm)))
    return float(np.argmax(spectrum) * rate_hz / (len(pcm) // 2))


def test_floats_and_back_are_the_same_samples() -> None:
    pcm = np.arange(-32768, 32768, dtype="<i2").tobytes()
    assert float_to_pcm(pcm_to_float(pcm)) == pcm


def test_too_loud_floats_are_clipped() -> None:
    assert pcm_to_float(float_to_pcm(np.array([2.0, -2.0], dtype=np.float32))).tolist() == [32767 / 32768, -1.0]


@pytest.mark.parametrize(("from_hz", "to_hz"), [(8000, 16000), (16000, 8000), (22050, 16000), (24000, 16000)])
@pytest.mark.parametrize("size", [2, 320, 1114, 64000])
def test_a_resampled_stream_keeps_length_pitch_and_level(from_hz: int, to_hz: int, size: int) -> None:
    pcm = tone(1000, from_hz)
    out = in_pieces(Resampler(from_hz, to_hz), pcm, size)
    assert len(out) == pytest.approx(to_hz * 2, abs=4)
    assert peak_hz(out, to_hz) == pytest.approx(1000, abs=2)
    assert level_db(out[to_hz // 2 : -to_hz // 2]) == pytest.approx(level_db(pcm), abs=0.2)


def test_the_pieces_do_not_matter() -> None:
    pcm = tone(700, 8000)
    assert in_pieces(Resampler(8000, 16000), pcm, 160) == in_pieces(Resampler(8000, 16000), pcm, 7777 * 2)


def test_a_resampler_keeps_little_inside() -> None:
    out = Resampler(8000, 16000).feed(tone(700, 8000))
    assert duration_ms(out, 16000) >= 965


def test_the_same_rate_is_passed_through() -> None:
    pcm = tone(440, 16000)
    assert in_pieces(Resampler(16000, 16000), pcm, 100) == pcm == resample(pcm, 16000, 16000)


def test_after_a_flush_it_is_as_new() -> None:
    resampler = Resampler(8000, 16000)
    assert in_pieces(resampler, tone(440, 8000), 320) == in_pieces(resampler, tone(440, 8000), 320)


def test_levels() -> None:
    assert level_db(b"") == level_db(bytes(200)) == SILENCE_DB
    assert level_db(tone(440, 16000, level=1.0)) == pytest.approx(-3.01, abs=0.05)


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="even number"):
        Resampler(8000, 16000).feed(b"\0")
