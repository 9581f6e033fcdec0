"""Very loud and very soft callers brought nearer to what recognizers are used to; all others are left as they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from voice.audio import float_to_pcm, pcm_to_float

_MOST_DB = 30.0
"""More gain than that is no caller's level but a fault of the line."""


@dataclass(frozen=True)
class Level:
    """Between which levels a caller is left alone, in dB of full scale as `nearness.OwnVoice` measures it (the loudest
    32 ms of 320). One who is louder than `loud_db` is turned down to it, by `down_db` at most, one softer than
    `soft_db` is turned up, by `up_db` at most.

    Measured (docs/recognition.md): a caller so loud that the line clips is read better when turned down, although the
    clipping stays; turning a soft one up only brings out the steps of the line's eight bits, so by default nobody is.
    """

    soft_db: float = -40.0
    loud_db: float = -16.0
    up_db: float = 0.0
    down_db: float = 12.0

    def __post_init__(self) -> None:
        if not self.soft_db < self.loud_db <= 0:
            raise ValueError(f"need soft_db < loud_db <= 0, got {self.soft_db:g} and {self.loud_db:g}")
        if not (0 <= self.up_db <= _MOST_DB and 0 <= self.down_db <= _MOST_DB):
            raise ValueError(f"need up_db and down_db of 0..{_MOST_DB:g}, got {self.up_db:g} and {self.down_db:g}")

    def gain_db(self, caller_db: float | None) -> float:
        """What is added to a caller of this level; None: nobody knows it yet, nothing is."""
        if caller_db is None:
            return 0.0
        wanted_db = min(max(caller_db, self.soft_db), self.loud_db)
        return max(-self.down_db, min(self.up_db, wanted_db - caller_db))


class Levelling:
    """A stream of PCM16 under a gain that never jumps: it goes from the last one to the next within a chunk."""

    def __init__(self, rule: Level | None = None) -> None:
        self._rule = rule or Level()
        self._gain_db = 0.0

    def feed(self, pcm: bytes, caller_db: float | None) -> bytes:
        """The next chunk, of a caller who is known to be that loud. Raises ValueError on half a sample."""
        before_db, self._gain_db = self._gain_db, self._rule.gain_db(caller_db)
        if not before_db and not self._gain_db:
            return pcm
        samples = pcm_to_float(pcm)
        gains_db = np.linspace(before_db, self._gain_db, len(samples), dtype=np.float32)
        return float_to_pcm(samples * np.power(np.float32(10), gains_db / 20))
