"""Feeding a stored call to the engine again: the same events must give the same actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast, get_args

from dialogs import engine
from dialogs.confidence import is_masked
from dialogs.events import Action, Event
from dialogs.flowbook import Flowbook

_ACTIONS = get_args(Action)

Turn = tuple[Event, tuple[Action, ...]]
"""One event and the actions the engine answered it with."""


@dataclass(frozen=True)
class Difference:
    """The first event whose actions are not those that were stored. index counts events from 0."""

    index: int
    event: Event
    stored: tuple[Action, ...]
    now: tuple[Action, ...]

    def __str__(self) -> str:
        pairs = zip(self.stored, self.now, strict=False)
        at = next((i for i, (old, new) in enumerate(pairs) if old != new), min(len(self.stored), len(self.now)))
        stored = self.stored[at] if at < len(self.stored) else "nothing"
        now = self.now[at] if at < len(self.now) else "nothing"
        return f"event {self.index} ({self.event}), action {at}: stored {stored}, now {now}"


@dataclass(frozen=True)
class Replayed:
    """same: every event gave exactly the stored actions. masked: it ends, after `events`, where the caller told
    something in confidence, which is not in the log; what follows depends on it."""

    same: bool
    events: int
    first_difference: Difference | None = None
    masked: bool = False


def turns(log: Iterable[Event | Action]) -> list[Turn]:
    """A log in the order of its entries, cut at each event. Raises ValueError when it begins with an action."""
    found: list[tuple[Event, list[Action]]] = []
    for entry in log:
        if not isinstance(entry, _ACTIONS):
            found.append((cast(Event, entry), []))
        elif not found:
            raise ValueError(f"the log begins with an action: {entry}")
        else:
            found[-1][1].append(entry)
    return [(event, tuple(actions)) for event, actions in found]


def replay(book: Flowbook, language: str, steps: Sequence[Turn]) -> Replayed:
    """Run the events of `steps` through the engine with `book` (the revision the call was pinned to)."""
    state = engine.start(book, language)
    for index, (event, stored) in enumerate(steps):
        if is_masked(event):
            return Replayed(True, index, masked=True)
        state, now = engine.step(book, state, event)
        if now != tuple(stored):
            return Replayed(False, index + 1, Difference(index, event, tuple(stored), now))
    return Replayed(True, len(steps))
