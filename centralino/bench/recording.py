"""What a recording costs, and how well its two channels keep apart: the sample's callers and operators by turns."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

import samples
from telephony.recording.opus_file import COMPRESSION, OpusFile
from telephony.recording.sealing.key_store import KeyStore
from telephony.recording.sealing.master_key import MasterKey
from telephony.recording.shelf import Shelf

RATE_HZ = 8_000
TURN_S = 3
BLOCK_S = 0.5
EDGE_S = 0.2
"""Beside a change of turns, where a coder may smear."""
TRIED = (0.9, COMPRESSION, 0.97, 0.985)


@dataclass(frozen=True)
class RecordingFigures:
    """kbit_s: of both channels. mb_h: megabytes an hour of call. cpu_percent: of one core for a call. apart_db: how
    much louder a speaker is on their own channel than on the other's."""

    compression: float
    kbit_s: float
    mb_h: float
    cpu_percent: float
    apart_db: float


def run() -> Iterator[RecordingFigures]:
    """One after the other; CPU time is that of this process."""
    sound = _by_turns()
    seconds = len(sound) / RATE_HZ
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        shelf = Shelf(place, KeyStore(place / "keys.db", MasterKey(place / "master.key")))
        for number, compression in enumerate(TRIED):
            name = f"{number}.ogg"
            began_s = time.process_time()
            file = OpusFile(shelf.begin(name), RATE_HZ, compression)
            block = int(RATE_HZ * BLOCK_S)
            for start in range(0, len(sound), block):
                file.write(sound[start : start + block])
            written = file.close()
            used_s = time.process_time() - began_s
            yield RecordingFigures(
                compression,
                round(written.bytes_ * 8 / seconds / 1000, 1),
                round(written.bytes_ / seconds * 3600 / 1e6, 1),
                round(100 * used_s / seconds, 2),
                round(_apart_db(soundfile.read(shelf.open(name), dtype="float32")[0]), 1),
            )


def _by_turns() -> NDArray[np.int16]:
    clips = sorted((Path(samples.__file__).parent / "bookshop/callers").glob("*.wav"))
    voice = np.concatenate([soundfile.read(clip, dtype="int16")[0] for clip in clips])
    left = _turn(len(voice)) == 0
    return np.column_stack((np.where(left, voice, 0), np.where(left, 0, voice))).astype(np.int16)


def _turn(length: int) -> NDArray[np.int64]:
    return np.arange(length) // (TURN_S * RATE_HZ) % 2


def _apart_db(heard: NDArray[np.float32]) -> float:
    """The worse of the two."""
    place = np.arange(len(heard)) % (TURN_S * RATE_HZ)
    inside = (place > EDGE_S * RATE_HZ) & (place < (TURN_S - EDGE_S) * RATE_HZ)
    found = []
    for side in (0, 1):
        power = np.square(heard[inside & (_turn(len(heard)) == side)], dtype=np.float64).mean(axis=0)
        found.append(10 * float(np.log10(power[side] / max(power[1 - side], 1e-12))))
    return min(found)
