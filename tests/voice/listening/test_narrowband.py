"""A caller on a telephone line, whose upper band is put back for the recognizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from centralino.bench.phone_channel import through_the_phone
from tests.voice.listening.conftest import Clip
from voice.audio import Resampler, level_db, pcm_to_float, resample
from voice.listening.narrowband import (
    ENVELOPE_WINDOW,
    HOP,
    INSIDE_MS,
    WIDE_HZ,
    BandExtension,
    Floats,
    filled_levels,
    widener,
)
from voice.listening.recognizer import Recognition


def widened(narrow: bytes, sizes: Sequence[int] = (320,)) -> bytes:
    """Through a stage of its own, in packets of these sizes, in turn."""
    stage = BandExtension()
    out, place, number = [], 0, 0
    while place < len(narrow):
        size = sizes[number % len(sizes)]
        out.append(stage.feed(narrow[place : place + size]))
        place, number = place + size, number + 1
    return b"".join([*out, stage.flush()])


def upper_levels(pcm: bytes) -> Floats:
    samples = np.ascontiguousarray(pcm_to_float(pcm))
    return filled_levels(sliding_window_view(samples, ENVELOPE_WINDOW)[:: 2 * HOP])


class Listens:
    """Just enough of a recognizer to be asked what it is."""

    rate_hz = WIDE_HZ

    def __init__(self, engine: str, streaming: bool) -> None:
        self.engine = engine
        self.streaming = streaming

    async def accept(self, pcm: bytes) -> None: ...

    async def partial(self) -> Recognition:
        return Recognition("", is_final=False)

    look = final = partial

    async def expect(self, phrases: Sequence[str]) -> None: ...

    async def close(self) -> None: ...


@pytest.fixture
def spoken(clip: Callable[[str], Clip]) -> bytes:
    """Italian at 16 kHz."""
    return clip("op_it_1").pcm


def test_the_band_follows_what_was_there(spoken: bytes) -> None:
    narrow = through_the_phone(spoken)
    true, plain, filled = (upper_levels(pcm) for pcm in (spoken, resample(narrow, 8_000, WIDE_HZ), widened(narrow)))
    speech = true.max(axis=1) > true.max() - 10  # ln of energy: within 43 dB of the loudest
    off_db = [float(np.mean(np.abs(other - true)[speech])) * 4.34 for other in (plain, filled)]
    assert off_db[1] < 8 < 15 < off_db[0]
    likeness = [np.corrcoef(filled[speech, band], true[speech, band])[0, 1] for band in range(true.shape[1])]
    assert min(likeness) > 0.6


def test_the_line_s_own_band_stays_as_it_was(spoken: bytes) -> None:
    narrow = through_the_phone(spoken)
    plain, filled = (np.fft.rfft(pcm_to_float(pcm)) for pcm in (resample(narrow, 8_000, WIDE_HZ), widened(narrow)))
    below = np.arange(len(plain)) * WIDE_HZ / 2 / len(plain) < 3_000
    difference = np.sum(np.abs(filled - plain)[below] ** 2) / np.sum(np.abs(plain)[below] ** 2)
    assert difference < 0.001


@pytest.mark.parametrize("sizes", [(2,), (160, 2, 318), (64_000,), (1_600, 320, 0)])
def test_any_packets_give_the_same_sound(spoken: bytes, sizes: tuple[int, ...]) -> None:
    narrow = through_the_phone(spoken)[:16_000]
    assert widened(narrow, sizes) == widened(narrow)
    assert len(widened(narrow)) == 2 * len(narrow)


def test_little_stays_inside(spoken: bytes) -> None:
    narrow = through_the_phone(spoken)
    stage = BandExtension()
    given = 0
    for place in range(0, 16_000, 2):
        given += len(stage.feed(narrow[place : place + 2]))
        assert (place + 2) / 16 - given / 32 <= INSIDE_MS < 25


def test_after_a_flush_it_is_as_new(spoken: bytes) -> None:
    narrow = through_the_phone(spoken)[:8_000]
    stage = BandExtension()
    first = stage.feed(narrow) + stage.flush()
    assert stage.flush() == b""
    assert stage.feed(narrow) + stage.flush() == first


def test_silence_stays_silent() -> None:
    assert level_db(widened(bytes(16_000))) < -60


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="even number of bytes"):
        BandExtension().feed(b"\0")


def test_only_a_telephone_s_sound_for_vosk_is_filled() -> None:
    vosk, whisper = Listens("vosk", streaming=True), Listens("whisper", streaming=False)
    assert isinstance(widener(8_000, vosk), BandExtension)
    assert isinstance(widener(8_000, whisper), Resampler)
    assert widener(16_000, vosk).feed(b"\1\2") == b"\1\2"
