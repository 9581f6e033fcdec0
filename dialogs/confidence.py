"""What callers tell in confidence: values of `sensitive` slots.

The engine knows them while the call lasts, so that conditions can be decided. What leaves it for the history, a
transcript, an operator or a log is masked: hand-offs in the engine itself, everything that is written by `stored`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dialogs.events import Action, CallerSaid, CallerTyped, Event, LookedUp, Lookup, Note, Say, Sensed, to_json
from dialogs.frame import Frame
from dialogs.rendering import MASK
from dialogs.state import State

VERIFYING = "verify"
"""`State.mode` while a caller is asked for what only they know."""


def in_confidence(book: Frame, state: State) -> bool:
    """Whether the caller is being asked for a sensitive value, or for a yes to one that was read back."""
    asked = state.asking in book.sensitive or state.mode == VERIFYING
    return state.phase in ("listening", "looking") and asked


_TOLD = ("text", "key", "value", "detail")
"""Values of a `Note` that hold what the caller said or typed (detail: an error's words may quote it)."""


def stored(item: Event | Action, masked: bool) -> dict[str, Any]:
    """`to_json` of what may be written down. masked: the event, or the one that led to this action, was told in
    confidence."""
    if isinstance(item, Say) and item.shown:
        item = replace(item, text=item.shown)
    elif not masked:
        pass
    elif isinstance(item, CallerSaid | Lookup):
        item = replace(item, text=MASK, unsure=())
    elif isinstance(item, LookedUp):
        item = replace(item, text=MASK)
    elif isinstance(item, Sensed):
        item = replace(item, why=MASK)
    elif isinstance(item, CallerTyped):
        item = replace(item, key=MASK)
    elif isinstance(item, Note):
        item = replace(item, values={**item.values, **{name: MASK for name in _TOLD if name in item.values}})
    return to_json(item)


def is_masked(event: Event) -> bool:
    """Whether this event of a log was told in confidence."""
    return (isinstance(event, CallerSaid) and event.text == MASK) or (
        isinstance(event, CallerTyped) and event.key == MASK
    )
