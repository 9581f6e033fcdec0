"""A log without identifiers: its transcript as one conversation, every other text in it by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from history.events import StoredEvent
from history.redaction import Turn, redact_text, redact_turns

_OURS = frozenset(("file", "sha512", "revision", "id", "seq", "interaction_id", "delete_after", "source", "time"))
"""Fields that hold no words: digits in them are a checksum's or a date's."""
_PIECES = frozenset(("unsure",))
"""Fields of single words out of a text: alone, no redaction knows them for digits of a number."""
_DEEPEST = 12


def redacted_log(events: Sequence[StoredEvent]) -> list[StoredEvent]:
    """The events with what redaction finds taken out of every text in them, the caller's number too. Pure."""
    said = [event for event in events if event.type == "transcript"]
    turns = [Turn(str(event.payload.get("speaker", "")), str(event.payload.get("text", ""))) for event in said]
    texts = dict(zip((event.seq for event in said), redact_turns(turns).texts, strict=True))
    found = []
    for event in events:
        payload = {name: without_identifiers(value, name=name) for name, value in event.payload.items()}
        if event.seq in texts:
            payload["text"] = texts[event.seq]
        found.append(replace(event, payload=payload))
    return found


def without_identifiers(value: Any, text: Callable[[str], str] = redact_text, name: str = "", depth: int = 0) -> Any:
    """JSON with every text in it as `text` gives it back. name: of the field that it stands in. Pure."""
    if name in _PIECES and isinstance(value, list):
        return []
    if isinstance(value, str):
        return value if name in _OURS else text(value)
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        return {key: without_identifiers(one, text, str(key), depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [without_identifiers(one, text, name, depth + 1) for one in value]
    return value
