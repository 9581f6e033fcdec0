"""Utterances as TF-IDF vectors of their words, word pairs and letters: what a linear model learns spelling from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.wording import unaccented

Sparse = Any
"""A scipy.sparse matrix: scipy ships no types."""
_BITS = 21
"""Of each kind's hashes: among 100,000 n-grams one in forty shares its column with another, which harms nothing."""


Kind = tuple[str, tuple[int, int]]
"""Analyzer and the shortest and longest n-gram."""


@cache
def _hashing(analyzer: str, ngrams: tuple[int, int]) -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer  # a second: only those who search pay for it

    return HashingVectorizer(
        analyzer=analyzer,
        ngram_range=ngrams,
        n_features=2**_BITS,
        token_pattern=r"\w+" if analyzer == "word" else None,
        lowercase=False,
        norm=None,
        alternate_sign=False,
        dtype=np.float32,
    )


_KINDS: tuple[Kind, ...] = (("word", (1, 2)), ("char_wb", (2, 5)))


@dataclass(frozen=True)
class Spelling:
    """The n-grams of the texts it was fitted on, by their hashes, and how much each of them tells.

    Both kinds have length 1 in a vector. What no text had counts in that length, with the weight of the rarest: a
    sentence of which little is known has short vectors, so that nothing is sure about it.
    """

    columns: NDArray[np.uint32]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Spelling:
        """Fitted on levelled texts, at least one."""
        hashes = [_counts(kind, texts).indices + (number << _BITS) for number, kind in enumerate(_KINDS)]
        columns, seen = np.unique(np.concatenate(hashes), return_counts=True)
        weights = np.log((1 + len(texts)) / (1 + seen)) + 1
        return cls(columns.astype(np.uint32), weights.astype(np.float32))

    def vectors(self, texts: Sequence[str]) -> Sparse:
        """One row for each levelled text, one column for each n-gram of `columns`; float32."""
        parts = [self._part(number, kind, texts) for number, kind in enumerate(_KINDS)]
        whole: Sparse = (parts[0] + parts[1]).tocsr()
        return whole

    def _part(self, number: int, kind: Kind, texts: Sequence[str]) -> Sparse:
        counts = _counts(kind, texts)
        hashes = (counts.indices + (number << _BITS)).astype(np.uint32)
        places = np.minimum(np.searchsorted(self.columns, hashes), len(self.columns) - 1)
        known = self.columns[places] == hashes
        rarest = np.float32(self.weights.max())
        told = (1 + np.log(counts.data)) * np.where(known, self.weights[places], rarest)
        rows = np.repeat(np.arange(len(texts)), np.diff(counts.indptr))
        lengths = np.sqrt(np.bincount(rows, told**2, minlength=len(texts)))
        told = (told / np.maximum(lengths, 1e-9)[rows]).astype(np.float32)
        shape = (len(texts), len(self.columns))
        from scipy.sparse import csr_matrix

        return csr_matrix((told[known], (rows[known], places[known])), shape=shape)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """What `from_arrays` makes it of again."""
        return {"columns": self.columns, "column_weights": self.weights}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Spelling:
        """Raises KeyError when `arrays` lacks something."""
        return cls(arrays["columns"], arrays["column_weights"])


def _counts(kind: Kind, texts: Sequence[str]) -> Sparse:
    counts = _hashing(*kind).transform([unaccented(text) for text in texts])
    counts.sum_duplicates()
    return counts
