"""What was said, as it may be searched, summed up and sent to others: without personal identifiers."""

from __future__ import annotations

from collections.abc import Sequence

from history.projections import Segment
from history.redaction import Turn, redact_text, redact_turns

shown_text = redact_text
"""A text that stands alone."""


def shown_texts(segments: Sequence[Segment]) -> list[str]:
    """The text of each turn of one conversation."""
    return list(redact_turns([Turn(segment.speaker, segment.text) for segment in segments]).texts)
