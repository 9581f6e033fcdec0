"""Which words of a prompt did the caller hear before it stopped?"""

from __future__ import annotations

from voice.speaking.rendering import PAUSE_MS
from voice.speaking.sentences import clean, sentences
from voice.speaking.ssml import plain

_DIGIT_WEIGHT = 4
"""A written digit is spoken as a word of about four letters."""


def words_played(text: str, duration_ms: int, played_ms: int) -> str:
    """The words of `text` that were over when `played_ms` of its `duration_ms` had been played; '' for none.

    Sentences share the time by their characters, with the pause that the synthesizers put between them; words share
    their sentence's time in the same way. Engines tell no word times, so a word more or less is possible. A prompt
    that was played to its end is given whole. Tags (`voice.speaking.ssml`) are left out.
    """
    text = plain(text)
    if played_ms >= duration_ms:
        return text.strip()
    pieces = sentences(text)
    if not pieces or played_ms <= 0:
        return ""
    pauses_ms = PAUSE_MS * (len(pieces) - 1)
    pause_ms = PAUSE_MS if pauses_ms < duration_ms / 2 else 0
    speech_ms = duration_ms - pause_ms * (len(pieces) - 1)
    ms_per_weight = speech_ms / sum(_weight(piece) for piece in pieces)
    heard: list[str] = []
    clock = 0.0
    for piece in pieces:
        for word in piece.split():
            clock += _weight(word) * ms_per_weight
            if clock > played_ms:
                return " ".join(heard)
            heard.append(word)
        clock += pause_ms
    return clean(" ".join(heard))


def _weight(text: str) -> int:
    """Of the characters that are spoken; white space is not, so that words add up to their sentence."""
    return sum(_DIGIT_WEIGHT if c.isdigit() else 1 for c in text if not c.isspace())
