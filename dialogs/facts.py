"""What conditions and texts can read: slots, results of other systems, the call, the contact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialogs import contact
from dialogs.frame import Frame
from dialogs.state import State

CALL_FIELDS = ("language", "line", "caller", "verified", "topic", "urgency", "mood")


def facts(book: Frame, state: State) -> dict[str, Any]:
    """name → value, for a condition; slots that are not filled and results that are not there are None."""
    return {
        **dict.fromkeys(book.results),
        **state.results,
        **{name: state.slots.get(name) for name in book.slots},
        "call": {
            "language": state.language,
            "line": state.line,
            "caller": state.caller,
            "verified": state.verified,
            "topic": state.topic,
            "urgency": state.urgency,
            "mood": state.mood,
        },
        "contact": contact.complete(state.contact),
    }


def at_path(known: Mapping[str, Any], path: str) -> Any:
    """The value of `contact.last.day`; of a list the first; None when there is none."""
    value: Any = known
    for part in path.split("."):
        if isinstance(value, list | tuple):
            value = value[0] if value else None
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
