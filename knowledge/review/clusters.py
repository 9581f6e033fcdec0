"""Misses that ask the same thing are one matter; those that cost most time come first."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.embedding import Embedder
from knowledge.review.misses import KINDS, Kind, Miss
from knowledge.wording import essence, unaccented

MEANING = 0.7
"""Weight of meaning against spelling in how alike two questions are."""
TOGETHER = 0.5
"""Mean likeness from which questions are one matter; by spelling alone it is lower."""
TOGETHER_BY_SPELLING = 0.35
MOST_QUESTIONS = 2_000
"""Different ones, the newest: the likeness of all pairs takes 32 MB and some seconds."""


@dataclass(frozen=True)
class Matter:
    """id: stays while its most frequent question does. questions: as they were heard, the most frequent first, each
    with its number of calls. calls: how many. handling_s: mean, from the question to the end of the call."""

    id: str
    language: str
    questions: tuple[tuple[str, int], ...]
    misses: tuple[Miss, ...]
    calls: int
    handling_s: float

    @property
    def cost_s(self) -> float:
        """Calls × handling time: what it cost callers and operators."""
        return round(self.calls * self.handling_s, 1)

    @property
    def kinds(self) -> dict[Kind, int]:
        counted = Counter(miss.kind for miss in self.misses)
        return {kind: counted[kind] for kind in KINDS if counted[kind]}


def matters(misses: Sequence[Miss], embedder: Embedder | None) -> list[Matter]:
    """What was not answered, the costliest first. The same misses always give the same matters, in whatever order.

    embedder: None compares by spelling only.
    """
    by_language: dict[str, list[Miss]] = defaultdict(list)
    for miss in sorted(misses, key=lambda one: (one.at, one.call, one.question)):
        if essence(miss.question, miss.language):
            by_language[miss.language.partition("-")[0]].append(miss)
    found = [matter for code, own in sorted(by_language.items()) for matter in _of_language(code, own, embedder)]
    return sorted(found, key=lambda one: (-one.cost_s, one.id))


def _of_language(code: str, misses: list[Miss], embedder: Embedder | None) -> list[Matter]:
    newest = {essence(miss.question, code): miss.at for miss in misses}
    kept = sorted(sorted(newest, key=lambda text: (newest[text], text))[-MOST_QUESTIONS:])
    group = dict(zip(kept, _groups(kept, embedder), strict=True))
    members: dict[int, list[Miss]] = defaultdict(list)
    for miss in misses:
        text = essence(miss.question, code)
        if text in group:
            members[group[text]].append(miss)
    return [_matter(code, own) for own in members.values()]


def _groups(texts: list[str], embedder: Embedder | None) -> list[int]:
    if len(texts) < 2:
        return [0] * len(texts)
    from sklearn.feature_extraction.text import TfidfVectorizer  # a second, which only the review needs

    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    rows = letters.fit_transform([unaccented(text) for text in texts])
    alike = (rows @ rows.T).toarray()
    together = TOGETHER_BY_SPELLING
    if embedder is not None:
        meanings = embedder.encode(texts).astype(np.float64)
        alike = MEANING * (meanings @ meanings.T) + (1 - MEANING) * alike
        together = TOGETHER
    away = np.clip(1.0 - alike, 0.0, 2.0)
    np.fill_diagonal(away, 0.0)
    from sklearn.cluster import AgglomerativeClustering

    grouping = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=1.0 - together
    )
    return [int(label) for label in grouping.fit_predict((away + away.T) / 2)]


def _matter(code: str, misses: list[Miss]) -> Matter:
    asked: dict[str, set[str]] = defaultdict(set)
    words: dict[str, Counter[str]] = defaultdict(Counter)
    for miss in misses:
        asked[essence(miss.question, code)].add(miss.call)
        words[essence(miss.question, code)][miss.question] += 1
    order = sorted(asked, key=lambda text: (-len(asked[text]), text))
    questions = tuple((words[text].most_common(1)[0][0], len(asked[text])) for text in order)
    longest: dict[str, int] = {}
    for miss in misses:
        longest[miss.call] = max(miss.handling_ms, longest.get(miss.call, 0))
    handling_s = round(sum(longest.values()) / len(longest) / 1000, 1)
    name = hashlib.sha256(f"{code}:{order[0]}".encode()).hexdigest()[:8]
    return Matter(name, code, questions, tuple(misses), len(longest), handling_s)
