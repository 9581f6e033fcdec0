"""What of an event's payload others are told: what names nobody, and words without numbers and addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from history.redaction import redact_text

TOLD = frozenset(
    ("answered_by", "article", "bytes", "callback_seq", "campaign_id", "channel", "confidence", "direction", "door",
     "duration_ms", "end_ms", "flowbook", "interrupted", "key", "kind", "language", "latency_ms", "line", "media_seq",
     "media_type", "of", "operator", "outcome", "place", "queue", "reason", "recognizer", "returns", "skills",
     "speaker", "start_ms", "started_ms", "state", "status", "tries", "why")
)  # fmt: skip
"""Fields whose values are of our own making: names of queues, reasons, times. Everything else may hold what people
said, or who they are."""


WORDS = frozenset(["text", "summary"])
"""Fields that hold what people said: told without card numbers, telephone numbers and the like."""


def redacted(kind: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The payload without what may be personal. Takes a tenth of a second for the longest: not on a loop."""
    told = {name: value for name, value in payload.items() if name in TOLD}
    words = {name: redact_text(value) for name, value in payload.items() if name in WORDS and isinstance(value, str)}
    return {**told, **words}
