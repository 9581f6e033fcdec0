"""The speech models on this machine: list, fetch, verify; and which engine listens to a language.

Nothing here asks the network for a model that is already here.
"""

from __future__ import annotations

import errno
import fcntl
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from voice.catalogue import CATALOGUE, SpeechModel
from voice.fetching import FetchFailed, fetch_source, sha256_of
from voice.graphs import static_graph
from voice.graphs.composing import Progress as GraphProgress
from voice.unpacking import unpack

Progress = Callable[[str, int, int], None]
"""Called with the model's name, bytes received and bytes in all, while it is fetched."""

_STAMP = "verified.json"


class ModelMissing(RuntimeError):
    """A model is not on this machine, or its files are not what they should be. One line with the way out."""


@dataclass(frozen=True)
class ModelStatus:
    """bytes_here: on disk, 0 when it is not here."""

    model: SpeechModel
    folder: Path
    bytes_here: int

    @property
    def is_here(self) -> bool:
        return self.bytes_here > 0


class ModelStore:
    """Models in a cache folder (default: the user's own), one folder each. Several processes may share it."""

    def __init__(self, cache_dir: Path | None = None, catalogue: Mapping[str, SpeechModel] | None = None) -> None:
        self.cache_dir = cache_dir or Path(platformdirs.user_cache_dir("centralino"))
        self.catalogue = CATALOGUE if catalogue is None else catalogue

    def known(self, name: str) -> SpeechModel:
        """Raises ModelMissing naming the models there are."""
        if name not in self.catalogue:
            raise ModelMissing(f"no model is called {name!r}; there are {', '.join(self.catalogue)}")
        return self.catalogue[name]

    def list(self) -> tuple[ModelStatus, ...]:
        """Every known model and whether it is here."""
        return tuple(
            ModelStatus(model, self._folder(model), sum(entry["size"] for entry in self._stamp(model).values()))
            for model in self.catalogue.values()
        )

    def has(self, name: str) -> bool:
        """Whether it was fetched and verified; a look at one small file."""
        return bool(self._stamp(self.known(name)))

    def path(self, name: str) -> Path:
        """Its folder. Files that changed since they were verified are hashed again. Raises ModelMissing."""
        model = self.known(name)
        if not self.has(name):
            raise ModelMissing(f"the model {name} is not in {self.cache_dir}; run: centralino models fetch {name}")
        self._check(model, everything=False)
        return self._folder(model)

    def verify(self, name: str) -> Path:
        """Hash every file anew. Raises ModelMissing naming the file that is wrong."""
        folder = self.path(name)
        self._check(self.known(name), everything=True)
        if not static_graph.verify(folder):
            raise ModelMissing(
                f"the static graph of {name} was changed since it was made; "
                f"run: centralino models graph --remove {name}, and centralino models graph {name}"
            )
        return folder

    def fetch(self, name: str, progress: Progress | None = None) -> Path:
        """Bring it here if it is not, verified. Raises FetchFailed: no network, no room, a wrong checksum."""
        model = self.known(name)
        with self._one_at_a_time(name):
            if self.has(name):
                try:
                    return self.path(name)
                except ModelMissing:
                    shutil.rmtree(self._folder(model))
            try:
                self._fetch(model, progress or (lambda name, done, total: None))
            except OSError as failure:
                if failure.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                need = f"{3 * model.download_bytes // 1_000_000} MB"
                raise FetchFailed(
                    f"no room in {self.cache_dir} for {name}: it needs about {need}; free some, or set another folder"
                ) from failure
        return self._folder(model)

    def make_graph(self, name: str, progress: GraphProgress) -> static_graph.StaticGraph:
        """Give a Vosk model the graph that all its decoders share, if it has none: one and a half minutes of a core.

        Raises ModelMissing, GraphNotMade.
        """
        with self._one_at_a_time(name):
            return static_graph.make(self.path(name), progress, static_graph.available_bytes())

    def remove_graph(self, name: str) -> bool:
        """Whether there was one. Raises ModelMissing."""
        with self._one_at_a_time(name):
            return static_graph.remove(self.path(name))

    def _fetch(self, model: SpeechModel, progress: Progress) -> None:
        downloads = self.cache_dir / "downloads"
        before = 0
        archives = []
        for source in model.sources:
            start = before
            archives.append(
                fetch_source(
                    source,
                    downloads,
                    lambda done, start=start: progress(model.name, start + done, model.download_bytes),  # type: ignore[misc]
                )
            )
            before += source.size_bytes
        folder = self._folder(model)
        unpacked = folder.with_name(folder.name + ".new")
        shutil.rmtree(unpacked, ignore_errors=True)
        for piece in model.pieces:
            unpack(archives[piece.source], piece, unpacked)
        for name, wanted in model.pinned.items():
            found = sha256_of(unpacked / name)
            if found != wanted:
                raise FetchFailed(f"{model.name}: {name} has the sha256 {found}, not the known {wanted}")
        self._write_stamp(unpacked, {path: sha256_of(unpacked / path) for path in _files(unpacked)})
        shutil.rmtree(folder, ignore_errors=True)
        unpacked.replace(folder)
        for archive in archives:
            archive.unlink(missing_ok=True)
        progress(model.name, model.download_bytes, model.download_bytes)

    def _folder(self, model: SpeechModel) -> Path:
        return self.cache_dir / "models" / model.name

    def _stamp(self, model: SpeechModel) -> dict[str, dict[str, Any]]:
        try:
            files: dict[str, dict[str, Any]] = json.loads((self._folder(model) / _STAMP).read_text())["files"]
        except (FileNotFoundError, ValueError, KeyError):
            return {}
        return files

    def _write_stamp(self, folder: Path, hashes: dict[str, str]) -> None:
        files = {}
        for path, sha256 in hashes.items():
            status = (folder / path).stat()
            files[path] = {"size": status.st_size, "mtime_ns": status.st_mtime_ns, "sha256": sha256}
        (folder / _STAMP).write_text(json.dumps({"files": files}, indent=1))

    def _check(self, model: SpeechModel, *, everything: bool) -> None:
        folder, touched = self._folder(model), False
        for path, entry in self._stamp(model).items():
            file = folder / path
            status = file.stat() if file.is_file() else None
            if status and not everything and (status.st_size, status.st_mtime_ns) == (entry["size"], entry["mtime_ns"]):
                continue
            if status is None or sha256_of(file) != entry["sha256"]:
                what = "is gone" if status is None else "was changed"
                raise ModelMissing(f"{file} {what} since it was verified; run: centralino models fetch {model.name}")
            touched = True
        if touched:
            self._write_stamp(folder, {path: entry["sha256"] for path, entry in self._stamp(model).items()})

    @contextmanager
    def _one_at_a_time(self, name: str) -> Iterator[None]:
        """Two processes that want the same model fetch it once."""
        self.cache_dir.mkdir(parents=True, exist_ok=True)
        with (self.cache_dir / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@dataclass(frozen=True)
class EngineChoice:
    """Who listens to a language. why: a sentence for people."""

    language: str
    engine: str
    model: str
    why: str


def choose_engine(language: str, store: ModelStore, engine: str | None = None) -> EngineChoice:
    """The language's Vosk model when it is here or comes from the package registry, else Whisper.

    engine: 'vosk' or 'whisper' to insist on one. Raises ModelMissing when no known model understands the language.
    """
    code = language.split("-")[0].lower()
    able = [
        model for model in store.catalogue.values() if code in model.languages and model.engine in ("vosk", "whisper")
    ]
    able = [model for model in able if engine in (None, model.engine)]
    if engine and able:
        return EngineChoice(language, engine, able[0].name, f"{engine.title()}, because the line asks for it")
    vosk = next((model for model in able if model.engine == "vosk"), None)
    whisper = next((model for model in able if model.engine == "whisper"), None)
    if vosk and store.has(vosk.name):
        return EngineChoice(language, "vosk", vosk.name, f"Vosk, because its model for '{code}' is here")
    if vosk and (vosk.by_default or not whisper):
        return EngineChoice(language, "vosk", vosk.name, f"Vosk, because it has a model for '{code}' ({vosk.name})")
    if whisper and vosk:
        why = f"Whisper, because the Vosk model for '{code}' is not here (centralino models fetch {vosk.name})"
        return EngineChoice(language, "whisper", whisper.name, why)
    if whisper:
        return EngineChoice(language, "whisper", whisper.name, f"Whisper, because no Vosk model knows '{code}'")
    raise ModelMissing(f"no speech model is known for the language {language!r}" + (f" and {engine}" if engine else ""))


def fetch_engine(
    language: str,
    store: ModelStore,
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
    engine: str | None = None,
) -> EngineChoice:
    """Fetch what is needed to listen to a language: its Vosk model if it can be reached, else Whisper.

    tell: gets the one line that says why a Vosk model could not be had. engine: to insist on one. Raises FetchFailed
    when nothing could be fetched, ModelMissing when no model understands the language.
    """
    code = language.split("-")[0].lower()
    for model in store.catalogue.values():
        if engine != "whisper" and model.engine == "vosk" and code in model.languages and not store.has(model.name):
            try:
                store.fetch(model.name, progress)
            except FetchFailed as failure:
                if tell:
                    tell(str(failure))
    choice = choose_engine(language, store, engine)
    store.fetch(choice.model, progress)
    return choice


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
