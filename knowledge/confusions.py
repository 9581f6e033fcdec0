"""Intents that are taken for each other: found while training, told to whoever publishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.rejecting import within
from knowledge.training import LeftOut, Lesson

MOST_TOLD = 50
"""Pairs; the worst come first."""
EXAMPLES = 3
"""Phrasings told of each pair, at most."""


@dataclass(frozen=True)
class Confusion:
    """Phrasings of `intent`, left out of the training, that were taken for `taken_for`.

    count: how many, of `asked` phrasings of the intent that were left out in turn. examples: some of them, as they are
    compared (without courtesies, lower case), those it was surest of first.
    """

    intent: str
    taken_for: str
    count: int
    asked: int
    examples: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "examples", tuple(self.examples))


def confusions(left_out: LeftOut, lesson: Lesson, names: Sequence[str]) -> tuple[Confusion, ...]:
    """The confused pairs of intents, by how large a part of the intent's phrasings goes astray."""
    intents = len(names)
    chances = within(left_out.evidence.both, intents)
    truth, taken = lesson.classes[left_out.rows], chances.argmax(axis=1)
    asked = np.bincount(truth, minlength=intents)
    astray: dict[tuple[int, int], list[tuple[float, str]]] = {}
    for place in np.flatnonzero((truth != taken) & (truth < intents)):
        pair = (int(truth[place]), int(taken[place]))
        text = lesson.texts[left_out.rows[place]]
        astray.setdefault(pair, []).append((-float(chances[place, taken[place]]), text))
    told = []
    for (intent, other), said in astray.items():
        examples = tuple(text for _, text in sorted(said)[:EXAMPLES])
        told.append(Confusion(names[intent], names[other], len(said), int(asked[intent]), examples))
    return tuple(sorted(told, key=lambda one: (-one.count / one.asked, -one.count, one.intent, one.taken_for)))[
        :MOST_TOLD
    ]
