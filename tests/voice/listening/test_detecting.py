"""What voice detection is given: soon, complete, and at the right time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.voice.listening.conftest import Clip
from voice.audio import pcm_to_float
from voice.listening.detecting import Detection, Moment
from voice.listening.doubling import CROSSING_HZ, INSIDE_MS, REACH, Doubler
from voice.listening.vad import CHUNK_MS

FRAME = 320
"""Bytes of 20 ms at 8 kHz."""


def moments(pcm: bytes, frame: int = FRAME) -> list[Moment]:
    detection = Detection(8_000)
    cuts = range(0, len(pcm), frame)
    return [
        moment for at in cuts for moment in detection.feed(pcm[at : at + frame], (at + len(pcm[at : at + frame])) // 16)
    ]


def test_a_moment_is_known_as_soon_as_its_sound_is_there(clip: Callable[[str], Clip]) -> None:
    detection, received_ms = Detection(8_000), 0
    speech = clip("it_orari").pcm
    known_ms = 0
    for at in range(0, len(speech) - FRAME, FRAME):
        received_ms += 20
        for moment in detection.feed(speech[at : at + FRAME], received_ms):
            known_ms += CHUNK_MS
            assert moment.at_ms == known_ms - INSIDE_MS
            assert received_ms - known_ms < 20
    assert received_ms - known_ms < CHUNK_MS


def test_packets_do_not_matter(clip: Callable[[str], Clip]) -> None:
    speech = clip("it_orari").pcm[:16_000]
    whole, pieces = moments(speech, len(speech)), moments(speech, 86)
    assert [moment.probability for moment in whole] == pytest.approx([m.probability for m in pieces], abs=1e-3)
    assert [moment.at_ms for moment in whole] == [moment.at_ms for moment in pieces]


def test_the_level_is_that_of_the_sound() -> None:
    tone = (0.1 * 32768 * np.sin(2 * np.pi * 500 * np.arange(8_000) / 8_000)).astype("<i2").tobytes()
    assert moments(tone)[10].level_db == pytest.approx(-23.0, abs=0.3)
    assert moments(bytes(8_000))[5].level_db < -90


@pytest.mark.parametrize("hz", [300, 1_000, 3_000])
def test_what_is_doubled_is_the_same_sound_later(hz: int) -> None:
    narrow = 8_000 * np.sin(2 * np.pi * hz * np.arange(4_000) / 8_000)
    wide = 8_000 * np.sin(2 * np.pi * hz * (np.arange(8_000) - 2 * REACH) / 16_000)
    assert hz < CROSSING_HZ
    doubler = Doubler()
    out = pcm_to_float(doubler.feed(narrow.astype("<i2").tobytes()) + doubler.flush()) * 32768
    assert len(out) == 8_000 + 2 * REACH
    assert np.max(np.abs(out[200:7_800] - wide[200:7_800])) < 200


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="even number of bytes"):
        list(Detection(8_000).feed(b"\0", 0))
