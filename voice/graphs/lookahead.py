"""Which ways through the words are worth going: the ones at whose end a word stands that can follow.

The half of the graph that spells words (`HCLr.fst`) is a tree of sounds for the whole vocabulary; after most histories
only few words were counted. A way is entered only when one of those is at its end, and their probability is paid when
it is entered, not when the word is known: the decoder drops bad ways early.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from voice.graphs.arrays import groups, spread, total
from voice.graphs.grammar import Grammar
from voice.graphs.openfst import Flags, Floats, Longs
from voice.graphs.spelling import Spelling

_MASS = 2.0**36
"""Probabilities are summed as whole numbers of this size: sums of any stretch are differences, exactly."""


@dataclass(frozen=True)
class Ahead:
    """Ways worth entering, one entry each: from which of the given states, by which arc of the spelling.

    words: how many words are at its end. arc: of the grammar, the first of them. cost: -ln of their probability.
    can_end: a sentence may end there as well.
    """

    state: Longs
    way: Longs
    words: Longs
    arc: Longs
    cost: Floats
    can_end: Flags


class Lookahead:
    """Looks from states of the spelling, each with a state of the grammar."""

    def __init__(self, spelling: Spelling, grammar: Grammar) -> None:
        self._spelling, self._grammar = spelling, grammar
        self._words_after = np.diff(grammar.first)
        self.span = 1 << int(max(spelling.word.max(), grammar.word.max(), spelling.reach.end.max())).bit_length()
        """More than any word's number."""
        source = np.repeat(np.arange(len(self._words_after)), self._words_after)
        self._counted = source * self.span + grammar.word
        mass = np.round(np.exp(-grammar.cost.astype(np.float64)) * _MASS).astype(np.int64)
        self._mass = np.concatenate([[0], np.cumsum(np.maximum(1, mass))])
        self._end_mass = np.where(np.isfinite(grammar.final), np.exp(-grammar.final.astype(np.float64)), 0.0)
        self._ways(spelling)

    def _ways(self, spelling: Spelling) -> None:
        """Which ways lead to a word: the intervals of all ways from a state, cut where any of them begins or ends."""
        source, word = spelling.source, spelling.word
        way = np.flatnonzero((word == 0) & ~spelling.is_free[spelling.next] & (spelling.next != source))
        self._way_first = np.searchsorted(source[way], np.arange(spelling.states + 1))
        self._way = way
        self._way_intervals = total(
            spelling.intervals[spelling.next[way]], self._way_first[:-1], np.diff(self._way_first)
        )
        may_end = np.bincount(source[way], weights=spelling.can_end[spelling.next[way]], minlength=spelling.states)
        self._may_end: Flags = may_end > 0
        of_way, interval = spread(spelling.reach.first[spelling.next[way]], spelling.intervals[spelling.next[way]])
        here = source[way[of_way]] * self.span
        begin, end = here + spelling.reach.begin[interval], here + spelling.reach.end[interval]
        self._cut = np.unique(np.concatenate([begin, end]))
        cut, last = np.searchsorted(self._cut, begin), np.searchsorted(self._cut, end)
        of_interval, piece = spread(cut, last - cut)
        order = np.argsort(piece, kind="stable")
        self._piece_ways = way[of_way[of_interval[order]]]
        self._piece_first = np.searchsorted(piece[order], np.arange(len(self._cut) + 1))

    def effort(self, spelling_state: Longs, grammar_state: Longs) -> Longs:
        """About how many steps a look takes."""
        return np.minimum(self._way_intervals[spelling_state], self._words_after[grammar_state])

    def from_states(self, spelling_state: Longs, grammar_state: Longs) -> Ahead:
        """Every way worth entering from them."""
        by_words = self._words_after[grammar_state] <= self._way_intervals[spelling_state]
        by_words &= ~self._may_end[spelling_state]
        by_words &= self._way_intervals[spelling_state] > 0
        by_ways = ~by_words & (self._way_intervals[spelling_state] > 0)
        found = []
        for look, chosen in ((self._by_words, by_words), (self._by_ways, by_ways)):
            states = np.flatnonzero(chosen)
            if len(states):
                found.append(look(states, spelling_state[states], grammar_state[states]))
        if not found:
            none = np.zeros(0, np.int64)
            return Ahead(none, none, none, none, none.astype(np.float32), none.astype(np.bool_))
        return Ahead(*(np.concatenate(parts) for parts in zip(*(vars(one).values() for one in found), strict=True)))

    def _by_words(self, states: Longs, spelling_state: Longs, grammar_state: Longs) -> Ahead:
        """Where few words can follow: find the ways to each."""
        of_state, arc = spread(self._grammar.first[grammar_state], self._words_after[grammar_state])
        there = spelling_state[of_state] * self.span + self._grammar.word[arc]
        piece = np.searchsorted(self._cut, there, "right") - 1
        inside = piece >= 0
        of_state, arc, piece = of_state[inside], arc[inside], piece[inside]
        # A piece of an earlier state is none of ours: the last cut of a state begins no piece that leads anywhere.
        leads = self._piece_first[piece + 1] - self._piece_first[piece]
        of_word, at = spread(self._piece_first[piece], leads)
        of_state, arc, way = of_state[of_word], arc[of_word], self._piece_ways[at]
        order, first = groups(of_state * len(self._spelling.next) + way)
        of_state, arc, way = of_state[order], arc[order], way[order]
        words = np.diff(np.concatenate([first, [len(arc)]]))
        mass = total(self._mass[arc + 1] - self._mass[arc], first, words) / _MASS
        cost = -np.log(mass).astype(np.float32)
        return Ahead(states[of_state[first]], way[first], words, arc[first], cost, np.zeros(len(first), np.bool_))

    def _by_ways(self, states: Longs, spelling_state: Longs, grammar_state: Longs) -> Ahead:
        """Where many words can follow: find, for each way, those in its intervals."""
        of_state, at = spread(
            self._way_first[spelling_state], self._way_first[spelling_state + 1] - self._way_first[spelling_state]
        )
        way = self._way[at]
        beyond, history = self._spelling.next[way], grammar_state[of_state]
        count = self._spelling.intervals[beyond]
        of_way, interval = spread(self._spelling.reach.first[beyond], count)
        here = history[of_way] * self.span
        begin = np.searchsorted(self._counted, here + self._spelling.reach.begin[interval])
        end = np.searchsorted(self._counted, here + self._spelling.reach.end[interval])
        begins = np.cumsum(count) - count
        words = total(end - begin, begins, count)
        mass = total(self._mass[end] - self._mass[begin], begins, count) / _MASS
        can_end = self._spelling.can_end[beyond] & (self._end_mass[history] > 0)
        mass += np.where(can_end, self._end_mass[history], 0.0)
        first = np.zeros(len(way), np.int64)
        some = np.flatnonzero(end > begin)[::-1]
        first[of_way[some]] = begin[some]
        worth = (words > 0) | can_end
        cost = -np.log(mass[worth]).astype(np.float32)
        return Ahead(states[of_state[worth]], way[worth], words[worth], first[worth], cost, can_end[worth])

    def word_arcs(self, grammar_state: Longs, word: Longs) -> Longs:
        """The grammar's arc from each state with that word, -1 without one."""
        wanted = grammar_state * self.span + word
        found = np.minimum(np.searchsorted(self._counted, wanted), len(self._counted) - 1)
        return np.where(self._counted[found] == wanted, found, -1)

    def ways_to(self, spelling_state: Longs, word: Longs) -> tuple[Longs, Longs]:
        """All ways from each state to that one word: the number of the state in the list, and the arc."""
        piece = np.searchsorted(self._cut, spelling_state * self.span + word, "right") - 1
        known = np.flatnonzero(piece >= 0)
        leads = self._piece_first[piece[known] + 1] - self._piece_first[piece[known]]
        of_state, at = spread(self._piece_first[piece[known]], leads)
        return known[of_state], self._piece_ways[at]
