"""Which of the drafts ask what an article, or another draft, asks already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from knowledge.articles import Article
from knowledge.embedding import Embedder
from knowledge.exchange.drafted import Drafted
from knowledge.likeness import Likeness
from knowledge.wording import essence

ALIKE = 0.6
"""Likeness from which two questions are told as probably the same."""
MOST_TOLD = 3


@dataclass(frozen=True)
class Alike:
    """What a draft is like. article: an article's id, or a draft's. likeness: 0..1, see `knowledge.likeness`.

    same: a phrasing of the one stands in the other, word for word but for greetings and punctuation.
    """

    article: str
    is_draft: bool
    likeness: float
    same: bool


def duplicates(
    drafts: Sequence[Drafted], articles: Mapping[str, Article], embedder: Embedder | None
) -> dict[str, tuple[Alike, ...]]:
    """Draft's id → what it is like, most alike first; only those that are like something. Not: the article with its own
    id, which it is to replace. embedder: None compares spelling only."""
    asked = {one.id: _essences(one.content.get("phrasings")) for one in drafts}
    known = {one.id: _essences(one.phrasings) for one in articles.values() if one.phrasings}
    groups = [(name, False, lines) for name, lines in known.items() if lines]
    groups += [(name, True, lines) for name, lines in asked.items() if lines]
    if len(groups) < 2:
        return {}
    texts = [line for _, _, lines in groups for line in lines]
    starts = np.cumsum([0, *(len(lines) for _, _, lines in groups)])[:-1]
    likeness = Likeness(texts, starts.tolist(), [texts[0]], embedder)
    told = {}
    for place, (name, is_draft, lines) in enumerate(groups):
        if not is_draft:
            continue
        rows = likeness.of(lines)[:, :-1].max(axis=0)
        found = []
        for other in np.argsort(-rows, kind="stable"):
            theirs, also_draft, their_lines = groups[other]
            if other == place or (theirs == name and not also_draft):
                continue
            same = not set(lines).isdisjoint(their_lines)
            if rows[other] < ALIKE and not same:
                break
            found.append(Alike(theirs, also_draft, round(float(min(rows[other], 1.0)), 2), same))
        if found:
            told[name] = tuple(found[:MOST_TOLD])
    return told


def _essences(phrasings: Any) -> list[str]:
    lines: dict[str, None] = {}
    if isinstance(phrasings, Mapping):
        for language, said in phrasings.items():
            for line in said if isinstance(said, list | tuple) else ():
                if text := essence(str(line), str(language)):
                    lines[text] = None
    return list(lines)
