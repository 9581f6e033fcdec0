"""Which words of a prompt did the caller hear before it stopped?"""

from __future__ import annotations

from collections.abc import Sequence

from voice.speaking.sentences import clean, sentences
from voice.speaking.ssml import plain

_DIGIT_WEIGHT = 4
"""A written digit is spoken as a word of about four letters."""


def words_played(text: str, shares: Sequence[tuple[str, float]]) -> str:
    """The words of `text` that were over; '' for none.

    shares: for each phrase that is or would have been spoken, its words and how much of it was played (0 to 1). Words
    share their sentence's time by their characters: engines tell no word times, so a word more or less is possible.
    Where the text has other sentences than were spoken (abbreviations and values are written out for the engine), the
    words share the time of the whole prompt in the same way. Tags (`voice.speaking.ssml`) are left out.
    """
    pieces = sentences(plain(text))
    if len(pieces) != len(shares):
        pieces, shares = (" ".join(pieces),), (("", _share_of_all(shares)),)
    heard: list[str] = []
    for piece, (_, share) in zip(pieces, shares, strict=True):
        heard += _begun(piece, share)
        if share < 1:
            break
    return clean(" ".join(heard))


def _begun(sentence: str, share: float) -> list[str]:
    """Its words that were over when this share of it was."""
    left = share * _weight(sentence) + 1e-6
    words: list[str] = []
    for word in sentence.split():
        left -= _weight(word)
        if left < 0:
            break
        words.append(word)
    return words


def _share_of_all(shares: Sequence[tuple[str, float]]) -> float:
    weights = sum(_weight(words) for words, _ in shares)
    return sum(_weight(words) * share for words, share in shares) / weights if weights else 0.0


def _weight(text: str) -> int:
    """Of the characters that are spoken; white space is not, so that words add up to their sentence."""
    return sum(_DIGIT_WEIGHT if c.isdigit() else 1 for c in text if not c.isspace())
