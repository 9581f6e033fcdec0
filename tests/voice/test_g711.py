"""Against the values of ITU-T G.711 (tables 1 and 2)."""

from __future__ import annotations

import struct

import pytest

from voice import g711


def samples(pcm: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(pcm) // 2}h", pcm))


def pcm(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}h", *values)


# The recommendation numbers μ-law levels on 14 bits and A-law levels on 13; PCM16 is four and eight times that.
@pytest.mark.parametrize(
    ("code", "level14"),
    [
        (0x80, 8031),
        (0x8F, 4191),
        (0x9F, 2079),
        (0xAF, 1023),
        (0xBF, 495),
        (0xCF, 231),
        (0xEF, 33),
        (0xFE, 2),
        (0xFF, 0),
    ],
)
def test_mulaw_levels_of_the_recommendation(code: int, level14: int) -> None:
    assert samples(g711.mulaw_to_pcm(bytes([code]))) == [4 * level14]
    assert samples(g711.mulaw_to_pcm(bytes([code & 0x7F]))) == [-4 * level14]


@pytest.mark.parametrize(
    ("code", "level13"), [(0xAA, 4032), (0xA5, 2112), (0xB5, 1056), (0x85, 528), (0x95, 264), (0xE5, 132), (0xD5, 1)]
)
def test_alaw_levels_of_the_recommendation(code: int, level13: int) -> None:
    assert samples(g711.alaw_to_pcm(bytes([code]))) == [8 * level13]
    assert samples(g711.alaw_to_pcm(bytes([code & 0x7F]))) == [-8 * level13]


@pytest.mark.parametrize(
    ("to_pcm", "from_pcm"), [(g711.mulaw_to_pcm, g711.pcm_to_mulaw), (g711.alaw_to_pcm, g711.pcm_to_alaw)]
)
def test_every_code_survives_the_way_there_and_back(to_pcm, from_pcm) -> None:  # type: ignore[no-untyped-def]
    codes = bytes(range(256))
    back = from_pcm(to_pcm(codes))
    assert to_pcm(back) == to_pcm(codes)
    differing = [code for code, again in zip(codes, back, strict=True) if code != again]
    assert differing in ([], [0x7F])  # μ-law has two zeros; the negative one becomes the positive one.


@pytest.mark.parametrize(
    ("to_pcm", "from_pcm"), [(g711.mulaw_to_pcm, g711.pcm_to_mulaw), (g711.alaw_to_pcm, g711.pcm_to_alaw)]
)
def test_every_sample_gets_a_level_near_it(to_pcm, from_pcm) -> None:  # type: ignore[no-untyped-def]
    values = list(range(-32768, 32768))
    for value, level in zip(values, samples(to_pcm(from_pcm(pcm(*values)))), strict=True):
        assert abs(value - level) <= max(16, (abs(value) + 132) / 32 + 4)


def test_silence_is_silent() -> None:
    assert samples(g711.mulaw_to_pcm(g711.MULAW_SILENCE)) == [0]
    assert samples(g711.alaw_to_pcm(g711.ALAW_SILENCE)) == [8]
    assert g711.pcm_to_mulaw(pcm(0)) == g711.MULAW_SILENCE
    assert g711.pcm_to_alaw(pcm(0)) == g711.ALAW_SILENCE


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="even number"):
        g711.pcm_to_mulaw(b"\0\0\0")
