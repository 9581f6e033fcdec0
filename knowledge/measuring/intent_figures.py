"""How well intents are told apart on a data set: the model as it is served, and each of its heads alone."""

from __future__ import annotations

import gc
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Embedder
from knowledge.intents import IntentModel
from knowledge.measuring.memory import resident_mb
from knowledge.measuring.sentences import DataSet, Sentence
from knowledge.measuring.splits import TOLD, Protocol, Split, fitting, splits
from knowledge.measuring.word_errors import WordErrors
from knowledge.phrases import generic_outside
from knowledge.rejecting import within
from knowledge.wording import essence

TIMED = 300
"""Sentences asked one by one for the latency."""


@dataclass(frozen=True)
class Row:
    """One way to understand, percentages over all splits. right: best intent, nothing rejected. right_accepted,
    wrong_accepted: of sentences inside, with the threshold; outside_rejected: of those outside. auroc: of the score for
    inside against outside."""

    way: str
    right: float
    in_three: float
    auroc: float | None = None
    right_accepted: float | None = None
    wrong_accepted: float | None = None
    outside_rejected: float | None = None


@dataclass(frozen=True)
class IntentFigures:
    """accuracies: of the model, for each split. wer: as it came out. Times in ms of one sentence on one thread, memory
    beside the process before anything was loaded."""

    data: str
    language: str
    protocol: str
    intents: int
    learned: int
    tested: int
    outside: int
    wer: float
    rows: tuple[Row, ...]
    accuracies: tuple[float, ...]
    confused: tuple[tuple[str, str, int], ...]
    train_s: float
    median_ms: float
    p95_ms: float
    encoder_mb: float
    model_mb: float


@dataclass
class _Asked:
    """Scores of one way: for sentences inside and outside, and for those that thresholds are chosen on."""

    truth: list[int] = field(default_factory=list)
    chances: list[NDArray[np.float64]] = field(default_factory=list)
    sure: list[float] = field(default_factory=list)
    strange: list[float] = field(default_factory=list)
    aurocs: list[float] = field(default_factory=list)
    accepted: list[tuple[int, int, int]] = field(default_factory=list)
    """Right and wrong ones accepted, strange ones rejected, of each split that has a threshold."""


def measure(
    data: DataSet, embedder: Embedder | None, wer: float = 0.0, protocol: Protocol | None = None, shots: int = 10,
    encoder_mb: float = 0.0,
) -> IntentFigures:  # fmt: skip
    """Train and ask, once for each split of the protocol (default: the fitting one). wer: of the sentences asked."""
    chosen = protocol or fitting(data)
    vocabulary = [one.text for part in data.parts.values() for one in part]
    noise = WordErrors(wer, [*vocabulary, *generic_outside().get(data.language, ())])
    asked: dict[str, _Asked] = {}
    confused: Counter[tuple[str, str]] = Counter()
    accuracies, trained_s, took_ms = list[float](), list[float](), list[float]()
    learned, last, model_mb = 0, None, 0.0
    for split in splits(data, chosen, shots):
        if last is None or last[0] is not split.learn:
            before_mb, began = resident_mb(), perf_counter()
            model = IntentModel.train(phrasings(split.learn, data.language), embedder, _outside(split, data.language))
            trained_s.append(perf_counter() - began)
            gc.collect()
            model_mb, last, learned = max(0.0, resident_mb() - before_mb), (split.learn, model), len(split.learn)
        tested = [replace(one, text=noise.heard(one.text)) for one in split.test] if wer else split.test
        strange = [noise.heard(one) for one in split.test_outside] if wer else split.test_outside
        split = replace(split, test=tested, test_outside=strange)
        accuracies.append(_ask(split, model, data.language, asked, confused))
        if not took_ms:
            took_ms = list(_times([one.text for one in tested[:TIMED]], model, data.language))
    return IntentFigures(
        data=data.name,
        language=data.language,
        protocol=TOLD[chosen].format(shots=shots),
        intents=data.intents,
        learned=learned,
        tested=len(next(iter(asked.values())).truth),
        outside=len(next(iter(asked.values())).strange),
        wer=noise.errors / noise.words if noise.words else 0.0,
        rows=tuple(_row(way, one) for way, one in asked.items()),
        accuracies=tuple(accuracies),
        confused=_worst(confused),
        train_s=max(trained_s),
        median_ms=statistics.median(took_ms),
        p95_ms=statistics.quantiles(took_ms, n=20)[-1],
        encoder_mb=encoder_mb,
        model_mb=model_mb,
    )  # fmt: skip


def _worst(confused: Counter[tuple[str, str]]) -> tuple[tuple[str, str, int], ...]:
    ranked = sorted(confused.items(), key=lambda one: (-one[1], one[0]))
    return tuple((intent, other, count) for (intent, other), count in ranked[:10])


def phrasings(sentences: Sequence[Sentence], language: str) -> dict[str, dict[str, list[str]]]:
    """As a flowbook has them. A sentence that two intents claim goes to the first: publishing would refuse it."""
    found: dict[str, dict[str, list[str]]] = {}
    owner: dict[str, str] = {}
    for one in sentences:
        text = essence(one.text, language)
        if text and owner.setdefault(text, one.intent) == one.intent:
            found.setdefault(one.intent, {language: []})[language].append(one.text)
    return found


def _outside(split: Split, language: str) -> Mapping[str, Sequence[str]]:
    return {language: split.learn_outside} if split.learn_outside else {}


def _ask(
    split: Split, model: IntentModel, language: str, asked: dict[str, _Asked], confused: Counter[tuple[str, str]]
) -> float:
    from sklearn.metrics import roc_auc_score  # a second, which only this needs

    places = {name: place for place, name in enumerate(model.names)}
    truth = [places.get(one.intent, -1) for one in split.test]
    inside = ways(model, [one.text for one in split.test], language)
    outside = ways(model, split.test_outside, language)
    choose = ways(model, [one.text for one in split.choose], language)
    strange = ways(model, split.choose_outside, language)
    for way, (chances, sure) in inside.items():
        one = asked.setdefault(way, _Asked())
        one.truth += truth
        one.chances += list(chances)
        one.sure += list(sure)
        if way not in outside:
            continue
        others = outside[way][1]
        one.strange += list(others)
        one.aurocs.append(roc_auc_score(np.r_[np.ones(len(sure)), np.zeros(len(others))], np.r_[sure, others]))
        if way in choose and way in strange:
            known = [places.get(said.intent, -1) for said in split.choose]
            least = threshold(choose[way][1], choose[way][0].argmax(axis=1) == known, strange[way][1])
            right = chances.argmax(axis=1) == truth
            taken = sure >= least
            one.accepted.append((int((taken & right).sum()), int((taken & ~right).sum()), int((others < least).sum())))
    best = next(iter(inside.values()))[0].argmax(axis=1)
    for place, taken_for in zip(truth, best, strict=True):
        if place != taken_for and place >= 0:
            confused[model.names[place], model.names[taken_for]] += 1
    return float((best == truth).mean())


def ways(
    model: IntentModel, texts: Sequence[str], language: str
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Chances of every intent and how sure the best is, by the whole model and by its heads alone."""
    if not texts:
        return {}
    sentences = [essence(text, language) or text for text in texts]
    seen = model.evidence(sentences)
    accepted, chances = model.look(sentences)
    found = {"model": (chances, accepted * chances.max(axis=1))}
    heads = {"words and letters alone": seen.spelled, "embedder alone": seen.meant}
    for way, logs in heads.items():
        if logs is not None:
            alone = np.exp(within(logs, len(model.names)).astype(np.float64))
            found[way] = (alone, alone.max(axis=1))
    return found


def threshold(sure: NDArray[np.float64], right: NDArray[np.bool_], strange: NDArray[np.float64]) -> float:
    """The least score to accept that makes most sentences come out right: named rightly, or rejected rightly."""
    scores = np.unique(np.r_[sure, strange])
    wins = [((sure >= least) & right).sum() + (strange < least).sum() for least in scores]
    return float(scores[int(np.argmax(wins))])


def _row(way: str, one: _Asked) -> Row:
    truth, chances = np.array(one.truth), np.stack(one.chances)
    best = np.argsort(-chances, axis=1, kind="stable")[:, :3]
    right, in_three = (best[:, 0] == truth).mean(), (best == truth[:, None]).any(axis=1).mean()
    row = Row(way, float(right), float(in_three), statistics.fmean(one.aurocs) if one.aurocs else None)
    if not one.accepted:
        return row
    rights, wrongs, rejected = (sum(each) for each in zip(*one.accepted, strict=True))
    inside, outside = len(truth), len(one.strange)
    return replace(
        row, right_accepted=rights / inside, wrong_accepted=wrongs / inside, outside_rejected=rejected / outside
    )


def _times(texts: Sequence[str], model: IntentModel, language: str) -> Iterator[float]:
    for text in texts:
        began = perf_counter()
        model.rank(text, language)
        yield (perf_counter() - began) * 1000
