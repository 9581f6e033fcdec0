"""The two halves of the model of intents: one learns how they are spelled, one what they mean.

Both are linear, so that a sentence takes a fraction of a millisecond, and both are fitted without chance: the same
texts in the same order give the same numbers (one BLAS thread, see `knowledge.intents`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.spelling import Sparse

Floats = NDArray[np.float32]

_SVC = {"C": 1.0, "tol": 0.01, "random_state": 0}
"""tol: ten times faster than the default 1e-4 on 15,000 sentences, at the same accuracy."""
_MEANING = {"C": 30.0, "tol": 1e-3, "max_iter": 100}
_SHARPNESSES = np.exp(np.linspace(-3, 4, 71))


@dataclass(frozen=True)
class Head:
    """weights: features × classes, float16. sharpness: what its scores are multiplied by before they are turned into
    probabilities; fitted on sentences that it had not learned from."""

    weights: NDArray[np.float16]
    offsets: NDArray[np.float32]
    sharpness: float = 1.0

    def log_chances(self, vectors: Sparse | Floats) -> Floats:
        """The logarithm of each class's probability, a row for each vector."""
        if len(self.offsets) == 1:
            return np.zeros((vectors.shape[0], 1), dtype=np.float32)
        return log_softmax(np.float32(self.sharpness) * self.scores(vectors))

    def scores(self, vectors: Sparse | Floats) -> Floats:
        if not isinstance(vectors, np.ndarray) and vectors.shape[0] == 1:  # a caller's sentence: a few hundred rows
            picked = self.weights[vectors.indices].astype(np.float32)
            one: Floats = (vectors.data @ picked)[None, :] + self.offsets
            return one
        scores: Floats = np.asarray(vectors @ self.weights.astype(np.float32)) + self.offsets
        return scores

    def to_arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """What `from_arrays` makes it of again."""
        return {
            f"{name}_weights": self.weights,
            f"{name}_offsets": self.offsets,
            f"{name}_sharpness": np.array([self.sharpness]),
        }

    @classmethod
    def from_arrays(cls, name: str, arrays: Mapping[str, NDArray[Any]]) -> Head:
        """Raises KeyError when `arrays` lacks something."""
        sharpness = float(arrays[f"{name}_sharpness"][0])
        return cls(arrays[f"{name}_weights"], arrays[f"{name}_offsets"], sharpness)


def fit_spelling(vectors: Sparse, classes: NDArray[np.intp], worth: NDArray[np.float64], count: int) -> Head:
    """A linear support vector machine for each class against the rest. worth: how much each row counts."""
    from sklearn.svm import LinearSVC  # a second, which only training needs

    learned = LinearSVC(**_SVC).fit(vectors.astype(np.float64), classes, worth)
    return _head(learned.coef_, learned.intercept_, count)


def fit_meaning(vectors: Floats, classes: NDArray[np.intp], worth: NDArray[np.float64], count: int) -> Head:
    """A multinomial logistic regression on the sentences' embeddings."""
    from sklearn.linear_model import LogisticRegression

    learned = LogisticRegression(**_MEANING).fit(vectors, classes, worth)
    return _head(learned.coef_, learned.intercept_, count)


def only_class(features: int) -> Head:
    """Of a flowbook with a single intent and nothing to tell it from."""
    return Head(np.zeros((features, 1), dtype=np.float16), np.zeros(1, dtype=np.float32))


def _head(coefficients: NDArray[Any], offsets: NDArray[Any], count: int) -> Head:
    if count == 2:  # scikit-learn tells the second class' side only
        coefficients, offsets = np.vstack([-coefficients, coefficients]) / 2, np.array([-offsets[0], offsets[0]]) / 2
    return Head(np.ascontiguousarray(coefficients.T.astype(np.float16)), offsets.astype(np.float32))


def log_softmax(scores: Floats) -> Floats:
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logs


def best_sharpness(scores: Floats, classes: NDArray[np.intp]) -> float:
    """Of a fixed row of values the one with the least log loss; 1 when there is nothing to tell by."""
    if not len(scores) or scores.shape[1] < 2:
        return 1.0
    rows = np.arange(len(scores))
    losses = [-float(log_softmax(np.float32(one) * scores)[rows, classes].mean()) for one in _SHARPNESSES]
    return float(_SHARPNESSES[int(np.argmin(losses))])
