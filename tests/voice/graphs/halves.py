"""Small decoding graphs in two halves, written as Vosk models have them, and what all their paths cost."""

from __future__ import annotations

import math
import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voice.graphs.openfst import ARC, STATE, const_header

Arc = tuple[int, int, float, int]
"""Label read, label written, cost, next state."""
Costs = dict[tuple[tuple[int, ...], tuple[int, ...]], float]
"""The cost of the best path for what is read and what is written."""


@dataclass(frozen=True)
class Graph:
    """arcs: of each state. final: costs of those where a path may end. State 0 is the start."""

    arcs: list[list[Arc]]
    final: Mapping[int, float]


def const_file(graph: Graph, symbols: bytes = b"", start: int = 0) -> bytes:
    states = np.zeros(len(graph.arcs), STATE)
    states["final"] = [graph.final.get(number, math.inf) for number in range(len(graph.arcs))]
    states["arcs"] = [len(arcs) for arcs in graph.arcs]
    states["first"] = np.cumsum(states["arcs"]) - states["arcs"]
    states["in_epsilons"] = [sum(arc[0] == 0 for arc in arcs) for arcs in graph.arcs]
    states["out_epsilons"] = [sum(arc[1] == 0 for arc in arcs) for arcs in graph.arcs]
    arcs = np.array([arc for arcs in graph.arcs for arc in arcs], ARC)
    return const_header(start, len(states), len(arcs), symbols) + states.tobytes() + arcs.tobytes()


def spelling_file(graph: Graph, final_label: int, start: int = 0) -> bytes:
    """HCLr.fst: the graph, its arcs sorted by what they write, and what each state can write next."""
    ordered = Graph([sorted(arcs, key=lambda arc: arc[1]) for arcs in graph.arcs], graph.final)
    outer = struct.pack("<ii16si8siiQqqq", 2125659606, 16, b"olabel_lookahead", 8, b"standard", 1, 0, 0, -1, 0, 0)
    pieces = [outer, struct.pack("<i", 446681434), const_file(ordered, start=start)]
    pieces += [struct.pack("<???", True, False, True), struct.pack("<??i", False, False, final_label)]
    pieces.append(struct.pack("<q", len(graph.arcs)))
    for labels in _reach(graph, final_label):
        intervals = _intervals(sorted(labels))
        pieces.append(struct.pack("<q", len(intervals)) + b"".join(struct.pack("<ii", *pair) for pair in intervals))
        pieces.append(struct.pack("<i", len(labels)))
    return b"".join(pieces)


def _reach(graph: Graph, final_label: int) -> list[set[int]]:
    found = [
        {written for _, written, _, _ in arcs if written} | ({final_label} if state in graph.final else set())
        for state, arcs in enumerate(graph.arcs)
    ]
    before: dict[int, set[int]] = defaultdict(set)
    for state, arcs in enumerate(graph.arcs):
        for _, written, _, then in arcs:
            if not written:
                before[then].add(state)
    changed = set(range(len(found)))
    while changed:
        state = changed.pop()
        for earlier in before[state]:
            if not found[state] <= found[earlier]:
                found[earlier] |= found[state]
                changed.add(earlier)
    return found


def _intervals(labels: list[int]) -> list[tuple[int, int]]:
    intervals: list[tuple[int, int]] = []
    for label in labels:
        if intervals and intervals[-1][1] == label:
            intervals[-1] = (intervals[-1][0], label + 1)
        else:
            intervals.append((label, label + 1))
    return intervals


def ngram_file(
    words_after: Mapping[tuple[int, ...], Mapping[int, float]],
    backoff: Mapping[tuple[int, ...], float],
    final: Mapping[tuple[int, ...], float],
    start: tuple[int, ...],
) -> bytes:
    """Gr.fst of the type `ngram`. Keys are histories, the newest word first; () is the shortest."""
    children: dict[tuple[int, ...], list[tuple[int, ...]]] = defaultdict(list)
    for history in sorted(words_after):
        if history:
            children[history[:-1]].append(history)
    order: list[tuple[int, ...]] = [()]
    tree = [1, 0]
    for history in order:
        order.extend(children[history])
        tree += [1] * len(children[history]) + [0]
    after = [0]
    for history in order:
        after += [1] * len(words_after[history]) + [0]
    ends = [int(history in final) for history in order]
    futures = [pair for history in order for pair in sorted(words_after[history].items())]
    whole = struct.pack(
        "<ii5si8siiQqqq", 2125659606, 5, b"ngram", 8, b"standard", 4, 0, 0, order.index(start), len(order), 0
    )
    whole += struct.pack("<QQQ", len(order), len(futures), sum(ends))
    for bits in (tree, after, ends):
        padded = np.zeros(-(-len(bits) // 64) * 64, np.uint8)
        padded[: len(bits)] = bits
        whole += np.packbits(padded, bitorder="little").tobytes()
    whole += np.array([0, *(history[-1] for history in order[1:]), 0], "<i4").tobytes()
    whole += np.array([word for word, _ in futures], "<i4").tobytes()
    whole += np.array([*(backoff.get(history, 0.0) for history in order), 0], "<f4").tobytes()
    whole += np.array([final[history] for history in order if history in final], "<f4").tobytes()
    return whole + np.array([*(cost for _, cost in futures), 0], "<f4").tobytes()


def joined(spelling: Graph, grammar: Graph, start: int) -> Graph:
    """Both halves, joined in the plainest way: each word is looked up when it is written. start: the grammar's."""
    numbers: dict[tuple[int, int], int] = {(0, start): 0}
    pairs = [(0, start)]
    arcs: list[list[Arc]] = []
    for here, history in pairs:
        out: list[Arc] = []

        def go(read: int, written: int, cost: float, there: tuple[int, int], out: list[Arc] = out) -> None:
            if there not in numbers:
                numbers[there] = len(pairs)
                pairs.append(there)
            out.append((read, written, cost, numbers[there]))

        for read, word, cost, then in spelling.arcs[here]:
            if not word:
                go(read, 0, cost, (then, history))
            for known, written, its_cost, later in grammar.arcs[history] if word else ():
                if known == word:
                    go(read, written, cost + its_cost, (then, later))
        for known, _, its_cost, later in grammar.arcs[history]:
            if not known:
                go(0, 0, its_cost, (here, later))
        arcs.append(out)
    final = {
        number: spelling.final[here] + grammar.final[history]
        for (here, history), number in numbers.items()
        if here in spelling.final and history in grammar.final
    }
    return Graph(arcs, final)


def costs(graph: Graph, longest: int) -> Costs:
    """Of every path to an end that reads at most `longest` labels."""
    best: dict[tuple[int, tuple[int, ...], tuple[int, ...]], float] = {(0, (), ()): 0.0}
    waiting = list(best)
    ends: Costs = {}
    while waiting:
        state, read, written = here = waiting.pop()
        if state in graph.final:
            cost = best[here] + graph.final[state]
            ends[read, written] = min(cost, ends.get((read, written), math.inf))
        for label, word, cost, then in graph.arcs[state]:
            there = (then, (*read, label) if label else read, (*written, word) if word else written)
            if len(there[1]) <= longest and best[here] + cost < best.get(there, math.inf) - 1e-9:
                best[there] = best[here] + cost
                waiting.append(there)
    return ends


def read_const(path: Path) -> Graph:
    from voice.graphs.openfst import Reader

    found = Reader(path).const()
    assert found.header.start == 0
    arcs = [
        [
            (int(arc["into"]), int(arc["out"]), float(arc["weight"]), int(arc["next"]))
            for arc in found.arcs[first : first + count]
        ]
        for first, count in zip(found.states["first"].tolist(), found.states["arcs"].tolist(), strict=True)
    ]
    return Graph(arcs, {n: float(cost) for n, cost in enumerate(found.states["final"]) if math.isfinite(cost)})


def lexicon(words: Mapping[int, Iterable[tuple[int, ...]]], silence: int, marks: Mapping[int, int]) -> Graph:
    """Spells words as a tree: a word is written where it is sure, then its other sounds, a mark, and home.

    words: the pronunciations of each; no two words sound alike. Every sound can go on. marks: read after some words.
    """
    spelled = [(sounds, word) for word, ways in words.items() for sounds in ways]
    arcs: list[list[Arc]] = [[(silence, 0, 0.5, 0)]]
    tree: dict[tuple[int, ...], int] = {(): 0}

    def step(here: int, sound: int, word: int) -> int:
        arcs.append([(sound, 0, 0.7, len(arcs))])
        arcs[here].append((sound, word, 0.2, len(arcs) - 1))
        return len(arcs) - 1

    for sounds, word in spelled:
        others = [other for other, its_word in spelled if its_word != word]
        sure = next(n for n in range(1, len(sounds) + 1) if all(other[:n] != sounds[:n] for other in others))
        here = 0
        for n, sound in enumerate(sounds, start=1):
            if n < sure:
                if sounds[:n] not in tree:
                    tree[sounds[:n]] = step(here, sound, 0)
                here = tree[sounds[:n]]
            else:
                here = step(here, sound, word if n == sure else 0)
        arcs[here].append((marks.get(word, 0), 0, 0.0, 0))
    return Graph(arcs, {0: 0.3})


def without_marks(graph: Graph, marks: Iterable[int]) -> Graph:
    return Graph([[(0 if arc[0] in marks else arc[0], *arc[1:]) for arc in arcs] for arcs in graph.arcs], graph.final)
