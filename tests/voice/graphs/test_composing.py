"""Both halves of a graph joined: every sentence keeps its cost, nothing leads nowhere."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest

from tests.voice.graphs.halves import (
    Graph,
    const_file,
    costs,
    joined,
    lexicon,
    ngram_file,
    read_const,
    spelling_file,
    without_marks,
)
from voice.graphs.composing import Composition, GraphTooLarge
from voice.graphs.grammar import read_grammar
from voice.graphs.openfst import Reader, UnreadableGraph
from voice.graphs.spelling import read_spelling

SILENCE, MARKS = 9, {2: 101, 5: 102}
WORDS = {1: [(1, 2)], 2: [(1, 3), (3, 1)], 3: [(2,)], 4: [(1, 2 + 2, 1)], 5: [(4, 1, 2)]}
FINAL_LABEL = 6
HISTORY = (7,)
"""The history that stands for the beginning."""
LONGEST = 6


def grammar_of(rng: random.Random) -> tuple[Graph, int, bytes]:
    """Words after words, of those that were counted; as a graph, its start, and an `ngram` file."""
    after: dict[tuple[int, ...], dict[int, float]] = {(): {word: rng.uniform(1, 3) for word in WORDS}}
    for history in (HISTORY, *((word,) for word in rng.sample(sorted(WORDS), 3))):
        after[history] = {word: rng.uniform(0.2, 2) for word in rng.sample(sorted(WORDS), rng.randint(1, 3))}
    longer = rng.choice([history for history in after if history and history != HISTORY])
    if before := [word for word in WORDS if longer[0] in after.get((word,), {})]:
        after[(*longer, before[0])] = {rng.choice(sorted(WORDS)): 0.4}
    backoff = {history: rng.uniform(0.1, 1) for history in after if history}
    final = {history: rng.uniform(0.5, 2) for history in after if rng.random() < 0.5} | {(): 2.5}
    order = sorted(after, key=lambda history: (len(history), history))
    number = {history: place for place, history in enumerate(order)}

    def longest(words: tuple[int, ...]) -> int:
        return next(number[words[:length]] for length in range(len(words), -1, -1) if words[:length] in number)

    arcs = [
        [(word, word, cost, longest((word, *history))) for word, cost in sorted(after[history].items())]
        + ([(0, 0, backoff[history], number[history[:-1]])] if history else [])
        for history in order
    ]
    graph = Graph([sorted(some) for some in arcs], {number[history]: cost for history, cost in final.items()})
    return graph, number[HISTORY], ngram_file(after, backoff, final, HISTORY)


def compose(folder: Path, spelling: bytes, grammar: bytes, most_states: int = 10_000) -> Graph:
    (folder / "HCLr.fst").write_bytes(spelling)
    (folder / "Gr.fst").write_bytes(grammar)
    marks = np.array(sorted(MARKS.values()))
    halves = read_spelling(folder / "HCLr.fst", marks), read_grammar(folder / "Gr.fst")
    told: list[tuple[int, int]] = []
    states = Composition(*halves).write(folder / "HCLG.fst", most_states, lambda *so_far: told.append(so_far))
    assert told[-1] == (states, states)
    return read_const(folder / "HCLG.fst")


def same_costs(graph: Graph, plain: Graph) -> bool:
    found, wanted = costs(graph, LONGEST), costs(plain, LONGEST)
    assert found.keys() == wanted.keys()
    return all(math.isclose(found[path], wanted[path], abs_tol=1e-4) for path in wanted)


@pytest.mark.parametrize("seed", range(4))
def test_every_sentence_costs_what_the_two_halves_say(tmp_path: Path, seed: int) -> None:
    spelling = lexicon(WORDS, SILENCE, MARKS)
    grammar, start, ngram = grammar_of(random.Random(seed))
    plain = joined(without_marks(spelling, MARKS.values()), grammar, start)
    assert len(costs(plain, LONGEST)) > 100
    assert same_costs(compose(tmp_path, spelling_file(spelling, FINAL_LABEL), ngram), plain)


def test_a_grammar_as_plain_arcs_gives_the_same_graph(tmp_path: Path) -> None:
    spelling = lexicon(WORDS, SILENCE, MARKS)
    grammar, start, ngram = grammar_of(random.Random(3))
    of_arcs = compose(tmp_path, spelling_file(spelling, FINAL_LABEL), const_file(grammar, start=start))
    of_tree = compose(tmp_path, spelling_file(spelling, FINAL_LABEL), ngram)
    assert costs(of_arcs, LONGEST) == pytest.approx(costs(of_tree, LONGEST), abs=1e-5)


def test_nothing_leads_nowhere(tmp_path: Path) -> None:
    _, _, ngram = grammar_of(random.Random(1))
    graph = compose(tmp_path, spelling_file(lexicon(WORDS, SILENCE, MARKS), FINAL_LABEL), ngram)
    alive = set(graph.final)
    while more := {n for n, arcs in enumerate(graph.arcs) if n not in alive and any(arc[3] in alive for arc in arcs)}:
        alive |= more
    assert alive == set(range(len(graph.arcs)))


def test_the_cost_of_a_word_is_paid_where_it_is_sure(tmp_path: Path) -> None:
    """After `HISTORY` only word 4 was counted: its first sound, shared with 1 and 2, already writes it."""
    spelling = lexicon(WORDS, SILENCE, MARKS)
    after = {(): dict.fromkeys(WORDS, 2.0), HISTORY: {4: 0.5}}
    graph = compose(
        tmp_path, spelling_file(spelling, FINAL_LABEL), ngram_file(after, {HISTORY: 5.0}, {(): 1.0}, HISTORY)
    )
    first_sounds = {(read, written): cost for read, written, cost, _ in graph.arcs[0] if read == 1}
    assert first_sounds == {(1, 4): pytest.approx(0.2 + 0.5)}


def test_a_spelling_whose_word_comes_late_can_end_a_sentence_inside(tmp_path: Path) -> None:
    """From state 1 either word 1 follows or the sentence ends, so what is paid in advance is for both."""
    spelling = Graph([[(1, 0, 0.1, 1), (2, 2, 0.1, 0)], [(3, 1, 0.1, 0), (4, 0, 0.2, 2)], []], {0: 0.0, 2: 0.4})
    after = {(): {1: 1.5, 2: 1.0}, (2,): {1: 0.7}}
    backoff, final = {(2,): 0.3}, {(): 0.9, (2,): 1.1}
    grammar = Graph([[(1, 1, 1.5, 0), (2, 2, 1.0, 1)], [(0, 0, 0.3, 0), (1, 1, 0.7, 0)]], {0: 0.9, 1: 1.1})
    graph = compose(tmp_path, spelling_file(spelling, 3), ngram_file(after, backoff, final, ()))
    assert same_costs(graph, joined(spelling, grammar, 0))


def test_a_graph_that_grows_too_large_leaves_no_file(tmp_path: Path) -> None:
    _, _, ngram = grammar_of(random.Random(0))
    with pytest.raises(GraphTooLarge, match="more than 3 states"):
        compose(tmp_path, spelling_file(lexicon(WORDS, SILENCE, MARKS), FINAL_LABEL), ngram, most_states=3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Gr.fst", "HCLr.fst"]


@pytest.mark.parametrize("cut", [10, 60, 400, -1])
def test_a_file_that_ends_too_early_is_named(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "HCLr.fst"
    path.write_bytes(spelling_file(lexicon(WORDS, SILENCE, MARKS), FINAL_LABEL)[:cut])
    with pytest.raises(UnreadableGraph, match=r"HCLr\.fst: the file ends too early"):
        Reader(path).lookahead()


def test_another_kind_of_grammar_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "Gr.fst"
    path.write_bytes(const_file(Graph([[]], {0: 0.0})).replace(b"const", b"vecto"))
    with pytest.raises(UnreadableGraph, match="'vecto'; 'ngram' and 'const' can be read"):
        read_grammar(path)
