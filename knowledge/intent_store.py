"""Trained models of intents on disk, by what they were trained from: a restart trains nothing again.

A model is two files: arrays (`.npz`, read without pickles) and JSON. The same content gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
import structlog

from knowledge.embedding import Embedder
from knowledge.intent_process import LARGE, trained_apart
from knowledge.intents import IntentModel, Phrasings
from knowledge.phrases import generic_outside, grouped

log = structlog.get_logger(__name__)

FORMAT = 1
"""Of the files, and of how models are trained: one more whenever either changes, so that old files are left alone."""
MOST_KEPT = 40
"""Models; those not used for longest are removed."""


def content_key(phrasings: Phrasings, embedder: Embedder | None, outside: Mapping[str, Sequence[str]]) -> str:
    """A hash of all that a model depends on: its sentences, the encoder, and the libraries that do the sums."""
    told = {
        "format": FORMAT,
        "phrasings": {name: {code: sorted(set(said)) for code, said in by.items()} for name, by in phrasings.items()},
        "outside": {code: sorted(set(lines)) for code, lines in outside.items()},
        "generic": generic_outside(),
        "embedder": "" if embedder is None else embedder.name,
        "libraries": [np.__version__, version("scikit-learn")],
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:24]


def to_bytes(model: IntentModel) -> tuple[bytes, bytes]:
    """The two files: JSON and arrays."""
    values, arrays = model.to_parts()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name in sorted(arrays):
            array = io.BytesIO()
            np.save(array, arrays[name], allow_pickle=False)
            file.writestr(zipfile.ZipInfo(f"{name}.npy"), array.getvalue())  # without the time of day
    text = json.dumps({"format": FORMAT, **values}, ensure_ascii=False, sort_keys=True)
    return text.encode(), written.getvalue()


def from_bytes(text: bytes, arrays: bytes, embedder: Embedder | None) -> IntentModel:
    """Raises ValueError, EOFError, KeyError, zlib.error or zipfile.BadZipFile when they are no model, or one of another
    encoder."""
    values = json.loads(text)
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise ValueError("written by another version")
    with np.load(io.BytesIO(arrays), allow_pickle=False) as read:
        return IntentModel.from_parts(values, dict(read), embedder)


class IntentStore:
    """A folder of models. Several processes may use it at once: files appear whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, key: str, embedder: Embedder | None) -> IntentModel | None:
        """None when there is none, or, with a warning in the log, when it cannot be read."""
        text, arrays = self._files(key)
        try:
            model = from_bytes(text.read_bytes(), arrays.read_bytes(), embedder)
        except FileNotFoundError:
            return None
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error) as error:
            log.warning("knowledge.model_unreadable", file=str(text), detail=f"{error}: it is trained anew")
            return None
        for file in (text, arrays):
            _touch(file)
        return model

    def keep(self, key: str, model: IntentModel) -> None:
        """Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for file, content in zip(reversed(self._files(key)), reversed(to_bytes(model)), strict=True):
            part = file.with_name(f"{file.name}.{os.getpid()}.part")
            part.write_bytes(content)
            os.replace(part, file)
        for old in sorted(self.folder.glob("*.json"), key=lambda file: file.stat().st_mtime)[:-MOST_KEPT]:
            for file in (old, old.with_suffix(".npz")):
                file.unlink(missing_ok=True)

    def _files(self, key: str) -> tuple[Path, Path]:
        return self.folder / f"{key}.json", self.folder / f"{key}.npz"


def _touch(file: Path) -> None:
    try:
        os.utime(file)
    except OSError as error:  # somebody else's folder: it is read all the same
        log.debug("knowledge.model_not_touched", file=str(file), detail=str(error))


def trained(
    phrasings: Phrasings,
    embedder: Embedder | None,
    outside: Mapping[str, Sequence[str]] | None = None,
    store: IntentStore | None = None,
    large: int = LARGE,
) -> IntentModel:
    """The model of these phrasings: from `store` when it was trained before, else trained now and kept there.

    large: phrasings from which on it is trained in a process of its own, if there is a store. A store that cannot be
    written is a warning in the log. Raises ValueError as `IntentModel.train`.
    """
    key = content_key(phrasings, embedder, outside or {})
    if store is not None:
        if (known := store.find(key, embedder)) is not None:
            return known
        if sum(len(said) for by in phrasings.values() for said in by.values()) >= large:
            grouped(phrasings)  # what is wrong is told by this process
            try:
                trained_apart(store.folder, phrasings, embedder, outside or {})
            except OSError as error:
                log.warning("knowledge.not_trained_apart", detail=f"{error}: it is trained in this process")
            if (known := store.find(key, embedder)) is not None:
                return known
    model = IntentModel.train(phrasings, embedder, outside)
    if store is not None:
        try:
            store.keep(key, model)
        except OSError as error:
            log.warning("knowledge.model_not_kept", detail=f"{error}: it is trained again at the next start")
    return model
