"""What a phone makes of the sound it is sent: a buffer that plays in real time, with marks and `clear`.

Nothing here waits or looks at a clock: times come in, in milliseconds since the call was answered, and what would be
heard follows from them. Sound starts to play when it arrives or, if earlier sound is still playing, right after that.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from centralino.calling.sound import speech_spans

PAUSE_MS = 300
"""Shorter gaps in speech are part of one burst of speech."""
STUTTER_MS = (10, 200)
"""A buffer that ran dry in the middle of speech for this long made an audible gap (shorter: a phone's jitter buffer
hides it; longer: a pause of the speaker)."""


@dataclass
class Burst:
    """Speech without a long pause, as it was played. arrived_ms: when the chunk with its first voiced sample came."""

    start_ms: float
    end_ms: float
    arrived_ms: float


@dataclass
class _Piece:
    start_ms: float
    pcm: bytes


class Playout:
    """The far end's ear. rate_hz: of the PCM16 mono sound it is given."""

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self.ends_ms = 0.0
        """When everything that arrived so far will have been played."""
        self.bursts: list[Burst] = []
        self.stutters = 0
        """How often the buffer ran dry for a moment in the middle of speech."""
        self.clears_ms: list[float] = []
        self._pieces: list[_Piece] = []
        self._marks: deque[tuple[float, str]] = deque()
        self._new_burst = True

    def sound(self, at_ms: float, pcm: bytes) -> None:
        """Sound arrived."""
        if not pcm:
            return
        gap_ms, was_speech = at_ms - self.ends_ms, self.silent_from_ms() >= self.ends_ms
        start_ms = max(at_ms, self.ends_ms)
        self._pieces.append(_Piece(start_ms, pcm))
        self.ends_ms = start_ms + len(pcm) * 500 / self.rate_hz
        spans = speech_spans(pcm, self.rate_hz)
        if spans and spans[0][0] == 0 and was_speech and not self._new_burst:
            self.stutters += STUTTER_MS[0] <= gap_ms < STUTTER_MS[1]
        for begin, end in spans:
            self._voiced(start_ms + begin, start_ms + end, at_ms)

    def _voiced(self, start_ms: float, end_ms: float, arrived_ms: float) -> None:
        if self._new_burst or not self.bursts or start_ms - self.bursts[-1].end_ms > PAUSE_MS:
            self.bursts.append(Burst(start_ms, end_ms, arrived_ms))
            self._new_burst = False
        else:
            self.bursts[-1].end_ms = end_ms

    def mark(self, at_ms: float, name: str) -> None:
        """A mark arrived: it is due when the sound before it has been played."""
        self._marks.append((max(at_ms, self.ends_ms), name))

    def played_marks(self, at_ms: float) -> list[str]:
        """The marks that are due, once, in their order."""
        due: list[str] = []
        while self._marks and self._marks[0][0] <= at_ms:
            due.append(self._marks.popleft()[1])
        return due

    @property
    def next_mark_ms(self) -> float | None:
        """When the next pending mark is due; None: no mark is pending."""
        return self._marks[0][0] if self._marks else None

    def clear(self, at_ms: float) -> list[str]:
        """Drop what was not played yet; the pending marks, which are returned at once."""
        self.clears_ms.append(at_ms)
        self._pieces = [piece for piece in self._pieces if piece.start_ms < at_ms]
        if self._pieces:
            last = self._pieces[-1]
            last.pcm = last.pcm[: int((at_ms - last.start_ms) * self.rate_hz / 1000) * 2]
        self.bursts = [burst for burst in self.bursts if burst.start_ms < at_ms]
        if self.bursts:
            self.bursts[-1].end_ms = min(self.bursts[-1].end_ms, at_ms)
        self.ends_ms = min(self.ends_ms, at_ms)
        self._new_burst = True
        pending = [name for _, name in self._marks]
        self._marks.clear()
        return pending

    def voiced_since(self, since_ms: float, now_ms: float) -> Burst | None:
        """The first burst that sounds after `since_ms` and has begun by now."""
        return next((burst for burst in self.bursts if burst.end_ms > since_ms and burst.start_ms <= now_ms), None)

    def silent_from_ms(self) -> float:
        """The end of the last speech that arrived, played or still to be played; 0 before any."""
        return self.bursts[-1].end_ms if self.bursts else 0.0

    def samples(self, from_ms: float, to_ms: float) -> npt.NDArray[np.int16]:
        """The sound as it was played between two times; silence where nothing played."""
        per_ms = self.rate_hz / 1000
        out = np.zeros(max(0, round((to_ms - from_ms) * per_ms)), dtype=np.int16)
        for piece in self._pieces:
            at = round((piece.start_ms - from_ms) * per_ms)
            sound = np.frombuffer(piece.pcm, dtype="<i2")[max(0, -at) :]
            at = max(0, at)
            sound = sound[: max(0, out.size - at)]
            out[at : at + sound.size] = sound
        return out
