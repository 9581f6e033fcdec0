"""Was it really one of the phrases? A grammar makes its phrases of whatever it hears, and is sure of them.

Measured with 50 phrases on Korean speech that held none of them: confidences of 0.71-0.98. What tells is how much
better free speech explains the same sound: its decoder's score was 12-35 a second above the grammar's there, and 24
below to 7 above it where a phrase was said (docs/recognition.md).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from voice.listening.recognizer import Word

_SURE_PHRASE = 0.7
_SURE_WORDS = 0.9
_SURE_WORD = 0.6
_OUTSIDE_A_SECOND = 9.0
"""Between the 7.4 that synthetic voices reached with a phrase and the 11.7 that speech outside reached at least."""


def is_marker(word: str) -> bool:
    """Whether it stands for sound that is no word: <UNK>, [noise], !SIL, (laughter)."""
    return word[:1] in "<[!("


def doubtful(words: Sequence[Word], phrases: Collection[str]) -> bool:
    """Whether a grammar's result deserves a second look, which costs a fifth of the utterance's length.

    Trusted are a whole phrase, and single words in a row (digits) that are all sure.
    """
    if not words:
        return False
    if any(is_marker(word.text) for word in words):
        return True
    mean = sum(word.confidence for word in words) / len(words)
    if " ".join(word.text for word in words) in phrases:
        return mean < _SURE_PHRASE
    return (
        mean < _SURE_WORDS
        or min(word.confidence for word in words) < _SURE_WORD
        or any(word.text not in phrases for word in words)
    )


def is_outside(free_score: float, grammar_score: float, sound_s: float) -> bool:
    """Whether free speech explains `sound_s` of sound so much better that the grammar's words were not said."""
    return free_score - grammar_score > _OUTSIDE_A_SECOND * sound_s
