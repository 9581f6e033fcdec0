"""From likeness to a probability that an answer is right, and from that to a band.

Everything is fitted on the phrasings themselves. Each phrasing is asked as a question with itself left out of the index
(its group is the right answer), and so are lines that belong to no group (no answer is right). A logistic regression
turns a group's likeness and its lead over the best other group into a probability; the thresholds of the bands are read
off those same left-out questions. No test question has any part in it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge.likeness import Floats

RIVALS = 4
"""Wrong groups learned from for each question: the nearest ones; the far ones teach nothing."""
FEWEST_QUESTIONS = 10
"""Left-out phrasings below which there is nothing to learn from and `UNFITTED` is used."""


@dataclass(frozen=True)
class Risk:
    """What we accept; the dial between 'asks again too often' and 'says wrong things'.

    outside_share: share of callers' questions that the articles do not cover (an assumption, not a measurement).
    wrong_answers: of the answers spoken without asking, the share that may be wrong among the left-out questions. Those
    are harder than callers' (each has lost its nearest phrasing): on our development data half as many were wrong.
    outside_offered: of the lines that are not covered, the share that may be met with 'did you mean' instead of a
    rejection. The lines we ship are harder than callers' too: of CLINC150's a third as many were offered.
    answer_within, choose_within: the thresholds stay within these, however well or badly the phrasings are told apart.
    Answering from 0.7 up spoke 2 to 7 % wrong answers on the development data (docs/knowledge.md).
    """

    outside_share: float = 0.25
    wrong_answers: float = 0.1
    outside_offered: float = 0.3
    answer_within: tuple[float, float] = (0.6, 0.7)
    choose_within: tuple[float, float] = (0.15, 0.4)


@dataclass(frozen=True)
class Bands:
    """Least score to answer at once, and to offer a choice; below that: reject."""

    answer: float
    choose: float


@dataclass(frozen=True)
class Calibration:
    """The fitted numbers: log-odds = likeness_slope · likeness + lead_slope · lead + offset."""

    likeness_slope: float
    lead_slope: float
    offset: float
    bands: Bands

    def scores(self, likeness: Floats) -> Floats:
        """Shape (questions, groups) in and out: the probability 0..1 that the group is the right answer."""
        log_odds = self.likeness_slope * likeness + self.lead_slope * _lead(likeness) + self.offset
        scores: Floats = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -30, 30)))
        return scores


def _lead(likeness: Floats) -> Floats:
    """How far each group is ahead of the best other one (negative: behind). A single group leads over nothing: 0."""
    if likeness.shape[1] < 2:
        return np.zeros_like(likeness)
    ranked = np.sort(likeness, axis=1)
    best, second = ranked[:, -1:], ranked[:, -2:-1]
    return likeness - np.where(likeness >= best, second, best)


UNFITTED = Calibration(6.2, 13.2, -3.9, Bands(0.7, 0.3))
"""For an index too small to learn from: rounded from the fit on the sample company."""


def fit(inside: Floats, right: NDArray[np.intp], outside: Floats, risk: Risk) -> Calibration:
    """inside: likeness of left-out phrasings; right: their groups; outside: likeness of lines that belong to none."""
    if len(inside) < FEWEST_QUESTIONS or not len(outside):
        return UNFITTED
    asked = np.concatenate([inside, outside])
    truth = np.concatenate([right, np.full(len(outside), -1)])
    shares = ((1 - risk.outside_share, len(inside)), (risk.outside_share, len(outside)))
    worth = np.concatenate([np.full(count, share / count) for share, count in shares]) * len(asked)
    is_right = np.arange(asked.shape[1]) == truth[:, None]
    wrong = np.where(is_right, -np.inf, asked)
    near = wrong >= np.sort(wrong, axis=1)[:, [-min(RIVALS, wrong.shape[1])]]
    taught = is_right | (near & np.isfinite(wrong))
    pairs = np.stack([asked, _lead(asked)], axis=-1)[taught]
    from sklearn.linear_model import LogisticRegression  # a second, which only training needs

    regression = LogisticRegression(C=100.0, max_iter=1000)
    regression.fit(pairs, is_right[taught], np.broadcast_to(worth[:, None], taught.shape)[taught])
    likeness_slope, lead_slope = (max(float(slope), 0.0) for slope in regression.coef_[0])
    fitted = Calibration(likeness_slope, lead_slope, float(regression.intercept_[0]), UNFITTED.bands)
    scores = fitted.scores(asked)
    hit = scores.argmax(axis=1) == truth
    return replace(fitted, bands=_bands(scores.max(axis=1), hit, truth < 0, worth, risk))


def _bands(best: Floats, hit: NDArray[np.bool_], outside: NDArray[np.bool_], worth: Floats, risk: Risk) -> Bands:
    """The lowest thresholds that keep within the risk."""
    order = np.argsort(-best, kind="stable")
    spoken, wrong = np.cumsum(worth[order]), np.cumsum((worth * ~hit)[order])
    within = np.flatnonzero(wrong <= risk.wrong_answers * spoken)
    answer = float(best[order][within[-1]]) if len(within) else 1.0
    choose = float(np.quantile(best[outside], 1 - risk.outside_offered))
    answer = float(np.clip(answer, *risk.answer_within))
    return Bands(answer, min(answer, float(np.clip(choose, *risk.choose_within))))
