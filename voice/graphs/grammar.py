"""The half of a decoding graph that says which words follow each other (`Gr.fst`), as flat arrays.

Its states are histories of words. From each there is an arc for every word that was counted after it, and an arc
without a word to the history that is one word shorter, the backoff.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voice.graphs.openfst import Floats, Longs, Reader

NO_STATE = -1


@dataclass(frozen=True)
class Grammar:
    """States are 0 to len(final) - 1; the arcs of state s are first[s] to first[s + 1], by ascending word.

    word: as the other half writes it. written: as the symbol table has it. cost: -ln of the probability.
    backoff: the state one word shorter, NO_STATE without one. final: inf where a sentence cannot end.
    symbols: the table of words, as a file holds it.
    """

    start: int
    first: Longs
    word: Longs
    written: Longs
    cost: Floats
    next: Longs
    backoff: Longs
    backoff_cost: Floats
    final: Floats
    symbols: bytes


def read_grammar(path: Path) -> Grammar:
    """A graph of the type `ngram` or `const`. Raises UnreadableGraph."""
    kind = Reader(path).header().kind
    if kind == "ngram":
        return _from_ngram(Reader(path))
    if kind == "const":
        return _from_const(Reader(path))
    raise Reader(path).wrong(f"is of type {kind!r}; 'ngram' and 'const' can be read")


def _from_const(reader: Reader) -> Grammar:
    graph = reader.const()
    states = len(graph.states)
    source = np.repeat(np.arange(states), graph.states["arcs"].astype(np.int64))
    into = graph.arcs["into"].astype(np.int64)
    backs_off = into == 0
    if np.any(np.bincount(source[backs_off], minlength=states) > 1):
        raise reader.wrong("a state has two backoffs")
    if np.any((np.diff(into) < 0) & (np.diff(source) == 0)):
        raise reader.wrong("its arcs are not sorted by the word they read")
    backoff, backoff_cost = np.full(states, NO_STATE, np.int64), np.zeros(states, np.float32)
    backoff[source[backs_off]] = graph.arcs["next"][backs_off]
    backoff_cost[source[backs_off]] = graph.arcs["weight"][backs_off]
    words = graph.arcs[~backs_off]
    return Grammar(
        start=graph.header.start,
        first=_offsets(np.bincount(source[~backs_off], minlength=states)),
        word=words["into"].astype(np.int64),
        written=words["out"].astype(np.int64),
        cost=words["weight"].copy(),
        next=words["next"].astype(np.int64),
        backoff=backoff,
        backoff_cost=backoff_cost,
        final=graph.states["final"].copy(),
        symbols=graph.header.symbols,
    )


def _from_ngram(reader: Reader) -> Grammar:
    """OpenFst's LOUDS tree of histories (`ngram-fst.h`): a child's history has one more word, an older one.

    Bits tell the tree (a 1 for each child, a 0 after them), the number of words after each history likewise, and which
    histories end a sentence. Where an arc goes is not stored: to the longest history that the new words have.
    """
    header = reader.header()
    states, futures, finals = reader.take("<u8", 3).tolist()
    tree, words_after, ends = (_bits(reader, count) for count in (2 * states + 1, futures + states + 1, states))
    oldest = reader.take("<i4", states + 1)[:states].astype(np.int64)
    word = reader.take("<i4", futures).astype(np.int64)
    backoff_cost, final_cost = reader.take("<f4", states + 1)[:states], reader.take("<f4", finals)
    cost = reader.take("<f4", futures + 1)[:futures]
    children = np.flatnonzero(tree)
    zeros = np.flatnonzero(~words_after)
    if len(children) != states or len(zeros) != states + 1 or np.count_nonzero(ends) != finals:
        raise reader.wrong("its tree of histories does not fit its number of states")
    parent = children - np.arange(states) - 1
    counts = np.diff(zeros) - 1
    source = np.repeat(np.arange(states), counts)
    final = np.full(states, np.inf, np.float32)
    final[ends] = final_cost
    return Grammar(
        start=header.start,
        first=_offsets(counts),
        word=word,
        written=word,
        cost=cost,
        next=_longest_histories(parent, oldest, source, word),
        backoff=parent,
        backoff_cost=backoff_cost,
        final=final,
        symbols=header.symbols,
    )


def _longest_histories(parent: Longs, oldest: Longs, source: Longs, word: Longs) -> Longs:
    """Where each arc (from `source`, with `word`) goes: down the tree by its word, then by the words before it."""
    span = int(max(oldest.max(), word.max())) + 1
    child_of = parent[1:] * span + oldest[1:]  # ascending, as the tree is stored level by level
    if not len(child_of):
        return np.zeros(len(word), np.int64)
    reached, going = np.zeros(len(word), np.int64), np.arange(len(word))
    newest, step = word, 0
    histories = _words_back(parent, oldest)
    while len(going):
        wanted = reached[going] * span + newest
        found = np.minimum(np.searchsorted(child_of, wanted), len(child_of) - 1)
        exists = child_of[found] == wanted
        going = going[exists]
        reached[going] = found[exists] + 1
        if step == len(histories):
            break
        newest = histories[step][source[going]]
        going, newest, step = going[newest >= 0], newest[newest >= 0], step + 1
    return reached


def _words_back(parent: Longs, oldest: Longs) -> list[Longs]:
    """For each number of steps back: the word of every history there, -1 where it is shorter."""
    lineage = [np.arange(len(parent))]
    while np.any(lineage[-1] > 0):
        lineage.append(np.where(lineage[-1] > 0, parent[lineage[-1]], 0))
    depth = sum((ancestor > 0).astype(np.int64) for ancestor in lineage)
    words = [np.full(len(parent), -1, np.int64) for _ in lineage[1:]]
    for ancestor in lineage[:-1]:
        real = np.flatnonzero(ancestor > 0)
        for step, of_step in enumerate(words):
            here = real[depth[ancestor[real]] - 1 == step]  # type: ignore[index]
            of_step[here] = oldest[ancestor[here]]
    return words


def _bits(reader: Reader, count: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    packed = reader.take(np.uint8, (count + 63) // 64 * 8)
    return np.unpackbits(packed, bitorder="little")[:count].astype(np.bool_)


def _offsets(counts: Longs) -> Longs:
    return np.concatenate([[0], np.cumsum(counts)])
