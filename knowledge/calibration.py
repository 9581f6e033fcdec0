"""From likeness to a probability that an answer is right, and from that to a band.

Two logistic regressions, fitted on the phrasings themselves. Each phrasing is asked as a question with itself left out
of the index (its group is the right answer), and so are lines that belong to no group (no answer is right). The first
regression weighs the kinds of likeness; the second turns a group's likeness and its lead over the best other group into
a probability. The thresholds are read off those same left-out questions. No test question has any part in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from knowledge.likeness import Floats

RIVALS = 4
"""Wrong groups learned from for each question: the nearest ones; the far ones teach nothing."""


@dataclass(frozen=True)
class Risk:
    """What we accept; the one dial between 'asks again too often' and 'says wrong things'.

    outside_share: share of callers' questions that the articles do not cover (an assumption, not a measurement).
    wrong_answers: of the answers spoken without asking, the share that may be wrong.
    outside_offered: of the questions not covered, the share that may be met with 'did you mean' instead of a rejection.
    least_answer, least_choose: never lower the thresholds below these, however well the phrasings are told apart.
    """

    outside_share: float = 0.25
    wrong_answers: float = 0.04
    outside_offered: float = 0.15
    least_answer: float = 0.5
    least_choose: float = 0.15


@dataclass(frozen=True)
class Bands:
    """Least score to answer at once, and to offer a choice; below that: reject."""

    answer: float
    choose: float


@dataclass(frozen=True)
class Calibration:
    """The fitted numbers. Everything is a plain value, so equal input gives equal scores."""

    weights: tuple[float, ...]
    likeness_slope: float
    lead_slope: float
    offset: float
    bands: Bands

    def scores(self, features: Floats) -> Floats:
        """Shape (questions, groups, features) → (questions, groups): probability of being the right answer, 0..1."""
        liking: Floats = features @ np.asarray(self.weights)
        logit = self.likeness_slope * liking + self.lead_slope * _lead(liking) + self.offset
        scores: Floats = 1.0 / (1.0 + np.exp(-np.clip(logit, -30, 30)))
        return scores


def _lead(liking: Floats) -> Floats:
    """How far each group is ahead of the best other one (negative: behind). A single group leads over nothing: 0."""
    if liking.shape[1] < 2:
        return np.zeros_like(liking)
    ranked = np.sort(liking, axis=1)
    best, second = ranked[:, -1:], ranked[:, -2:-1]
    return liking - np.where(liking >= best, second, best)


UNFITTED = {
    2: Calibration((2.0, 3.0), 3.0, 3.0, -3.5, Bands(0.6, 0.2)),
    4: Calibration((1.0, 1.5, 2.5, 1.0), 3.0, 3.0, -9.0, Bands(0.6, 0.2)),
}
"""For an index too small to learn from (by number of features), rounded from the fit on the sample company."""


def fit(inside: Floats, right: NDArray[np.intp], outside: Floats, risk: Risk) -> Calibration:
    """inside: features of left-out phrasings, right: their groups; outside: features of lines that belong to none."""
    if len(inside) < 8 or inside.shape[1] < 2:
        return UNFITTED[inside.shape[2]]
    asked = np.concatenate([inside, outside])
    truth = np.concatenate([right, np.full(len(outside), -1)])
    worth = np.concatenate(
        [
            np.full(len(inside), (1 - risk.outside_share) / len(inside)),
            np.full(len(outside), risk.outside_share / max(len(outside), 1)),
        ]
    ) * len(asked)
    is_right = np.arange(asked.shape[1]) == truth[:, None]
    kept = _nearest_groups(asked.sum(axis=2), is_right)
    each_worth = np.broadcast_to(worth[:, None], kept.shape)[kept]
    first = LogisticRegression(C=10.0, max_iter=1000).fit(asked[kept], is_right[kept], each_worth)
    weights = np.maximum(first.coef_[0], 0.0)
    liking = asked @ weights
    pair = np.stack([liking, _lead(liking)], axis=-1)
    kept = _nearest_groups(liking, is_right)
    each_worth = np.broadcast_to(worth[:, None], kept.shape)[kept]
    second = LogisticRegression(C=10.0, max_iter=1000).fit(pair[kept], is_right[kept], each_worth)
    slopes = np.maximum(second.coef_[0], 0.0)
    fitted = Calibration(
        tuple(map(float, weights)), float(slopes[0]), float(slopes[1]), float(second.intercept_[0]), Bands(1.0, 1.0)
    )
    scores = fitted.scores(asked)
    best = scores.max(axis=1)
    hit = scores.argmax(axis=1) == truth
    bands = _bands(best, hit, truth < 0, worth, risk)
    return Calibration(fitted.weights, fitted.likeness_slope, fitted.lead_slope, fitted.offset, bands)


def _nearest_groups(liking: Floats, is_right: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The right group and its `RIVALS` nearest wrong ones, for each question."""
    wrong = np.where(is_right, -np.inf, liking)
    floor = np.sort(wrong, axis=1)[:, -min(RIVALS, wrong.shape[1])][:, None]
    return is_right | (wrong >= floor) & np.isfinite(wrong)


def _bands(best: Floats, hit: NDArray[np.bool_], outside: NDArray[np.bool_], worth: Floats, risk: Risk) -> Bands:
    """The lowest thresholds that keep within the risk."""
    order = np.argsort(-best, kind="stable")
    spoken = np.cumsum(worth[order])
    wrong = np.cumsum((worth * ~hit)[order])
    within = np.flatnonzero(wrong <= risk.wrong_answers * spoken)
    answer = float(best[order][within[-1]]) if len(within) else 1.0
    strangers = np.sort(best[outside])[::-1]
    allowed = int(risk.outside_offered * len(strangers))
    choose = float(np.nextafter(strangers[allowed], 1.0)) if len(strangers) > allowed else 0.0
    answer = max(answer, risk.least_answer)
    return Bands(answer=answer, choose=min(max(choose, risk.least_choose), answer))
