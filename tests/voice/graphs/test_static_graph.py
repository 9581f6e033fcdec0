"""The static graph beside its model: made once, whole or not at all, used only when it is the right one and fits."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from pathlib import Path

import pytest

from tests.voice.graphs.halves import lexicon, read_const, spelling_file
from tests.voice.graphs.test_composing import FINAL_LABEL, MARKS, SILENCE, WORDS, grammar_of
from voice.catalogue import SpeechModel
from voice.graphs.static_graph import (
    MAKING_BYTES,
    SPARE_BYTES,
    GraphNotMade,
    available_bytes,
    fitting,
    has_halves,
    make,
    remove,
    static_graph,
    verify,
)
from voice.models import ModelMissing, ModelStore

AM = hashlib.sha256(b"am/final.mdl").hexdigest()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    for name in ("am/final.mdl", "conf/model.conf", "graph/phones/word_boundary.int"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    graph = folder / "graph"
    (graph / "HCLr.fst").write_bytes(spelling_file(lexicon(WORDS, SILENCE, MARKS), FINAL_LABEL))
    (graph / "Gr.fst").write_bytes(grammar_of(random.Random(0))[2])
    (graph / "disambig_tid.int").write_text("".join(f"{mark}\n" for mark in MARKS.values()))
    return folder


def made(model: Path) -> None:
    make(model, lambda done, known: None, MAKING_BYTES)


def test_it_is_a_model_of_its_own_that_borrows_the_rest(model: Path) -> None:
    made(model)
    graph = static_graph(model)
    assert graph
    assert graph.bytes == (graph.folder / "graph" / "HCLG.fst").stat().st_size
    assert len(read_const(graph.folder / "graph" / "HCLG.fst").arcs) > 20
    for name in ("am/final.mdl", "conf/model.conf", "graph/phones/word_boundary.int"):
        assert (graph.folder / name).read_text() == name
    assert not (graph.folder / "graph" / "HCLr.fst").exists()  # Vosk would take no grammars with it, and says so late.


def test_it_goes_with_its_model_when_the_folder_is_moved(model: Path, tmp_path: Path) -> None:
    made(model)
    shutil.move(model, tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / "static" / "am" / "final.mdl").read_text() == "am/final.mdl"


def test_it_is_made_once(model: Path) -> None:
    made(model)
    written = (model / "static" / "graph" / "HCLG.fst").stat().st_mtime_ns
    made(model)
    assert (model / "static" / "graph" / "HCLG.fst").stat().st_mtime_ns == written


@pytest.mark.parametrize("changed", ["graph/Gr.fst", "static/graph/HCLG.fst"])
def test_it_is_not_used_when_it_or_its_model_changed(model: Path, changed: str) -> None:
    made(model)
    with (model / changed).open("ab") as file:
        file.write(b"\0")
    assert static_graph(model) is None
    (model / "graph" / "Gr.fst").write_bytes(grammar_of(random.Random(0))[2])
    made(model)
    assert static_graph(model)


def test_verify_sees_what_the_size_does_not_tell(model: Path) -> None:
    made(model)
    assert verify(model)
    file = model / "static" / "graph" / "HCLG.fst"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert static_graph(model)
    assert not verify(model)


def test_a_graph_that_cannot_be_made_leaves_the_model_as_it_was(model: Path) -> None:
    (model / "graph" / "Gr.fst").write_bytes(b"no graph at all")
    before = sorted(path.name for path in model.rglob("*"))
    with pytest.raises(GraphNotMade, match=r"no static graph of model: .*Gr\.fst: not an OpenFst file"):
        made(model)
    assert sorted(path.name for path in model.rglob("*")) == before


def test_too_little_memory_is_said_before_any_work(model: Path) -> None:
    with pytest.raises(GraphNotMade, match=r"takes up to 2\.5 GB of memory, 1\.0 GB are free"):
        make(model, lambda done, known: None, 1_000_000_000)


def test_a_model_of_one_piece_needs_none(model: Path) -> None:
    (model / "graph" / "HCLr.fst").unlink()
    assert not has_halves(model)
    with pytest.raises(GraphNotMade, match="no graph in two halves"):
        made(model)


def test_it_is_loaded_where_the_server_keeps_room(model: Path) -> None:
    made(model)
    graph = static_graph(model)
    assert graph
    assert fitting(graph, graph.bytes + SPARE_BYTES)
    assert not fitting(graph, graph.bytes + SPARE_BYTES - 1)


def test_memory_is_what_the_system_says_is_available() -> None:
    assert available_bytes(lambda: "MemTotal: 9 kB\nMemAvailable:  2048 kB\n") == 2_097_152
    assert available_bytes(lambda: "") > 0


def test_removed_it_is_gone(model: Path) -> None:
    assert not remove(model)
    made(model)
    assert remove(model)
    assert static_graph(model) is None


def test_a_store_verifies_the_graph_with_its_model(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice.graphs.static_graph.available_bytes", lambda: MAKING_BYTES)
    store = ModelStore(tmp_path, {"model": SpeechModel("model", "vosk", ("it",), "MIT", (), ())})
    (tmp_path / "models").mkdir()
    folder = Path(shutil.move(model, tmp_path / "models" / "model"))
    (folder / "verified.json").write_text(
        json.dumps({"files": {"am/final.mdl": {"size": 0, "mtime_ns": 0, "sha256": AM}}})
    )
    graph = store.make_graph("model", lambda done, known: None)
    assert store.verify("model") == folder
    file = graph.folder / "graph" / "HCLG.fst"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(ModelMissing, match=r"the static graph of model was changed .* --remove model"):
        store.verify("model")
    assert store.remove_graph("model")
    assert store.verify("model") == folder
