"""What mod_audio_fork does with the sound and the marks it is sent: its buffers and its lists, as its source has them.

Nothing here waits or looks at a clock: times come in, in milliseconds since the call was answered. The sound that
comes out is given to a `Playout`.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from centralino.calling.playout import Playout

MOST_MARKS = 30
FIRST_MS, LATER_MS = 160, 80
"""Sound that must be there before the first, and before any later, is passed on to be played."""
MARK_SAMPLE = -1


class ForkBuffer:
    """One call's. faults: what the module would do wrong with what it was sent."""

    def __init__(self, playout: Playout) -> None:
        self.faults: list[str] = []
        self._playout = playout
        self._waiting = b""
        self._least_bytes = FIRST_MS * playout.rate_hz // 500
        self._inventory: deque[str] = deque()
        """Marks that no sound has followed yet."""
        self._in_use: deque[str] = deque()
        """Marks whose samples are in the sound."""
        self._cleared: deque[str] = deque()
        """Marks that were told as cleared, whose samples the module goes on to expect."""
        self._samples: deque[tuple[float, bool]] = deque()
        """When samples of -1 are played, and whether a mark put them there."""
        self._own_samples = 0

    def sound(self, at_ms: float, pcm: bytes) -> None:
        """A binary message arrived."""
        self._own_samples += len(self._inventory)
        marks = np.full(len(self._inventory), MARK_SAMPLE, dtype="<i2").tobytes()
        self._in_use += self._inventory
        self._inventory.clear()
        self._waiting += marks + pcm
        if len(self._waiting) < self._least_bytes:
            return
        self._least_bytes = LATER_MS * self._playout.rate_hz // 500
        samples, self._waiting = np.frombuffer(self._waiting, dtype="<i2"), b""
        before = 0
        for at in [*np.flatnonzero(samples == MARK_SAMPLE), len(samples)]:
            self._playout.sound(at_ms, samples[before:at].tobytes())
            if at < len(samples):
                own, self._own_samples = self._own_samples > 0, max(0, self._own_samples - 1)
                self._samples.append((max(at_ms, self._playout.ends_ms), own))
            before = at + 1

    def mark(self, name: str) -> None:
        """A mark arrived."""
        if len(self._in_use) + len(self._inventory) >= MOST_MARKS:
            self.faults.append(f"mark {name!r} is one more than the {MOST_MARKS} that the module keeps: dropped")
            return
        if self._waiting:
            stuck_ms = len(self._waiting) * 500 // self._playout.rate_hz
            self.faults.append(f"{stuck_ms} ms of sound before mark {name!r} stay in the module until more follows")
        self._inventory.append(name)

    def kill(self, at_ms: float) -> list[str]:
        """`killAudio`: the marks that are told as cleared."""
        self._playout.clear(at_ms)
        self._samples.clear()
        told = [*self._in_use, *self._inventory]
        self._cleared += self._in_use
        self._in_use.clear()
        self._inventory.clear()
        return told

    def clear_marks(self) -> None:
        """`clearMarks`: none is told."""
        self._cleared += [*self._in_use, *self._inventory]
        self._in_use.clear()
        self._inventory.clear()

    def played(self, at_ms: float) -> list[str]:
        """The marks that are told as played now; to be asked every 20 ms."""
        told = []
        while self._samples and self._samples[0][0] <= at_ms:
            _, own = self._samples.popleft()
            if self._cleared:
                self._cleared.popleft()
            elif self._in_use:
                told.append(self._in_use.popleft())
                if not own:
                    self.faults.append(f"a sample of -1 in the sound let mark {told[-1]!r} fire early")
        idle = not self._samples and self._playout.ends_ms <= at_ms
        if idle and self._inventory and not self._in_use and not self._cleared:
            told.append(self._inventory.popleft())
        return told
