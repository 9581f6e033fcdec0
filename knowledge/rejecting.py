"""Whether a sentence is any of the intents at all: a logistic regression on what both heads make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SIGNS = (
    "chance of the best",
    "its lead",
    "disorder",
    "letters known",
    "outside by spelling",
    "best by spelling",
    "likeness to the middle",
    "likeness to the nearest",
    "likeness to outside",
    "outside by meaning",
    "best by meaning",
)
SPELLING_SIGNS = 6
"""How many of `SIGNS` there are without an embedder."""
FEWEST = 10
"""Sentences inside and outside below which nothing is learned and `unfitted` is used."""


@dataclass(frozen=True)
class Evidence:
    """Of some sentences, a row each. spelled, meant: log chances of every intent, the outside last when there is one.
    known: share of a sentence's letters and words that some phrasing has. middle, nearest: likeness in meaning to each
    intent's middle and nearest phrasing; outside: to the nearest line outside. All None without an embedder but the
    first three."""

    both: Floats
    spelled: Floats
    known: Floats
    meant: Floats | None = None
    middle: Floats | None = None
    nearest: Floats | None = None
    outside: Floats | None = None

    def signs(self, intents: int) -> Floats:
        """The columns of `SIGNS`, for the most likely of the `intents`."""
        inside = within(self.both, intents)
        chances = np.exp(inside)
        rows, best = np.arange(len(inside)), inside.argmax(axis=1)
        ranked = np.sort(chances, axis=1)
        second = ranked[:, -2] if intents > 1 else np.zeros(len(ranked), dtype=np.float32)
        signs = [
            inside[rows, best],
            ranked[:, -1] - second,
            -(chances * inside).sum(axis=1),
            self.known,
            _outside_odds(self.spelled, intents),
            within(self.spelled, intents)[rows, best],
        ]
        if self.meant is not None and self.middle is not None and self.nearest is not None and self.outside is not None:
            signs += [
                self.middle[rows, best],
                self.nearest[rows, best],
                self.outside,
                _outside_odds(self.meant, intents),
                within(self.meant, intents)[rows, best],
            ]
        table: Floats = np.maximum(np.stack(signs, axis=1), -15).astype(np.float32)
        return table


def within(log_chances: Floats, intents: int) -> Floats:
    """Log chances of the intents if it is one of them."""
    inside = log_chances[:, :intents]
    top = inside.max(axis=1, keepdims=True)
    logs: Floats = inside - top - np.log(np.exp(inside - top).sum(axis=1, keepdims=True))
    return logs


def _outside_odds(log_chances: Floats, intents: int) -> Floats:
    if log_chances.shape[1] == intents:
        return np.zeros(len(log_chances), dtype=np.float32)
    outside = np.clip(np.exp(log_chances[:, -1]), 1e-6, 1 - 1e-6)
    odds: Floats = np.log(outside / (1 - outside))
    return odds


@dataclass(frozen=True)
class Rejector:
    """slopes: for each sign; the same sum is its log-odds of being inside. usual: what is taken off each sign first."""

    slopes: NDArray[np.float64]
    usual: NDArray[np.float64]
    offset: float

    def accepts(self, signs: Floats) -> NDArray[np.float64]:
        """The probability, 0..1, that each sentence is one of the intents."""
        if signs.shape[1] < len(self.slopes):  # no meaning this time: what is not seen is as usual
            signs = np.hstack([signs, np.tile(self.usual[signs.shape[1] :], (len(signs), 1))])
        log_odds = (signs - self.usual) @ self.slopes + self.offset
        chances: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))
        return chances

    @classmethod
    def fit(cls, inside: Floats, outside: Floats, outside_share: float) -> Rejector:
        """inside, outside: signs of sentences that the heads had not learned from. outside_share: of all sentences that
        callers say, how many are none of the intents."""
        from sklearn.linear_model import LogisticRegression  # a second, which only training needs

        if min(len(inside), len(outside)) < FEWEST:
            return cls.unfitted(inside.shape[1] > SPELLING_SIGNS)
        signs = np.concatenate([inside, outside]).astype(np.float64)
        usual, spread = signs.mean(axis=0), np.maximum(signs.std(axis=0), 1e-3)
        is_inside = np.r_[np.ones(len(inside)), np.zeros(len(outside))]
        worth = np.r_[
            np.full(len(inside), (1 - outside_share) / len(inside)), np.full(len(outside), outside_share / len(outside))
        ] * len(signs)  # fmt: skip
        learned = LogisticRegression(C=1.0, max_iter=500).fit((signs - usual) / spread, is_inside, worth)
        slopes = np.round(learned.coef_[0] / spread, 6)
        return cls(slopes, np.round(usual, 6), round(float(learned.intercept_[0]), 6))

    @classmethod
    def unfitted(cls, meaning: bool) -> Rejector:
        """For flowbooks with too little to learn from: rounded by hand from what larger ones learn."""
        slopes, usual = np.zeros(len(SIGNS)), np.zeros(len(SIGNS))
        slopes[3], usual[3] = (2.0, 0.5) if meaning else (6.0, 0.5)
        slopes[4] = -0.5 if meaning else -1.5
        slopes[7], usual[7] = 10.0, 0.45
        slopes[8], usual[8] = -6.0, 0.35
        signs = len(SIGNS) if meaning else SPELLING_SIGNS
        return cls(slopes[:signs], usual[:signs], 0.0)

    def to_json(self) -> dict[str, Any]:
        return {"slopes": self.slopes.tolist(), "usual": self.usual.tolist(), "offset": self.offset}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Rejector:
        """Raises KeyError when something is missing."""
        return cls(np.array(stored["slopes"]), np.array(stored["usual"]), float(stored["offset"]))
