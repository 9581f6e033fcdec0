"""Phrasings that nearly stand in another article, too: callers who say them hear the one answer or the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from knowledge.articles import Article
from knowledge.likeness import Likeness
from knowledge.wording import essence

CLOSE = 0.85
"""Likeness, by words and letters, above which two phrasings differ in hardly more than an ending. Much below it stand
the phrasings that differ in the one word that matters: of the sample company's 731, none reaches it, 57 reach 0.5."""
CLOSER = 0.05
"""How much closer the other article is before it is told."""


@dataclass(frozen=True)
class Confusable:
    """A phrasing, by its article, language and place there, and the article that it is closer to."""

    article: str
    language: str
    index: int
    phrasing: str
    other: str
    likeness: float


def confusable(articles: Mapping[str, Article]) -> list[Confusable]:
    """Each such phrasing, when it is left out of its own article. By spelling only: some milliseconds a phrasing."""
    rows: list[tuple[str, str, int, str]] = []
    texts: list[str] = []
    starts: list[int] = []
    names: list[str] = []
    for one in articles.values():
        known: set[str] = set()
        for language, phrasings in one.phrasings.items():
            for index, phrasing in enumerate(phrasings):
                text = essence(phrasing, language)
                if not text or text in known:
                    continue
                if not known:
                    starts.append(len(texts))
                    names.append(one.id)
                known.add(text)
                texts.append(text)
                rows.append((one.id, language, index, phrasing))
    if len(names) < 2:
        return []
    found = []
    alike = Likeness(texts, starts, [texts[0]], None).of(texts, left_out=range(len(texts)))[:, :-1]
    groups = np.repeat(np.arange(len(names)), np.diff([*starts, len(texts)]))
    for row, (article, language, index, phrasing) in enumerate(rows):
        own = alike[row, groups[row]]
        others = np.where(np.arange(len(names)) == groups[row], -1.0, alike[row])
        nearest = int(np.argmax(others))
        if others[nearest] >= CLOSE and others[nearest] > own + CLOSER:
            found.append(
                Confusable(article, language, index, phrasing, names[nearest], round(float(others[nearest]), 2))
            )
    return found
