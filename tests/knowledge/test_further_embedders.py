"""Encoders behind HTTP and in ONNX files: a real server on this machine, a real model file, and what goes wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from knowledge import IntentModel, KnowledgeBase
from knowledge.articles import Article
from knowledge.embedding import EmbedderUnavailable
from knowledge.further_embedders import OnnxEmbedder, Together
from knowledge.http_embedding import HttpEmbedder


def _meaning(text: str) -> list[float]:
    """As if it understood: books and money."""
    return [
        1.0 + text.count("libr") + text.count("book"),
        1.0 + 3 * (text.count("pag") + text.count("pay") + text.count("cost")),
        1.0 + 2 * (text.count("apr") + text.count("open")),
        1.0,
    ]


@dataclass
class _Server:
    """Speaks the format of the embeddings API. answer: instead of what is right."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    answer: bytes | int | None = None
    turned: bool = False


@pytest.fixture
def server() -> Iterator[_Server]:
    told = _Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.asked.append({**body, "path": self.path})
            told.keys.append(self.headers.get("Authorization", ""))
            rows = [
                {"object": "embedding", "index": n, "embedding": _meaning(text)} for n, text in enumerate(body["input"])
            ]
            listed = {"object": "list", "data": rows[::-1] if told.turned else rows, "model": body["model"]}
            content = told.answer if isinstance(told.answer, bytes) else json.dumps(listed).encode()
            self.send_response(told.answer if isinstance(told.answer, int) else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{http.server_port}/v1"
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield told
    http.shutdown()
    thread.join()
    http.server_close()


def test_an_api_gives_unit_vectors_in_the_order_of_the_texts(server: _Server) -> None:
    server.turned = True
    encoder = HttpEmbedder(server.url, "small", key="secret")
    vectors = encoder.encode([f"libri {'libri ' * n}" for n in range(150)])
    assert vectors.shape == (150, 4)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert (np.diff(vectors[:, 0]) > 0).all()
    assert [len(one["input"]) for one in server.asked] == [128, 22]
    assert (server.asked[0]["path"], server.asked[0]["model"], server.keys[0]) == (
        "/v1/embeddings", "small", "Bearer secret",
    )  # fmt: skip


def test_a_question_is_asked_once(server: _Server) -> None:
    encoder = HttpEmbedder(server.url, "small")
    assert (encoder.encode(["apre"]) == encoder.encode(["apre"])).all()
    assert (len(server.asked), server.keys) == (1, [""])


@pytest.mark.parametrize(
    "wrong",
    [500, 404, b"", b"<html>", b'{"data": []}', b'{"data": [{"index": 0, "embedding": []}]}', b'{"data": 3}',
     b'{"data": [{"index": 0, "embedding": ["x"]}]}', b'{"data": [{"index": 0, "embedding": [NaN]}]}'],
)  # fmt: skip
def test_wrong_answers_say_where_they_came_from_and_no_secret(server: _Server, wrong: bytes | int) -> None:
    server.answer = wrong
    with pytest.raises(EmbedderUnavailable, match=r"embeddings from http://127.*: it") as failed:
        HttpEmbedder(server.url, "small", key="secret").encode(["apre"])
    assert "secret" not in str(failed.value)


def test_nobody_there_is_told(server: _Server) -> None:
    with pytest.raises(EmbedderUnavailable, match="ConnectError"):
        HttpEmbedder("http://127.0.0.1:9/v1", "small").encode(["apre"])


def _articles() -> dict[str, Article]:
    def one(name: str, *phrasings: str) -> Article:
        said = {"it": f"Risposta {name}.", "en": f"Answer {name}."}
        return Article(id=name, title={"it": name, "en": name}, phrasings={"it": phrasings}, spoken=said)

    return {
        "hours": one("hours", "a che ora aprite", "siete aperti di lunedì", "quando aprite il negozio", "aprite"),
        "paying": one("paying", "come posso pagare", "si paga con la carta", "pagate alla consegna", "costa molto"),
        "books": one("books", "avete libri usati", "libri in inglese", "vendete libri nuovi", "comprate libri"),
    }


def test_when_the_api_falls_silent_the_search_goes_on_by_spelling(server: _Server) -> None:
    encoder = HttpEmbedder(server.url, "small")
    base = KnowledgeBase(_articles(), encoder)
    model = IntentModel.train({name: one.phrasings for name, one in _articles().items()}, encoder)
    assert base.search("do you open soon", "en").candidates[0].spoken == "Answer hours."
    server.answer = 503
    assert base.search("a che ora aprite domani", "it").candidates[0].article == "hours"
    assert model.rank("quando aprite di lunedì", "it")[0][0] == "hours"


def _field(number: int, value: int | bytes | str) -> bytes:
    """One field of a protocol buffer."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    content = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def _value_info(name: str, kind: int, *dimensions: int | str) -> bytes:
    shape = b"".join(_field(1, _field(1 if isinstance(one, int) else 2, one)) for one in dimensions)
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, shape)))


def _onnx(table: np.ndarray[Any, Any]) -> bytes:
    """A model file (ONNX's ModelProto) that looks the vectors of `input_ids` up in a table."""
    node = _field(1, "table") + _field(1, "input_ids") + _field(2, "last_hidden_state") + _field(4, "Gather")
    tensor = (
        b"".join(_field(1, size) for size in table.shape)
        + _field(2, 1)
        + _field(8, "table")
        + _field(9, table.tobytes())
    )
    graph = _field(1, node) + _field(2, "encoder") + _field(5, tensor)
    graph += _field(11, _value_info("input_ids", 7, "batch", "tokens"))
    graph += _field(12, _value_info("last_hidden_state", 1, "batch", "tokens", table.shape[1]))
    return _field(1, 9) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 17))


@pytest.fixture(scope="module")
def onnx_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder: a table of random vectors, one for each word."""
    folder = tmp_path_factory.mktemp("encoder")
    words = {word: number for number, word in enumerate(["[PAD]", "[UNK]", "libri", "usati", "orari", "negozio"])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    table = np.random.default_rng(0).normal(size=(len(words), 8)).astype(np.float32)
    (folder / "model.onnx").write_bytes(_onnx(table))
    return folder


def test_an_onnx_model_averages_its_words_and_leaves_the_padding_out(onnx_folder: Path) -> None:
    encoder = OnnxEmbedder(onnx_folder)
    alone = encoder.encode(["libri usati"])
    among = encoder.encode(["libri usati", "orari negozio libri usati"])
    assert np.allclose(alone[0], among[0], atol=1e-6)
    assert np.allclose(np.linalg.norm(among, axis=1), 1)
    assert encoder.name == OnnxEmbedder(onnx_folder).name != OnnxEmbedder(onnx_folder, "query: ").name


def test_two_encoders_are_the_mean_of_both(onnx_folder: Path, server: _Server) -> None:
    first, second = OnnxEmbedder(onnx_folder), HttpEmbedder(server.url, "small")
    both = Together(first, second, ())
    one, other = both.encode(["libri usati", "orari negozio"])
    likeness = [
        float(np.prod(encoder.encode(["libri usati", "orari negozio"]), axis=0).sum()) for encoder in (first, second)
    ]
    assert np.isclose(one @ other, sum(likeness) / 2, atol=1e-5)


def test_a_folder_that_is_no_encoder_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"model\.onnx is missing"):
        OnnxEmbedder(tmp_path)
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"nothing")
    with pytest.raises(OSError, match="is no encoder"):
        OnnxEmbedder(tmp_path)
