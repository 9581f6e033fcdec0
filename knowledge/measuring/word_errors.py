"""Sentences as a recognizer with a given share of wrong words might write them: noise to measure with.

Recognizers write real words: a word is taken for one that is spelled like it, is lost, or gets a filler beside it. What
models are trained with is another kind of noise (`knowledge.mishearing`), so that they cannot learn this one by heart.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from knowledge.wording import level

LOST = 0.2
INSERTED = 0.1
"""Shares of the errors that are lost words and inserted fillers; all others are words taken for others."""
ALIKE = 5
"""A word is taken for one of so many that are spelled most like it."""
_FILLERS = ("eh", "ah", "mm")
DOUBTED_BELOW = 0.7
"""As calls have it (`voice.listening.unsure`)."""
_WRONG, _RIGHT = (4, 3), (9, 1)


class WordErrors:
    """rate: errors for each word, 0..1 (0.15 is a word error rate of about 15 %). vocabulary: the words there are."""

    def __init__(self, rate: float, vocabulary: Iterable[str]) -> None:
        self._rate = rate
        self._vocabulary = sorted({word for text in vocabulary for word in level(text).split()})
        self._alike: dict[str, Sequence[str]] = {}
        self.words = self.errors = 0
        """Of all that was heard so far."""

    def heard(self, text: str) -> str:
        """A levelled copy with errors. The same text always gives the same copy; never empty when `text` has a word."""
        return " ".join(word for word, _ in self._words(text))

    def doubted(self, text: str) -> list[tuple[str, float]]:
        """The same copy's words below `DOUBTED_BELOW`, with confidences that are drawn, not measured: of a wrong word
        from Beta(4, 3) (0.57 in the mean), of a right one from Beta(9, 1) (0.9)."""
        chance = random.Random(~zlib.crc32(text.encode()))  # noqa: S311 (the same)
        counted = self.words, self.errors
        said = [(word, chance.betavariate(*(_WRONG if wrong else _RIGHT))) for word, wrong in self._words(text)]
        self.words, self.errors = counted
        return [(word, sure) for word, sure in said if sure < DOUBTED_BELOW]

    def _words(self, text: str) -> list[tuple[str, bool]]:
        """Each with whether it is wrong."""
        chance = random.Random(zlib.crc32(text.encode()))  # noqa: S311 (nothing secret: noise to measure with)
        said = level(text).split()
        heard, errors = list[tuple[str, bool]](), 0
        for word in said:
            if chance.random() >= self._rate:
                heard.append((word, False))
                continue
            errors += 1
            kind = chance.random()
            if kind < LOST:
                continue
            if kind < LOST + INSERTED:
                heard += [(word, False), (chance.choice(_FILLERS), True)]
            else:
                heard.append((chance.choice(self._words_like(word) or [word]), True))
        if not heard:
            heard, errors = [(word, False) for word in said], 0
        self.words, self.errors = self.words + len(said), self.errors + errors
        return heard

    def _words_like(self, word: str) -> Sequence[str]:
        if word not in self._alike:
            near = process.extract(word, self._vocabulary, scorer=JaroWinkler.normalized_similarity, limit=ALIKE + 1)
            self._alike[word] = [other for other, _, _ in near if other != word][:ALIKE]
        return self._alike[word]
