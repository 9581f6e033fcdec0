"""What a recognizer might have made of a question: noise to measure the search with."""

from __future__ import annotations

import random
import zlib

ALTERED_WORDS = 0.2
"""Share of words altered in a copy; telephone speech is commonly recognised with 10 to 20 % of its words wrong."""


def misheard(text: str, take: int = 0) -> str:
    """A copy of a levelled text with some words altered, one at least. The same text always gives the same copy; take:
    another one.

    A letter is lost, doubled or taken for another of the same text (so of its script), or a short word is lost.
    """
    chance = random.Random(zlib.crc32(text.encode()) + take)  # noqa: S311 (nothing secret: noise to measure with)
    words = text.split()
    certain = chance.randrange(len(words))
    letters = sorted(set(text) - {" "})
    heard = []
    for place, word in enumerate(words):
        if place != certain and chance.random() >= ALTERED_WORDS:
            heard.append(word)
        elif len(word) > 3 or len(words) < 4:
            at = chance.randrange(len(word))
            heard.append(word[:at] + chance.choice(["", word[at] * 2, chance.choice(letters)]) + word[at + 1 :])
    return " ".join(" ".join(heard).split()) or text
