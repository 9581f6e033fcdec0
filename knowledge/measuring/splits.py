"""What of a data set is learned from, what thresholds are chosen on, and what is reported: never the same sentences."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from knowledge.measuring.sentences import DataSet, Sentence

T = TypeVar("T")
Protocol = Literal["train-val", "shots", "halves"]
SHOTS = 10
MOST_TESTED = 25
"""Of each intent when a few shots are learned from, so that every intent weighs the same."""
HALVINGS = 5
DRAWS = 3


@dataclass(frozen=True)
class Split:
    """learn: with their intents; learn_outside: lines known to be none. test, test_outside: what is reported. choose,
    choose_outside: only thresholds are chosen on them; none where the model's own are used."""

    learn: Sequence[Sentence]
    test: Sequence[Sentence]
    learn_outside: Sequence[str] = ()
    test_outside: Sequence[str] = ()
    choose: Sequence[Sentence] = ()
    choose_outside: Sequence[str] = ()


def fitting(data: DataSet) -> Protocol:
    """train-val where there are both; shots where most intents have enough for them; else halves."""
    if {"train", "val"} <= data.parts.keys():
        return "train-val"
    counts = sorted(len(of_intent) for of_intent in _by_intent(_everything(data)).values())
    return "shots" if counts[len(counts) // 2] >= SHOTS + MOST_TESTED else "halves"


TOLD: dict[Protocol, str] = {
    "train-val": "learned from train; the threshold chosen on one half of val, the other half reported, both ways",
    "shots": f"learned from {{shots}} sentences of each intent, up to {MOST_TESTED} others of each reported; "
    f"{DRAWS} draws",
    "halves": f"learned from one half of each intent, the other reported; {HALVINGS} random halvings",
}


def splits(data: DataSet, protocol: Protocol, shots: int = SHOTS) -> Iterator[Split]:
    """Deterministic. The splits of one data set overlap; within one, no sentence is in two places."""
    if protocol == "train-val":
        halves = _shuffled(data.parts["val"], 0)
        outside = _shuffled(data.outside.get("val", ()), 0)
        for side in (0, 1):
            yield Split(
                learn=data.parts["train"],
                test=halves[side::2],
                learn_outside=data.outside.get("train", ()),
                test_outside=outside[side::2],
                choose=halves[1 - side :: 2],
                choose_outside=outside[1 - side :: 2],
            )
    elif protocol == "shots":
        for seed in range(DRAWS):
            drawn = [_shuffled(said, seed) for _, said in sorted(_by_intent(_everything(data)).items())]
            yield Split(
                learn=[one for said in drawn for one in said[:shots]],
                test=[one for said in drawn for one in said[shots : shots + MOST_TESTED]],
            )
    else:
        for seed in range(HALVINGS):
            dealt = [_shuffled(said, seed) for _, said in sorted(_by_intent(_everything(data)).items())]
            yield Split(
                learn=[one for said in dealt for one in said[::2]], test=[one for said in dealt for one in said[1::2]]
            )


def _everything(data: DataSet) -> list[Sentence]:
    return [one for part in data.parts.values() for one in part]


def _by_intent(sentences: Sequence[Sentence]) -> dict[str, list[Sentence]]:
    found: dict[str, list[Sentence]] = {}
    for one in sentences:
        found.setdefault(one.intent, []).append(one)
    return found


def _shuffled(items: Sequence[T], seed: int) -> list[T]:
    return random.Random(seed).sample(list(items), len(items))  # noqa: S311 (nothing secret)
