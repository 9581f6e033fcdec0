"""A call's sound as it was at the caller's ear and mouth: two tracks on one clock. Pure.

Far ends are silent when they send nothing, and play what they are sent one after the other; what a `Clear` reaches
before it was played was never heard, so it is taken back. That is why a second stays here before it is handed out.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

SETTLE_MS = 1_000
"""How long sound stays here: longer than any far end is sent ahead (`Pacing.lead_ms`) or a frame is late."""
JITTER_MS = 120
"""A frame that comes so little late belongs to the one before: networks deliver unevenly, voices do not stop for it."""

Sound = NDArray[np.int16]
"""Samples × (caller, bot or operator)."""


class _Track:
    """One side: the samples from `base` on; both in samples since the beginning."""

    def __init__(self) -> None:
        self.base = 0
        self.pcm = bytearray()

    @property
    def end(self) -> int:
        return self.base + len(self.pcm) // 2

    def put(self, at: int, pcm: bytes) -> None:
        """Sound from the sample `at` on, or from where the last sound ended; what lies between is silence."""
        self.pcm += bytes(2 * max(0, at - self.end)) + pcm

    def cut(self, at: int) -> None:
        """Nothing is heard from the sample `at` on."""
        del self.pcm[2 * max(0, at - self.base) :]

    def take(self, until: int) -> NDArray[np.int16]:
        self.put(until, b"")
        size = 2 * (until - self.base)
        samples = np.frombuffer(bytes(self.pcm[:size]), dtype=np.int16)
        del self.pcm[:size]
        self.base = until
        return samples


class TwoTracks:
    """rate_hz: of all sound. began_ms: on the clock that every method is told, in milliseconds since the answer."""

    def __init__(self, rate_hz: int, began_ms: int) -> None:
        self._rate_hz, self._began_ms = rate_hz, began_ms
        self._caller, self._played = _Track(), _Track()

    def _sample(self, at_ms: int) -> int:
        return max(0, (at_ms - self._began_ms) * self._rate_hz // 1000)

    def heard(self, pcm: bytes, now_ms: int) -> None:
        """The caller's sound that arrives now: it has just been spoken."""
        spoken_from = self._sample(now_ms) - len(pcm) // 2
        late = spoken_from - self._caller.end > self._sample(self._began_ms + JITTER_MS)
        self._caller.put(spoken_from if late else self._caller.end, pcm)

    def sent(self, pcm: bytes, now_ms: int) -> None:
        """Sound that goes to the caller now: it is heard when all that was sent before has been heard."""
        now = self._sample(now_ms)
        paused = now - self._played.end > self._sample(self._began_ms + JITTER_MS)
        self._played.put(now if paused else self._played.end, pcm)

    def cleared(self, now_ms: int) -> None:
        """The far end drops what it was sent and has not played yet."""
        self._played.cut(self._sample(now_ms))

    def take(self, until_ms: int, silences: Iterable[tuple[int, int]] = ()) -> Sound:
        """What was heard up to `until_ms` and was not taken yet; each sound is handed out once.

        silences: from when to when nothing may be heard, of either side.
        """
        first, until = self._caller.base, max(self._caller.base, self._sample(until_ms))
        both = np.column_stack((self._caller.take(until), self._played.take(until)))
        for from_ms, to_ms in silences:
            both[max(0, self._sample(from_ms) - first) : max(0, self._sample(to_ms) - first)] = 0
        return both
