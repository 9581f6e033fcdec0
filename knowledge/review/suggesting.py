"""What would answer a matter: more phrasings for an article, or a new one in the words of who answered it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from knowledge.article_lint import LONGEST_SPOKEN_WORDS
from knowledge.exchange.drafted import content_of, id_for
from knowledge.exchange.speakable import article_from
from knowledge.review.clusters import Matter
from knowledge.search import KnowledgeBase
from knowledge.wording import essence

MOST_PHRASINGS = 5
"""Of a matter that are added at once."""
FEWEST_WORDS = 4
"""Of an operator's sentence that may be an answer; shorter ones greet, agree or ask back."""
FEWEST_WORDS_AFTER = 3
"""Of one that goes on with the answer."""
_SENTENCE = re.compile(r"(?<=[.!?…。])\s+")
_DIGITS = re.compile(r"\d(?:[\s.-]?\d){4,}")


@dataclass(frozen=True)
class Suggestion:
    """kind: 'phrasings' for `article`, or a new 'article'. content: what the article would be then. phrasings: those
    that come in. test: a question of the matter that it must then answer, left out of the phrasings where there are
    several. why: for who decides."""

    kind: Literal["phrasings", "article"]
    article: str
    content: Mapping[str, Any]
    phrasings: tuple[str, ...]
    test: str
    why: str


def suggest(matter: Matter, base: KnowledgeBase, article: str = "") -> Suggestion:
    """article: to be given the phrasings, '' for the likeliest. Raises KeyError when there is no such article.

    The likeliest is one that the bot would at least ask about ("did you mean …?"). Below that it is wrong oftener than
    right, and questions outside of what the company knows are there too (docs/knowledge.md): a phrasing that was added
    by one click would have the bot answer them.
    """
    asked = [question for question, _ in matter.questions if essence(question, matter.language)]
    test = asked[-1] if len(asked) > 1 else asked[0]
    phrasings = tuple(asked[:-1] if len(asked) > 1 else asked)[:MOST_PHRASINGS]
    words = _operators_words(matter)
    if article:
        return _phrasings(matter, base, article, phrasings, test, "chosen by hand")
    better = Counter(miss.better for miss in matter.misses if miss.better in base.articles)
    if better:
        return _phrasings(matter, base, better.most_common(1)[0][0], phrasings, test, "callers then got it from there")
    unhelpful = {name for miss in matter.misses for name in miss.unhelpful}
    likely, score = _likeliest(matter, base, asked, unhelpful)
    if likely and score >= base.bands.choose:
        return _phrasings(matter, base, likely, phrasings, test, f"the search finds it likeliest ({score:.2f})")
    return _article(matter, base, phrasings, test, words)


def _likeliest(matter: Matter, base: KnowledgeBase, asked: Sequence[str], unhelpful: set[str]) -> tuple[str, float]:
    scores: dict[str, float] = defaultdict(float)
    for question in asked[:20]:
        for hit in base.search(question, matter.language).candidates:
            if hit.article not in unhelpful:
                scores[hit.article] += hit.score / min(len(asked), 20)
    return max(scores.items(), key=lambda one: one[1]) if scores else ("", 0.0)


def _phrasings(
    matter: Matter, base: KnowledgeBase, article: str, phrasings: tuple[str, ...], test: str, why: str
) -> Suggestion:
    content = content_of(base.articles[article])
    known = content["phrasings"].setdefault(matter.language, [])
    there = {essence(one, matter.language) for one in known}
    new = tuple(one for one in phrasings if essence(one, matter.language) not in there)
    content["phrasings"][matter.language] = [*known, *new]
    return Suggestion("phrasings", article, content, new, test, why)


def _article(matter: Matter, base: KnowledgeBase, phrasings: tuple[str, ...], test: str, words: str) -> Suggestion:
    draft = article_from(phrasings[0], [words] if words else [], matter.language, "review")
    name, number = id_for(phrasings[0]), 2
    while name in base.articles:
        name, number = f"{id_for(phrasings[0])}-{number}", number + 1
    content = {**draft.content, "id": name, "phrasings": {matter.language: list(phrasings)}}
    why = "no article fits; an operator answered it so" if words else "no article fits; write the answer"
    return Suggestion("article", name, content, phrasings, test, why)


def _operators_words(matter: Matter) -> str:
    """The first sentences that somebody answered with, at most as many as can be remembered; long numbers are masked,
    for they belong to one caller."""
    for miss in sorted(matter.misses, key=lambda one: (len(one.operator) == 0, one.at)):
        said: list[str] = []
        for text in miss.operator:
            for sentence in _SENTENCE.split(text):
                bare = essence(sentence, matter.language)
                if len(bare.split()) < (FEWEST_WORDS_AFTER if said else FEWEST_WORDS) or sentence.rstrip().endswith(
                    "?"
                ):
                    continue
                if said and len(" ".join([*said, sentence]).split()) > LONGEST_SPOKEN_WORDS:
                    break
                said.append(_DIGITS.sub("…", sentence.strip()))
        if said:
            text = " ".join(said[:2])
            return text[0].upper() + text[1:] + ("" if text.endswith((".", "!", "…")) else ".")
    return ""
