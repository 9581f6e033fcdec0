"""A whole call as a wav file: the caller on the left, the other end as it was heard on the right."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from centralino.calling.playout import Playout


def save_call(path: Path, frames: Sequence[tuple[float, bytes]], playout: Playout, call_ms: float) -> None:
    """frames: the caller's, each with the time at which it was due. Both channels begin at the answer."""
    rate_hz = playout.rate_hz
    heard = playout.samples(0.0, call_ms)
    said = np.zeros_like(heard)
    for due_ms, pcm in frames:
        at = round(due_ms * rate_hz / 1000)
        samples = np.frombuffer(pcm, dtype="<i2")[: max(0, said.size - at)]
        said[at : at + samples.size] = samples
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(np.stack([said, heard], axis=1).astype("<i2").tobytes())
