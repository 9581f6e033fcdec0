"""The half of a decoding graph that spells words in sounds (`HCLr.fst`), as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voice.graphs.arrays import total
from voice.graphs.openfst import Flags, Floats, Longs, Reach, Reader


@dataclass(frozen=True)
class Spelling:
    """Arcs of state s are first[s] to first[s + 1]; those that write no word, silent[s] of them, come first.

    into: the sound read, 0 for none; marks that only told alike words apart are gone. word: 0 for none. cost: -ln of
    the probability. final: inf where a sentence cannot end. reach: the words that each state can write next.
    """

    start: int
    first: Longs
    silent: Longs
    into: npt.NDArray[np.int32]
    word: Longs
    cost: Floats
    next: Longs
    final: Floats
    reach: Reach

    @property
    def states(self) -> int:
        return len(self.final)

    @cached_property
    def intervals(self) -> Longs:
        """How many intervals its reach has, for each state."""
        return np.diff(self.reach.first)

    @cached_property
    def is_free(self) -> Flags:
        """Whether every word can still come: after a word is known, and between words."""
        width = total(self.reach.end - self.reach.begin, self.reach.first[:-1], self.intervals)
        free: Flags = width == width.max()
        return free

    @cached_property
    def can_end(self) -> Flags:
        """Whether a sentence may end from here without another word."""
        owner = np.repeat(np.arange(self.states), self.intervals)
        ends = (self.reach.begin <= self.reach.final_label) & (self.reach.final_label < self.reach.end)
        found = np.zeros(self.states, np.bool_)
        found[owner[ends]] = True
        return found

    @property
    def source(self) -> Longs:
        """The state of each arc."""
        return np.repeat(np.arange(self.states), np.diff(self.first))


def read_spelling(path: Path, disambiguation: Longs) -> Spelling:
    """disambiguation: the sounds that are none (`disambig_tid.int`). Raises UnreadableGraph."""
    reader = Reader(path)
    graph, reach = reader.lookahead()
    counts = graph.states["arcs"].astype(np.int64)
    word, first = graph.arcs["out"].astype(np.int64), np.concatenate([[0], np.cumsum(counts)])
    within = np.ones(len(word), np.bool_)
    within[first[:-1][counts > 0]] = False
    if np.any((np.diff(word) < 0) & within[1:]):
        raise reader.wrong("its arcs are not sorted by the word they write")
    return Spelling(
        start=graph.header.start,
        first=first,
        silent=graph.states["out_epsilons"].astype(np.int64),
        into=np.where(np.isin(graph.arcs["into"], disambiguation), 0, graph.arcs["into"]).astype(np.int32),
        word=word,
        cost=graph.arcs["weight"].copy(),
        next=graph.arcs["next"].astype(np.int64),
        final=graph.states["final"].copy(),
        reach=reach,
    )
