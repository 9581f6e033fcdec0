"""Which words of an utterance the recognizer itself was not sure of: understanding trusts them less."""

from __future__ import annotations

from collections.abc import Sequence

from voice.listening.recognizer import Word

UNSURE_BELOW = 0.7
"""A convention, not a measurement: words that Vosk hears well are near 1."""
_MOST = 40
"""Words told of one utterance; of a longer one the first."""


def unsure_words(words: Sequence[Word]) -> tuple[tuple[str, float], ...]:
    """(word, confidence 0..1) of the words below `UNSURE_BELOW`, in the order they were said; none when the engine
    gives no words. A word said twice is as sure as the surer time."""
    sureness: dict[str, float] = {}
    for word in words:
        sureness[word.text] = max(word.confidence, sureness.get(word.text, 0.0))
    return tuple((word, sure) for word, sure in sureness.items() if sure < UNSURE_BELOW)[:_MOST]
