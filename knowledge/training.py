"""How a model of intents is learned from their phrasings: both heads, then what tells inside from outside.

What is fitted on the heads' own results (their sharpness, the rejector) is fitted on phrasings that were left out: the
phrasings are dealt into parts, and each part is asked of heads that learned from the others.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Embedder
from knowledge.heads import Floats, Head, best_sharpness, fit_meaning, fit_spelling, log_softmax, only_class
from knowledge.mishearing import misheard
from knowledge.rejecting import Evidence
from knowledge.spelling import Spelling

SPELLING_SHARE = 0.4
"""Of the spelling head in the mean of both log chances. Chosen on training data of Banking77, CLINC150 and xSID."""
MOST_WITH_NOISE = 6000
"""Rows that noisy copies may bring the lesson to; with more phrasings than that their variety is noise enough."""
COPIES = 2
"""Noisy copies of each phrasing, as a recognizer might have written it."""
PARTS_OF = ((1500, 5, 5), (5000, 3, 3))
"""Up to so many phrasings: dealt into how many parts, and how many of those are asked. More: one part of five."""


@dataclass(frozen=True)
class Lesson:
    """Levelled texts in a fixed order with their classes (the outside's is `intents`), and their embeddings. noisy:
    copies of each text, as a recognizer might have written it."""

    texts: Sequence[str]
    classes: NDArray[np.intp]
    intents: int
    vectors: Floats | None
    noisy: Sequence[tuple[str, ...]] = ()

    @classmethod
    def read(cls, texts: Sequence[str], classes: NDArray[np.intp], intents: int, embedder: Embedder | None) -> Lesson:
        """With noisy copies where there are few texts, and with embeddings where there is an embedder."""
        vectors = None if embedder is None else encoded(texts, embedder)
        copies = COPIES if len(texts) * (1 + COPIES) <= MOST_WITH_NOISE else 0
        noisy = [tuple(misheard(text, take) for take in range(copies)) for text in texts]
        return cls(texts, classes, intents, vectors, noisy)

    @property
    def count(self) -> int:
        """Classes, with the outside when it has lines."""
        return self.intents + bool((self.classes == self.intents).any())

    def of(self, rows: NDArray[np.intp]) -> Lesson:
        vectors = None if self.vectors is None else self.vectors[rows]
        texts, noisy = [self.texts[row] for row in rows], [self.noisy[row] for row in rows]
        return Lesson(texts, self.classes[rows], self.intents, vectors, noisy)


@dataclass(frozen=True)
class Heads:
    """Both heads with what they need to look at a sentence. share: of the spelling head, 1 without an embedder."""

    spelling: Spelling
    spelled: Head
    meant: Head | None
    memory: Memory | None
    sharpness: float = 1.0

    def look(self, texts: Sequence[str], vectors: Floats | None) -> Evidence:
        """What is to be seen in levelled texts; vectors: their embeddings, when the model has a head for them."""
        spellings = self.spelling.vectors(texts)
        known = (np.asarray(spellings.multiply(spellings).sum(axis=1)).ravel() / 2).astype(np.float32)
        spelled = self.spelled.log_chances(spellings)
        if self.meant is None or self.memory is None or vectors is None:
            return Evidence(log_softmax(np.float32(self.sharpness) * spelled), spelled, known)
        meant = self.meant.log_chances(vectors)
        both = SPELLING_SHARE * spelled + (1 - SPELLING_SHARE) * meant
        middle, nearest, outside = self.memory.likeness(vectors)
        return Evidence(log_softmax(np.float32(self.sharpness) * both), spelled, known, meant, middle, nearest, outside)


@dataclass(frozen=True)
class Memory:
    """The phrasings' embeddings, ordered by class (the outside last), as they are after half precision. starts: of each
    class."""

    vectors: Floats
    starts: NDArray[np.intp]
    middles: Floats
    intents: int

    @classmethod
    def of(cls, lesson: Lesson) -> Memory:
        assert lesson.vectors is not None
        order = np.argsort(lesson.classes, kind="stable")
        starts = np.searchsorted(lesson.classes[order], np.arange(lesson.count))
        return cls.from_vectors(lesson.vectors[order].astype(np.float16), starts, lesson.intents)

    @classmethod
    def from_vectors(cls, halves: NDArray[np.float16], starts: NDArray[np.intp], intents: int) -> Memory:
        vectors = halves.astype(np.float32)
        sums = np.add.reduceat(vectors, starts, axis=0)[:intents]
        middles = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        return cls(vectors, starts, middles.astype(np.float32), intents)

    def likeness(self, vectors: Floats) -> tuple[Floats, Floats, Floats]:
        """To each intent's middle, to each intent's nearest phrasing, and to the nearest line outside (0 for none)."""
        cosines = vectors @ self.vectors.T
        nearest = np.maximum.reduceat(cosines, self.starts, axis=1)
        has_outside = len(self.starts) > self.intents
        outside = nearest[:, -1] if has_outside else np.zeros(len(vectors), dtype=np.float32)
        return vectors @ self.middles.T, nearest[:, : self.intents], outside


def fit_heads(lesson: Lesson) -> Heads:
    """Both heads, not sharpened yet. Noise is learned by the spelling head alone: it is letters that bear it."""
    spelling = Spelling.of(lesson.texts)
    memory = None if lesson.vectors is None else Memory.of(lesson)
    if lesson.count < 2:
        meant = None if lesson.vectors is None else only_class(lesson.vectors.shape[1])
        return Heads(spelling, only_class(len(spelling.columns)), meant, memory)
    copies = len(lesson.noisy[0])
    texts = [*lesson.texts, *(copy for take in range(copies) for copy in (noisy[take] for noisy in lesson.noisy))]
    classes, worth = np.tile(lesson.classes, 1 + copies), _worth(lesson)
    spelled = fit_spelling(spelling.vectors(texts), classes, np.tile(worth, 1 + copies), lesson.count)
    if lesson.vectors is None:
        return Heads(spelling, spelled, None, None)
    return Heads(spelling, spelled, fit_meaning(lesson.vectors, lesson.classes, worth, lesson.count), memory)


def encoded(texts: Sequence[str], embedder: Embedder) -> Floats:
    """Their embeddings. Sentences of one length go together: a batch takes as long as its longest."""
    order = sorted(range(len(texts)), key=lambda row: (len(texts[row]), texts[row]))
    parts = [embedder.encode([texts[row] for row in order[at : at + 256]]) for at in range(0, len(order), 256)]
    sorted_vectors = np.concatenate(parts)
    vectors = np.empty_like(sorted_vectors)
    vectors[order] = sorted_vectors
    return vectors


def _worth(lesson: Lesson) -> NDArray[np.float64]:
    """The lines outside, however many, count as much as all intents together."""
    outside = lesson.classes == lesson.intents
    worth = np.ones(len(lesson.classes))
    if outside.any():
        worth[outside] = min(1.0, float((~outside).sum() / outside.sum()))
    return worth


def parts(lesson: Lesson) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows to learn from and rows to ask, for each part. An intent's only phrasing is always learned from."""
    dealt, asked = next(((n, k) for most, n, k in PARTS_OF if len(lesson.texts) <= most), (5, 1))
    part = np.full(len(lesson.texts), -1)
    for number in range(lesson.count):
        rows = np.flatnonzero(lesson.classes == number).tolist()
        rows.sort(key=lambda row: zlib.crc32(lesson.texts[row].encode()))
        if len(rows) > 1:
            part[rows] = np.arange(len(rows)) % dealt
    for number in range(asked):
        if (part == number).any():
            yield np.flatnonzero(part != number), np.flatnonzero(part == number)


@dataclass(frozen=True)
class LeftOut:
    """What heads that had not learned them made of some phrasings. rows: of the lesson."""

    rows: NDArray[np.intp]
    evidence: Evidence


def learn(lesson: Lesson) -> tuple[Heads, LeftOut | None]:
    """The heads of all phrasings, sharpened by those that were left out in turn; None when none could be."""
    rounds = []
    for taught, asked in parts(lesson):
        heads = fit_heads(lesson.of(taught))
        rounds.append((asked, heads.look([lesson.texts[row] for row in asked], _rows(lesson.vectors, asked))))
    whole = fit_heads(lesson)
    if not rounds:
        return whole, None
    rows = np.concatenate([asked for asked, _ in rounds])
    return _sharpened(whole, rows, [seen for _, seen in rounds], lesson)


def _sharpened(
    heads: Heads, rows: NDArray[np.intp], seen: list[Evidence], lesson: Lesson
) -> tuple[Heads, LeftOut | None]:
    """Log chances are scores up to a constant for each row, so the parts' own sharpness of 1 is all that is undone."""
    truth = lesson.classes[rows]
    spelled = np.concatenate([one.spelled for one in seen])
    known = np.concatenate([one.known for one in seen])
    first = best_sharpness(spelled, truth)
    spelled = log_softmax(np.float32(first) * spelled)
    heads = replace(heads, spelled=replace(heads.spelled, sharpness=first))
    if heads.meant is None:
        return heads, LeftOut(rows, Evidence(spelled, spelled, known))
    meant = np.concatenate([one.meant for one in seen if one.meant is not None])
    second = best_sharpness(meant, truth)
    meant = log_softmax(np.float32(second) * meant)
    both = SPELLING_SHARE * spelled + (1 - SPELLING_SHARE) * meant
    third = best_sharpness(both, truth)
    heads = replace(heads, meant=replace(heads.meant, sharpness=second), sharpness=third)
    middle, nearest, outside = (
        np.concatenate([value for one in seen if (value := getattr(one, name)) is not None])
        for name in ("middle", "nearest", "outside")
    )
    evidence = Evidence(log_softmax(np.float32(third) * both), spelled, known, meant, middle, nearest, outside)
    return heads, LeftOut(rows, evidence)


def _rows(vectors: Floats | None, rows: NDArray[np.intp]) -> Floats | None:
    return None if vectors is None else vectors[rows]
