"""How much a question is like each group of phrasings: by words, by letters and by meaning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from knowledge.embedding import Embedder, EmbedderUnavailable
from knowledge.wording import unaccented

log = structlog.get_logger(__name__)

WITH_MEANING = (0.07, 0.23, 0.23, 0.47)
"""Weights of words, letters, nearest meaning, middle meaning. Chosen, with the next, on public development data:
CLINC150, Banking77 and xSID-it, 6 or 10 phrasings a name, clean and misheard (docs/knowledge.md). Weights learned from
so few phrasings were no better and gave letters nothing, though it is letters that understand a misheard word."""
WITHOUT_MEANING = (0.33, 0.67)
"""Weights of words and letters when there is no embedder."""

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]
Sparse = Any
"""A scipy.sparse matrix of float64: scipy ships no types."""
_CHUNK = 512


class Letters:
    """TF-IDF vectors over word or character n-grams of levelled text.

    Hashed, not looked up: a word that no phrasing has still counts in a question's length, with the weight of the
    rarest word. A plain vocabulary would drop it, and 'che tempo fa' would be as like 'che libri avete' as 'che' is.
    """

    def __init__(self, analyzer: str, ngrams: tuple[int, int], features: int, texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer  # a second

        self._hashing = HashingVectorizer(
            analyzer=analyzer,
            ngram_range=ngrams,
            n_features=features,
            token_pattern=r"\w+" if analyzer == "word" else None,
            lowercase=False,
            norm=None,
            alternate_sign=False,
        )
        self._weights = TfidfTransformer(sublinear_tf=True)
        self._columns: Sparse = self._weights.fit_transform(self._hashing.transform(texts)).T.tocsr()

    def vectors(self, texts: Sequence[str]) -> Sparse:
        rows: Sparse = self._weights.transform(self._hashing.transform(texts))
        return rows

    def cosines(self, vectors: Sparse) -> Floats:
        """Shape (vectors, texts of the index)."""
        cosines: Floats = (vectors @ self._columns).toarray()
        return cosines


class Likeness:
    """Compares texts with groups of phrasings.

    phrasings: levelled texts, ordered by group. starts: where each group begins. outside: lines of no group; they come
    last in every row of likeness, as one more group without a middle, for they have nothing in common. embedder: None
    compares spelling only.
    """

    def __init__(
        self, phrasings: Sequence[str], starts: Sequence[int], outside: Sequence[str], embedder: Embedder | None
    ) -> None:
        phrasings, starts = [*phrasings, *outside], [*starts, len(phrasings)]
        self.starts = np.asarray(starts, dtype=np.intp)
        self.groups = np.repeat(np.arange(len(starts)), np.diff(np.append(self.starts, len(phrasings))))
        spelled = [unaccented(phrasing) for phrasing in phrasings]
        self._spellings = (
            Letters("word", (1, 2), 2**17, spelled),
            Letters("char_wb", (2, 5), 2**18, spelled),
        )
        self._embedder = embedder
        if embedder is not None:
            self._meanings = embedder.encode(phrasings)
            self._sums = np.add.reduceat(self._meanings, self.starts, axis=0)
            self._middles = self._sums / np.linalg.norm(self._sums, axis=1, keepdims=True)

    def of(self, texts: Sequence[str], left_out: Sequence[int] | None = None) -> Floats:
        """Shape (texts, groups + 1): a weighted mean of cosines, 0 (nothing alike) to 1 (says the same).

        Words, letters and meaning are each compared with the nearest phrasing of the group, and meaning also with the
        group's middle.
        left_out: for each text the place of a phrasing that is to be treated as if it were not in the index.
        """
        if not texts:
            return np.zeros((0, len(self.starts)))
        spelled = [unaccented(text) for text in texts]
        views = [letters.vectors(spelled) for letters in self._spellings]
        meanings = None if self._embedder is None else self._meanings_of(texts, self._embedder)
        rows = None if left_out is None else np.asarray(left_out, dtype=np.intp)
        return self._blend(views, meanings, rows)

    @staticmethod
    def _meanings_of(texts: Sequence[str], embedder: Embedder) -> Vectors | None:
        try:
            return embedder.encode(texts)
        except EmbedderUnavailable as error:
            log.warning("knowledge.embedder_unavailable", detail=f"{error}; compared by spelling alone")
            return None

    def _blend(self, views: list[Sparse], meanings: Vectors | None, own: NDArray[np.intp] | None) -> Floats:
        parts = []
        for begin in range(0, views[0].shape[0], _CHUNK):
            chunk = slice(begin, begin + _CHUNK)
            left_out = None if own is None else own[chunk]
            kinds = [
                self._nearest(letters.cosines(view[chunk]), left_out)
                for view, letters in zip(views, self._spellings, strict=True)
            ]
            if meanings is not None:
                nearest = self._nearest((meanings[chunk] @ self._meanings.T).astype(np.float64), left_out)
                middle = self._middle(meanings[chunk], left_out)
                middle[:, -1] = nearest[:, -1]
                kinds += [nearest, middle]
            weights = WITHOUT_MEANING if meanings is None else WITH_MEANING
            parts.append(sum(weight * kind for weight, kind in zip(weights, kinds, strict=True)))
        return np.concatenate(parts)

    def _nearest(self, cosines: Floats, left_out: NDArray[np.intp] | None) -> Floats:
        if left_out is not None:
            cosines[np.arange(len(left_out)), left_out] = 0.0
        nearest: Floats = np.maximum.reduceat(cosines, self.starts, axis=1)
        return nearest

    def _middle(self, meanings: Vectors, left_out: NDArray[np.intp] | None) -> Floats:
        middle: Floats = (meanings @ self._middles.T).astype(np.float64)
        if left_out is not None:
            groups = self.groups[left_out]
            rest = self._sums[groups] - self._meanings[left_out]
            lengths = np.maximum(np.linalg.norm(rest, axis=1), 1e-9)
            middle[np.arange(len(left_out)), groups] = np.einsum("ij,ij->i", meanings, rest) / lengths
        return middle
