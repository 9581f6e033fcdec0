"""The real model of prosody on callers' clips, where it was fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.voice.listening.conftest import Clip
from voice import g711
from voice.audio import pcm_to_float, resample
from voice.listening.prosody import MODEL, RATE_HZ, Prosody
from voice.models import ModelStore

needs_model = pytest.mark.skipif(
    not ModelStore().has(MODEL), reason=f"the model of prosody is not here: centralino models fetch {MODEL}"
)


@pytest.fixture(scope="module")
def prosody() -> Iterator[Prosody]:
    loaded = Prosody(ModelStore().path(MODEL))
    yield loaded
    loaded.close()


def by_phone(clip: Clip, until_ms: int | None = None) -> np.ndarray:
    """As a line brings it, with the silence in which it is looked at."""
    spoken = clip.pcm if until_ms is None else clip.pcm[: until_ms * clip.rate_hz // 500]
    line = g711.mulaw_to_pcm(g711.pcm_to_mulaw(resample(spoken, clip.rate_hz, 8_000)))
    return np.concatenate([pcm_to_float(resample(line, 8_000, RATE_HZ)), np.zeros(RATE_HZ // 5, dtype=np.float32)])


@needs_model
async def test_a_question_that_is_over_sounds_like_it_and_half_of_it_does_not(
    prosody: Prosody, clip: Callable[[str], Clip]
) -> None:
    assert await prosody.ended(by_phone(clip("it_orari"))) > 0.8
    assert await prosody.ended(by_phone(clip("it_orari"), until_ms=2_720)) < 0.5


@needs_model
async def test_who_would_have_to_wait_is_not_listened_to(prosody: Prosody, clip: Callable[[str], Clip]) -> None:
    sound = by_phone(clip("it_reso"))
    told = await asyncio.gather(*(prosody.ended(sound) for _ in range(4)))
    assert [ended is not None for ended in told] == [True, True, False, False]
    assert await prosody.ended(sound) is not None


def test_a_file_that_is_no_such_model_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no model of prosody"):
        Prosody(tmp_path)
