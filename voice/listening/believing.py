"""Whether words are believed: breaths and clicks make recognizers talk."""

from __future__ import annotations

from voice.listening.recognizer import Recognition

SHORT_VOICED_MS = 200
SHORT_CONFIDENCE = 0.4
"""Words from less voice than `SHORT_VOICED_MS` must be so sure."""


def is_believed(said: Recognition, voiced_ms: int) -> bool:
    """voiced_ms: how much voice the words are from. Words without a confidence are believed."""
    sure = said.confidence is None or said.confidence >= SHORT_CONFIDENCE
    return not said.text or sure or voiced_ms >= SHORT_VOICED_MS
