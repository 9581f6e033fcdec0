"""Music on the caller's side: they were put on hold, or a radio plays. Nobody speaks to us, and nobody has gone.

Told by how long tones last: music's stand for longer than syllables do, so that a spectrum without its broad shape
looks the same 128 ms later (similarity 0.28-0.48 in median for five pieces of music on hold through a telephone, at
most 0.17 in recorded speech, 0.05 in noise: docs/recognition.md). Steady hum and tones with pauses (ringing, busy) are
none.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from voice.listening.detecting import Moment
from voice.listening.vad import CHUNK_MS

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class HoldMusic:
    """audible_db: softer sound is nobody's music. similar: mean similarity from which it is music, while a voice is
    heard most of the time (a song, or somebody beside a radio) `similar_voiced`; below `over` it has stopped.
    window_ms: what is looked at. most_silent: share of moments much softer than the rest, as between the beeps of a
    busy line. voice_above_db: a voice that much louder than the music is the caller's."""

    audible_db: float = -50.0
    similar: float = 0.27
    similar_voiced: float = 0.33
    over: float = 0.18
    window_ms: int = 3_000
    most_silent: float = 0.4
    voice_above_db: float = 9.0


class Music(Enum):
    STARTED = auto()
    STOPPED = auto()


_EVERY = 2
"""Moments from one look to the next: 64 ms."""
_APART = 2
"""Looks between two that are compared: 128 ms."""
_SIZE = 512
_LOWEST, _HIGHEST = 4, 116
"""Bins of 31.25 Hz: 125 to 3,600 Hz, what a line carries."""
_BROAD = 9
"""Bins over which the shape is smoothed that is taken away: 280 Hz."""
_STEADY_DB = 1.0
"""Standard deviation of its level below which a sound is a hum: music moves."""
_MUCH_SOFTER_DB = 10.0
_SHAPE = np.hanning(_SIZE).astype(np.float32)
_VOICED = 0.5


class MusicDetector:
    """One stream's. `level_db`: how loud the music is, while it is `playing`."""

    def __init__(self, rule: HoldMusic | None = None) -> None:
        self._rule = rule or HoldMusic()
        looks = self._rule.window_ms // (CHUNK_MS * _EVERY)
        self._levels: deque[float] = deque(maxlen=looks)
        self._similar: deque[float] = deque(maxlen=looks)
        self._voiced: deque[bool] = deque(maxlen=looks)
        self._before: deque[Floats | None] = deque([None] * _APART, maxlen=_APART)
        self._moments = 0
        self.playing = False
        self.level_db = -96.0

    def hear(self, moment: Moment) -> Music | None:
        """What this moment has changed. 0.05 ms of work for every second one that is not silent."""
        self._moments += 1
        if self._moments % _EVERY:
            return None
        now = _tones(moment.samples) if moment.level_db >= self._rule.audible_db else None
        before = self._before[0]
        self._before.append(now)
        self._levels.append(moment.level_db)
        self._voiced.append(moment.probability >= _VOICED)
        self._similar.append(0.0 if now is None or before is None else float(now @ before))
        if len(self._similar) < (self._similar.maxlen or 0):
            return None
        return self._decide()

    def _decide(self) -> Music | None:
        similar = sum(self._similar) / len(self._similar)
        if self.playing:
            if similar < self._rule.over:
                self.playing = False
                return Music.STOPPED
            return None
        voiced = sum(self._voiced) > len(self._voiced) / 2
        if similar < (self._rule.similar_voiced if voiced else self._rule.similar):
            return None
        levels = np.array(self._levels)
        mean_db = 10 * float(np.log10(np.mean(np.power(10, levels / 10))))
        silent = float(np.mean(levels < mean_db - _MUCH_SOFTER_DB))
        if silent > self._rule.most_silent or float(np.std(levels)) < _STEADY_DB:
            return None
        self.playing, self.level_db = True, mean_db
        return Music.STARTED


def _tones(samples: Floats) -> Floats:
    """The spectrum's fine shape as a vector of length 1: peaks without the hills that they stand on."""
    energy = np.square(np.abs(np.fft.rfft(samples[:_SIZE] * _SHAPE)))[_LOWEST:_HIGHEST]
    logs = np.log10(energy + 1e-9)
    sums = np.concatenate([[0.0], np.cumsum(np.pad(logs, _BROAD // 2, mode="edge"))])
    fine = logs - (sums[_BROAD:] - sums[:-_BROAD]) / _BROAD
    return np.asarray(fine / (np.linalg.norm(fine) + 1e-9), dtype=np.float32)
