"""Real sound, judged by its level, its length and where it speaks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from voice.audio import pcm_to_float
from voice.speaking import loudness
from voice.speaking.synthesizer import Sound


@dataclass(frozen=True)
class Heard:
    """level_dbfs: RMS while speaking. spoken_share: of the time."""

    duration_s: float
    level_dbfs: float
    peak: float
    spoken_share: float
    lead_ms: int
    tail_ms: int


class Ear:
    def __call__(self, sound: Sound) -> Heard:
        samples = pcm_to_float(sound.pcm)
        spoken = loudness.spoken_frames(samples, sound.rate_hz, below_peak_db=30)
        size = sound.rate_hz // 100
        voiced = samples[: len(spoken) * size].reshape(-1, size)[spoken]
        where = np.flatnonzero(spoken)
        return Heard(
            duration_s=len(samples) / sound.rate_hz,
            level_dbfs=float(20 * np.log10(np.sqrt(np.mean(voiced**2)))) if voiced.size else -96.0,
            peak=float(np.abs(samples).max()) if samples.size else 0.0,
            spoken_share=float(spoken.mean()) if spoken.size else 0.0,
            lead_ms=int(where[0]) * 10 if where.size else 0,
            tail_ms=(len(spoken) - 1 - int(where[-1])) * 10 if where.size else 0,
        )


@pytest.fixture
def ear() -> Ear:
    return Ear()
