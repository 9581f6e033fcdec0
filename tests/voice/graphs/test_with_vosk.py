"""Vosk itself, with the real model cut down to a few words: the static graph hears what the two halves hear."""

from __future__ import annotations

import json
import math
import wave
from pathlib import Path

import numpy as np
import pytest

from tests.voice.graphs.halves import Graph, const_file, spelling_file
from voice.graphs import static_graph
from voice.graphs.arrays import spread
from voice.graphs.openfst import Const, Reach, Reader
from voice.listening.vosk import Decoder, VoskEngine
from voice.models import ModelStore

MODEL = "vosk-model-small-ko-0.22"
CALLERS = Path(__file__).parents[3] / "samples" / "bookshop" / "callers"
PHRASES = ("영업 시간", "배송비", "환불 하고 싶어요", "위치", "전화번호", "영수증", "상담원", "아니요", "감사합니다")


def sound(name: str) -> bytes:
    with wave.open(str(CALLERS / f"{name}.wav")) as file:
        return file.readframes(file.getnframes()) + bytes(16_000)


def numbers_of(symbols: bytes, wanted: set[str]) -> dict[str, int]:
    """Look words up in a symbol table as it stands in a file."""
    at = 8 + int.from_bytes(symbols[4:8], "little")
    count = int.from_bytes(symbols[at + 8 : at + 16], "little")
    at += 16
    found = {}
    for _ in range(count):
        length = int.from_bytes(symbols[at : at + 4], "little")
        word = symbols[at + 4 : at + 4 + length].decode("utf-8", "replace")
        if word in wanted:
            found[word] = int.from_bytes(symbols[at + 4 + length : at + 12 + length], "little")
        at += 12 + length
    return found


def with_these_words(graph: Const, reach: Reach, words: list[int]) -> Graph:
    """The part of a spelling that writes no other words."""
    owner = np.repeat(np.arange(len(graph.states)), np.diff(reach.first))
    leads = np.zeros(len(graph.states), np.bool_)
    for word in words:
        leads[owner[(reach.begin <= word) & (word < reach.end)]] = True
    number = {graph.header.start: 0}
    waiting, arcs = [graph.header.start], []
    for state in waiting:
        _, out = spread(graph.states["first"][[state]].astype(np.int64), graph.states["arcs"][[state]].astype(np.int64))
        some = graph.arcs[out]
        some = some[np.where(some["out"] == 0, leads[some["next"]], np.isin(some["out"], words))]
        for there in some["next"].tolist():
            if there not in number:
                number[there] = len(waiting)
                waiting.append(there)
        arcs.append([(*arc[:3], number[arc[3]]) for arc in some.tolist()])
    ends = {number[state]: float(graph.states["final"][state]) for state in waiting}
    return Graph(arcs, {state: cost for state, cost in ends.items() if math.isfinite(cost)})


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Korean model with the words of a few phrases: any may follow any, those of a phrase do so easily."""
    store = ModelStore()
    store.fetch(MODEL)
    whole, folder = store.path(MODEL), tmp_path_factory.mktemp("vosk") / "small"
    (folder / "graph").mkdir(parents=True)
    for name in ("am", "conf", "ivector", "graph/phones", "graph/disambig_tid.int"):
        (folder / name).symlink_to(whole / name)
    symbols = Reader(whole / "graph" / "Gr.fst").header().symbols
    number = numbers_of(symbols, {word for phrase in PHRASES for word in phrase.split()})
    words = sorted(number.values())
    graph, reach = Reader(whole / "graph" / "HCLr.fst").lookahead()
    small = with_these_words(graph, reach, words)
    (folder / "graph" / "HCLr.fst").write_bytes(spelling_file(small, reach.final_label))
    history = {word: place for place, word in enumerate(words, start=1)}
    follows = [
        (number[one], number[two])
        for phrase in PHRASES
        for one, two in zip(phrase.split(), phrase.split()[1:], strict=False)
    ]
    arcs = [[(word, word, 3.0, history[word]) for word in words]]
    arcs += [
        [(0, 0, 0.5, 0), *((two, two, 0.1, history[two]) for one, two in follows if one == word)] for word in words
    ]
    grammar = Graph(arcs, dict.fromkeys(range(len(arcs)), 1.0))
    (folder / "graph" / "Gr.fst").write_bytes(const_file(grammar, symbols))
    return folder


def heard(decoder: Decoder, name: str) -> str:
    decoder.accept(sound(name))
    return " ".join(word.text for word in decoder.final())


def test_the_static_graph_hears_what_the_two_halves_hear(model: Path) -> None:
    static_graph.remove(model)
    halves = VoskEngine(model, threads=1)
    assert "centralino models graph small" in halves.about
    static_graph.make(model, lambda done, known: None, static_graph.MAKING_BYTES)
    joined = VoskEngine(model, threads=1)
    assert joined.about.startswith("static graph of")
    texts = {entry["id"]: entry["text"] for entry in json.loads((CALLERS / "manifest.json").read_text())}
    for name in ("ko_refund", "ko_hours"):
        assert heard(joined.decoder(), name) == heard(halves.decoder(), name) == texts[name]
        ours, theirs = joined.decoder().scored(sound(name)), halves.decoder().scored(sound(name))
        # A phrase grammar's words are weighed by it; Vosk adds noise to the sound, which moves it by up to 5 %.
        assert ours[1] == pytest.approx(theirs[1], rel=0.12)


def test_a_phrase_grammar_works_beside_it(model: Path) -> None:
    static_graph.make(model, lambda done, known: None, static_graph.MAKING_BYTES)
    engine = VoskEngine(model, threads=1)
    recognizer = engine.open("ko")
    assert recognizer.expect(["위치", "전화번호"]) == []
    recognizer.accept(sound("ko_location"))
    assert recognizer.final().text == "위치"


def test_without_room_for_it_the_halves_go_on(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    static_graph.make(model, lambda done, known: None, static_graph.MAKING_BYTES)
    monkeypatch.setattr("voice.listening.vosk.available_bytes", lambda: 500_000_000)
    engine = VoskEngine(model, threads=1)
    assert "left out" in engine.about
    assert "500 MB are free" in engine.about
    assert heard(engine.decoder(), "ko_location") == "위치"
