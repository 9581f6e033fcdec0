"""A question of which the recognizer was not sure in every word is compared twice: as it was heard, and without them.

Both readings count, the second the more, the less sure the words were. No word is believed or thrown away for good:
letters still find the word that was only half misheard, and a wrong word no longer hides what the others ask.
"""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.wording import level

Unsure = Sequence[tuple[str, float]]
"""(word, confidence 0..1) of the words that the recognizer doubted."""
_LEAST_LEFT = 2
"""Words that a question needs without the doubted ones: one word alone asks anything."""


def readings(asked: str, unsure: Unsure) -> list[tuple[str, float]]:
    """(text, share), shares add up to 1; the text as heard is first. asked: levelled, as `knowledge.wording.essence`
    leaves it. Only that one, with share 1, when nothing in it was doubted or too little would be left."""
    doubts = {piece: sure for word, sure in unsure for piece in level(word).split()}
    words = asked.split()
    left = [word for word in words if word not in doubts]
    doubted = [min(1.0, max(0.0, doubts[word])) for word in words if word in doubts]
    if not doubted or len(left) < max(_LEAST_LEFT, len(doubted)):
        return [(asked, 1.0)]
    sure = sum(doubted) / len(doubted)
    return [(asked, sure), (" ".join(left), 1.0 - sure)]
