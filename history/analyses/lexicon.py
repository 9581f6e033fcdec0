"""What words tell of topic, urgency and mood: lists of our own for each language, and what an admin adds to them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from history.search.words import stem, words

FOLDER = Path(__file__).parent / "lexicons"
SURE, SOME = 2.0, 1.0
LONGEST_PHRASE = 6
"""Words of one entry."""

Phrases = Mapping[tuple[str, ...], float]
"""Stems in order → weight."""


@dataclass(frozen=True)
class Match:
    """Where a phrase stands among the words of a turn."""

    begin: int
    end: int
    weight: float
    text: str


@dataclass(frozen=True)
class Lexicon:
    """One language's; `Lexicon()` knows nothing."""

    topics: Mapping[str, Phrases] = field(default_factory=dict)
    urgent: Phrases = field(default_factory=dict)
    calm: Phrases = field(default_factory=dict)
    hurry: Phrases = field(default_factory=dict)
    anger: Phrases = field(default_factory=dict)
    negative: Phrases = field(default_factory=dict)
    positive: Phrases = field(default_factory=dict)
    negations: frozenset[str] = frozenset()
    intensifiers: frozenset[str] = frozenset()


def phrases(listed: Iterable[str], weight: float = SOME) -> dict[tuple[str, ...], float]:
    return {tuple(map(stem, words(one))): weight for one in listed if words(one)}


@lru_cache(maxsize=32)
def lexicon(language: str) -> Lexicon:
    """'it' and 'en' are known; every other language knows nothing."""
    path = FOLDER / f"{language}.toml"
    if not language.isalpha() or not path.is_file():
        return Lexicon()
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    mood, urgency = told["mood"], told["urgency"]
    return Lexicon(
        topics={
            name: phrases(of.get("words", ())) | phrases(of.get("sure", ()), SURE)
            for name, of in told["topics"].items()
        },
        urgent=phrases(urgency["high"]),
        calm=phrases(urgency["low"]),
        hurry=phrases(urgency["hurry"]),
        anger=phrases(mood["anger"]),
        negative=phrases(mood["negative"]),
        positive=phrases(mood["positive"]),
        negations=frozenset(stem(word) for one in mood["negations"] for word in words(one)),
        intensifiers=frozenset(stem(word) for one in mood["intensifiers"] for word in words(one)),
    )


def matches(said: Sequence[str], stems: Sequence[str], known: Phrases) -> Iterator[Match]:
    """The longest phrase at each place, one behind the other. said: the folded words; stems: theirs."""
    if not known:
        return
    at = 0
    while at < len(stems):
        for length in range(min(LONGEST_PHRASE, len(stems) - at), 0, -1):
            phrase = tuple(stems[at : at + length])
            if phrase in known:
                yield Match(at, at + length, known[phrase], " ".join(said[at : at + length]))
                at += length - 1
                break
        at += 1
