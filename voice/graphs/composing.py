"""Put the two halves of a decoding graph together, once and for all, into one that every decoder can share.

Vosk's small models come with the half that spells words in sounds (`HCLr.fst`) and the half that says which words
follow each other (`Gr.fst`), and each recognizer joins what it needs while it listens. Here they are joined completely,
by the method that OpenFst uses there (composition with look-ahead, pushing costs and words forward; C. Allauzen,
M. Riley, J. Schalkwyk, "A generalized composition algorithm for weighted finite-state transducers", Interspeech 2009),
on whole arrays of states at a time. Where it differs: a history is shortened only where a word begins, not also after
its last letter, which saves a tenth of the states and leaves every sentence and its cost as they were.

A state of the joined graph is a state of the spelling, a state of the grammar, and a stage:

- *between* words (or after a word is known): the next one is open, nothing is paid in advance;
- *inside* a word: several can still come, the probability of all of them together is paid;
- *settled*: only one word is left; it was written and paid, the grammar has moved on, the rest of its sounds follow.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voice.graphs.arrays import spread
from voice.graphs.grammar import NO_STATE, Grammar
from voice.graphs.lookahead import Lookahead
from voice.graphs.numbering import Numbering
from voice.graphs.openfst import ARC, STATE, Flags, Floats, Longs, const_header
from voice.graphs.spelling import Spelling

Progress = Callable[[int, int], None]
"""Told how many states are done, and how many are known so far."""

_BETWEEN = 0
_STEP = 3_000_000
"""Arcs looked at together; about 300 MB while they are."""


class GraphTooLarge(RuntimeError):
    """The joined graph has more states than were allowed."""


@dataclass(frozen=True)
class _Arcs:
    """Out of a batch of states. source: a place in the batch. state: the key they go to. paid: in advance, there."""

    source: Longs
    into: Longs
    out: Longs
    cost: Floats
    state: Longs
    paid: Floats


class Composition:
    """The joined graph of a spelling and a grammar, written to a `const` file."""

    def __init__(self, spelling: Spelling, grammar: Grammar) -> None:
        self._spelling, self._grammar = spelling, grammar
        self._ahead = Lookahead(spelling, grammar)
        self._histories = len(grammar.final)
        self._span = 2 * self._ahead.span
        self._inside = self._ahead.span
        """A state's key holds the word it is settled on, _BETWEEN, or this."""
        if spelling.states * self._histories * self._span >= 2**63:
            raise GraphTooLarge("the two halves have more states together than can be numbered")
        source = spelling.source
        word_begins = spelling.is_free[source] & ((spelling.word != 0) | ~spelling.is_free[spelling.next])
        self._may_back_off: Flags = ~spelling.is_free
        self._may_back_off[source[word_begins]] = True

    def write(self, path: Path, most_states: int, progress: Progress) -> int:
        """Returns the number of states. Raises GraphTooLarge; the file is whole or not there."""
        numbering = Numbering()
        states = []
        arcs = 0
        with tempfile.TemporaryFile(dir=path.parent) as arcs_file:
            start = self._keys(np.array([self._spelling.start]), np.array([self._grammar.start]), _BETWEEN)
            numbering.of(start, np.zeros(1, np.float32))
            while (batch := numbering.next_batch(self._effort, _STEP)) is not None:
                keys, paid = batch
                found = self._arcs_from(keys, paid)
                order = np.argsort(found.source, kind="stable")
                there = numbering.of(found.state[order], found.paid[order])
                written = np.empty(len(order), ARC)
                written["into"], written["out"] = found.into[order], found.out[order]
                written["weight"], written["next"] = found.cost[order], there
                written.tofile(arcs_file)
                states.append(self._states(keys, paid, found, arcs))
                arcs += len(order)
                progress(numbering.taken, numbering.known)
                if numbering.known > most_states or arcs >= 2**32:
                    raise GraphTooLarge(f"the joined graph has more than {most_states:,} states")
            part = path.with_name(path.name + ".part")
            try:
                with part.open("wb") as file:
                    file.write(const_header(0, numbering.known, arcs, self._grammar.symbols))
                    for some in states:
                        some.tofile(file)
                    arcs_file.seek(0)
                    shutil.copyfileobj(arcs_file, file, 1 << 24)
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
        return numbering.known

    def _states(self, keys: Longs, paid: Floats, found: _Arcs, arcs_before: int) -> np.ndarray:
        spelled, history, stage = self._parts(keys)
        states = np.empty(len(keys), STATE)
        final = self._spelling.final[spelled] + self._grammar.final[history] - paid
        states["final"] = np.where((stage == _BETWEEN) | (stage == self._inside), final, np.inf)
        states["arcs"] = counts = np.bincount(found.source, minlength=len(keys))
        states["first"] = arcs_before + np.cumsum(counts) - counts
        states["in_epsilons"] = np.bincount(found.source[found.into == 0], minlength=len(keys))
        states["out_epsilons"] = np.bincount(found.source[found.out == 0], minlength=len(keys))
        return states

    def _arcs_from(self, keys: Longs, paid: Floats) -> _Arcs:
        found = [
            *self._silent(keys, paid),
            *self._into_words(keys, paid),
            self._along_settled(keys),
            *self._words(keys, paid),
            self._backoffs(keys),
        ]
        return _Arcs(*(np.concatenate(parts) for parts in zip(*(vars(one).values() for one in found), strict=True)))

    def _silent(self, keys: Longs, paid: Floats) -> list[_Arcs]:
        """Sounds that tell nothing about words: the same sound going on, and what lies between words."""
        spelled, history, stage = self._parts(keys)
        of, arc = spread(self._spelling.first[spelled], self._spelling.silent[spelled])
        stays = self._spelling.next[arc] == spelled[of]
        free = ~stays & self._spelling.is_free[self._spelling.next[arc]] & (stage[of] == _BETWEEN)
        found = []
        for chosen in (stays, free):
            source, way = of[chosen], arc[chosen]
            to = keys[source] if chosen is stays else self._keys(self._spelling.next[way], history[source], _BETWEEN)
            ahead = paid[source] if chosen is stays else np.zeros(len(source), np.float32)
            found.append(self._spelled(source, way, to, self._spelling.cost[way] - paid[source] + ahead, ahead))
        return found

    def _into_words(self, keys: Longs, paid: Floats) -> list[_Arcs]:
        """Sounds that narrow down the word, to several or to one."""
        spelled, history, stage = self._parts(keys)
        open_ = np.flatnonzero((stage == _BETWEEN) | (stage == self._inside))
        ahead = self._ahead.from_states(spelled[open_], history[open_])
        source, beyond = open_[ahead.state], self._spelling.next[ahead.way]
        cost = self._spelling.cost[ahead.way] - paid[source]
        one = (ahead.words == 1) & ~ahead.can_end
        several = ~one
        word, grammar = ahead.arc[one], self._grammar
        settled = self._spelled(
            source[one],
            ahead.way[one],
            self._keys(beyond[one], grammar.next[word], grammar.word[word]),
            cost[one] + grammar.cost[word],
            np.zeros(len(word), np.float32),
            grammar.written[word],
        )
        inside = self._spelled(
            source[several],
            ahead.way[several],
            self._keys(beyond[several], history[source[several]], self._inside),
            cost[several] + ahead.cost[several],
            ahead.cost[several],
        )
        return [settled, inside]

    def _along_settled(self, keys: Longs) -> _Arcs:
        """The sounds of a word that is known already."""
        spelled, history, stage = self._parts(keys)
        settled = np.flatnonzero((stage != _BETWEEN) & (stage != self._inside))
        of, way = self._ahead.ways_to(spelled[settled], stage[settled])
        source = settled[of]
        to = self._keys(self._spelling.next[way], history[source], stage[source])
        return self._spelled(source, way, to, self._spelling.cost[way], np.zeros(len(way), np.float32))

    def _words(self, keys: Longs, paid: Floats) -> list[_Arcs]:
        """Arcs of the spelling that stand for a word: written now, or already when it was settled."""
        spelled, history, stage = self._parts(keys)
        silent = self._spelling.silent[spelled]
        of, way = spread(self._spelling.first[spelled] + silent, np.diff(self._spelling.first)[spelled] - silent)
        known = self._spelling.word[way] == stage[of]
        source, arc = of[known], way[known]
        nothing = np.zeros(len(source), np.float32)
        to = self._keys(self._spelling.next[arc], history[source], _BETWEEN)
        settled = self._spelled(source, arc, to, self._spelling.cost[arc], nothing)
        is_open = (stage[of] == _BETWEEN) | (stage[of] == self._inside)
        source, arc = of[is_open], way[is_open]
        word = self._ahead.word_arcs(history[source], self._spelling.word[arc])
        source, arc, word = source[word >= 0], arc[word >= 0], word[word >= 0]
        to = self._keys(self._spelling.next[arc], self._grammar.next[word], _BETWEEN)
        cost = self._spelling.cost[arc] + self._grammar.cost[word] - paid[source]
        nothing = np.zeros(len(source), np.float32)
        return [settled, self._spelled(source, arc, to, cost, nothing, self._grammar.written[word])]

    def _backoffs(self, keys: Longs) -> _Arcs:
        """Shorten the history, before a word begins."""
        spelled, history, stage = self._parts(keys)
        shorter = self._grammar.backoff[history]
        source = np.flatnonzero((stage == _BETWEEN) & self._may_back_off[spelled] & (shorter != NO_STATE))
        nothing = np.zeros(len(source), np.int64)
        to = self._keys(spelled[source], shorter[source], _BETWEEN)
        return _Arcs(
            source, nothing, nothing, self._grammar.backoff_cost[history[source]], to, nothing.astype(np.float32)
        )

    def _spelled(
        self, source: Longs, way: Longs, to: Longs, cost: Floats, paid: Floats, written: Longs | None = None
    ) -> _Arcs:
        into = self._spelling.into[way].astype(np.int64)
        return _Arcs(source, into, np.zeros(len(way), np.int64) if written is None else written, cost, to, paid)

    def _effort(self, keys: Longs) -> Longs:
        spelled, history, stage = self._parts(keys)
        look = np.where((stage == _BETWEEN) | (stage == self._inside), self._ahead.effort(spelled, history), 0)
        return look + np.diff(self._spelling.first)[spelled]

    def _keys(self, spelled: Longs, history: Longs, stage: Longs | int) -> Longs:
        return (spelled * self._histories + history) * self._span + stage

    def _parts(self, keys: Longs) -> tuple[Longs, Longs, Longs]:
        pair, stage = np.divmod(keys, self._span)
        spelled, history = np.divmod(pair, self._histories)
        return spelled, history, stage
