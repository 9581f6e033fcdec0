"""How much a question is like each group of phrasings: by words, by letters and by meaning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

from knowledge.embedding import Embedder
from knowledge.wording import unaccented

Floats = NDArray[np.float64]
Sparse = Any
"""A scipy.sparse matrix of float64: scipy ships no types."""
_CHUNK = 512


class Letters:
    """TF-IDF vectors over word or character n-grams of levelled text.

    Hashed, not looked up: a word that no phrasing has still counts in a question's length, with the weight of the
    rarest word. A plain vocabulary would drop it, and 'che tempo fa' would be as like 'che libri avete' as 'che' is.
    """

    def __init__(self, analyzer: str, ngrams: tuple[int, int], features: int, texts: Sequence[str]) -> None:
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
        self.rows: Sparse = self._weights.fit_transform(self._hashing.transform(texts))

    def vectors(self, texts: Sequence[str]) -> Sparse:
        rows: Sparse = self._weights.transform(self._hashing.transform(texts))
        return rows


class Likeness:
    """Compares texts with groups of phrasings.

    phrasings: levelled texts, ordered by group. starts: where each group begins. embedder: None compares spelling only.
    """

    def __init__(self, phrasings: Sequence[str], starts: Sequence[int], embedder: Embedder | None) -> None:
        self.starts = np.asarray(starts, dtype=np.intp)
        self._sizes = np.diff(np.append(self.starts, len(phrasings)))
        spelled = [unaccented(phrasing) for phrasing in phrasings]
        self._spellings = (
            Letters("word", (1, 2), 2**17, spelled),
            Letters("char_wb", (2, 5), 2**18, spelled),
        )
        self._embedder = embedder
        if embedder is not None:
            self._meanings = embedder.encode(phrasings).astype(np.float64)
            self._sums = np.add.reduceat(self._meanings, self.starts, axis=0)

    def of(self, texts: Sequence[str]) -> Floats:
        """Shape (texts, groups, features): for words, letters and meaning the cosine to the nearest phrasing, and the
        cosine to the group's middle; without embedder the first two only."""
        spelled = [unaccented(text) for text in texts]
        views = [letters.vectors(spelled) for letters in self._spellings]
        meanings = None if self._embedder is None else self._embedder.encode(texts).astype(np.float64)
        return self._features(views, meanings, None)

    def of_own(self, rows: Sequence[int]) -> Floats:
        """The same for phrasings of the index itself, each compared as if it were not in it (leave one out)."""
        picked = np.asarray(rows, dtype=np.intp)
        views = [letters.rows[picked] for letters in self._spellings]
        meanings = None if self._embedder is None else self._meanings[picked]
        return self._features(views, meanings, picked)

    def _features(self, views: list[Sparse], meanings: Floats | None, own: NDArray[np.intp] | None) -> Floats:
        parts = []
        count = views[0].shape[0]
        for begin in range(0, count, _CHUNK):
            chunk = slice(begin, min(begin + _CHUNK, count))
            left_out = None if own is None else own[chunk]
            columns = [
                self._nearest((view[chunk] @ letters.rows.T).toarray(), left_out)
                for view, letters in zip(views, self._spellings, strict=True)
            ]
            if meanings is not None:
                columns.append(self._nearest(meanings[chunk] @ self._meanings.T, left_out))
                columns.append(self._middle(meanings[chunk], left_out))
            parts.append(np.stack(columns, axis=-1))
        return np.concatenate(parts)

    def _nearest(self, cosines: Floats, left_out: NDArray[np.intp] | None) -> Floats:
        if left_out is not None:
            cosines[np.arange(len(left_out)), left_out] = 0.0
        nearest: Floats = np.maximum.reduceat(cosines, self.starts, axis=1)
        return nearest

    def _middle(self, meanings: Floats, left_out: NDArray[np.intp] | None) -> Floats:
        middle: Floats = meanings @ (self._sums / np.linalg.norm(self._sums, axis=1, keepdims=True)).T
        if left_out is not None:
            groups = np.searchsorted(self.starts, left_out, side="right") - 1
            rest = self._sums[groups] - self._meanings[left_out]
            lengths = np.maximum(np.linalg.norm(rest, axis=1), 1e-9)
            middle[np.arange(len(left_out)), groups] = np.einsum("ij,ij->i", meanings, rest) / lengths
        return middle

    def sized(self, row: int) -> int:
        """How many phrasings the group of this phrasing has."""
        return int(self._sizes[np.searchsorted(self.starts, row, side="right") - 1])
