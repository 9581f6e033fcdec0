"""Numbers for states as they are found, and which of them are still to be looked at."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from voice.graphs.openfst import Floats, Longs

_UNKNOWN = -1


class Numbering:
    """Keys get numbers 0, 1, … in the order in which they come; in that order they are given out in batches.

    known: numbers given. taken: keys given out.
    """

    def __init__(self) -> None:
        self.known = 0
        self.taken = 0
        self._runs: list[tuple[Longs, npt.NDArray[np.int32]]] = []
        """Sorted keys with their numbers, each run much shorter than the one before it."""
        self._waiting: deque[tuple[Longs, Floats]] = deque()

    def of(self, keys: Longs, values: Floats) -> npt.NDArray[np.int32]:
        """The keys' numbers. A new key is kept with its value, the same however often it comes, for `next_batch`."""
        unique, first, back = np.unique(keys, return_index=True, return_inverse=True)
        numbers = self._find(unique)
        new = numbers == _UNKNOWN
        if np.any(new):
            numbers[new] = self._add(unique[new])
            self._waiting.append((unique[new], values[first[new]]))
        return numbers[back]

    def next_batch(self, effort: Callable[[Longs], Longs], most: int) -> tuple[Longs, Floats] | None:
        """Keys and values, in the order of their numbers, of `most` effort together or one alone; None at the end."""
        keys: list[Longs] = []
        values: list[Floats] = []
        left = most
        while self._waiting:
            waiting, their_values = self._waiting[0]
            spent = np.cumsum(effort(waiting[:most]))
            count = int(np.searchsorted(spent, left, "right"))
            if not count and not keys:
                count = 1
            keys.append(waiting[:count])
            values.append(their_values[:count])
            if count < len(waiting):
                self._waiting[0] = (waiting[count:], their_values[count:])
                break
            left -= int(spent[-1])
            self._waiting.popleft()
        if not keys:
            return None
        self.taken += sum(map(len, keys))
        return np.concatenate(keys), np.concatenate(values)

    def _find(self, keys: Longs) -> npt.NDArray[np.int32]:
        numbers = np.full(len(keys), _UNKNOWN, np.int32)
        for known, their_numbers in self._runs:
            at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
            here = known[at] == keys
            numbers[here] = their_numbers[at[here]]
        return numbers

    def _add(self, keys: Longs) -> npt.NDArray[np.int32]:
        numbers = np.arange(self.known, self.known + len(keys), dtype=np.int32)
        self.known += len(keys)
        self._runs.append((keys, numbers))
        while len(self._runs) > 1 and 4 * len(self._runs[-1][0]) > len(self._runs[-2][0]):
            last, before = self._runs.pop(), self._runs.pop()
            together = np.concatenate([before[0], last[0]])
            order = np.argsort(together, kind="stable")
            self._runs.append((together[order], np.concatenate([before[1], last[1]])[order]))
        return numbers
