"""Conversations as tests write them: what the caller does, what the bot did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from dialogs import engine
from dialogs.events import (
    Action,
    Callback,
    CallEnded,
    CallerSaid,
    CallerSilent,
    CallerTyped,
    CallStarted,
    Candidate,
    End,
    Event,
    Handoff,
    Listen,
    LookedUp,
    Lookup,
    Message,
    Note,
    Request,
    Responded,
    Say,
    Surveyed,
)
from dialogs.flowbook import Flowbook
from dialogs.state import State

T = TypeVar("T")


def article(name: str, score: float = 0.9, sensitive: bool = False, queue: str = "") -> Candidate:
    """An article whose answer is "answer NAME"."""
    return Candidate(name, "v1", f"title {name}", f"answer {name}", score, sensitive, queue)


@dataclass
class Conversation:
    """A call on `book`; every state passes through JSON on its way, as it does when a call is resumed."""

    book: Flowbook
    language: str = "it"
    caller: str = "+39051123456"
    clock: str = ""
    contact: Mapping[str, Any] = field(default_factory=dict)
    state: State = field(init=False)
    last: tuple[Action, ...] = ()
    log: list[tuple[Event, tuple[Action, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state = engine.start(self.book, self.language)
        self.event(
            CallStarted(0, "line", self.language, self.caller, self.clock[:10], clock=self.clock, contact=self.contact)
        )

    def event(self, event: Event) -> tuple[Action, ...]:
        self.state, self.last = engine.step(self.book, self.state, event)
        self.state = State.from_json(json.loads(json.dumps(self.state.to_json())))
        self.log.append((event, self.last))
        return self.last

    def says(self, text: str) -> list[str]:
        self.event(CallerSaid(1, text, 0.9))
        return self.said

    def types(self, keys: str) -> list[str]:
        for key in keys:
            self.event(CallerTyped(1, key))
        return self.said

    def is_silent(self) -> list[str]:
        self.event(CallerSilent(1))
        return self.said

    def finds(self, band: str, *found: Candidate, intents: tuple[tuple[str, float], ...] = ()) -> list[str]:
        """The search that is under way comes back."""
        self.event(LookedUp(1, self.state.words, band, found, intents))
        return self.said

    def answers(self, value: Any = None, ok: bool = True, status: int = 200, error: str = "") -> list[str]:
        """The other system that is being asked answers."""
        self.event(Responded(1, self.state.requests, ok, status, value, error))
        return self.said

    def hangs_up(self, reason: str = "caller_hung_up") -> str:
        """The outcome."""
        self.event(CallEnded(9, reason))
        (note,) = [action for action in self.last if isinstance(action, Note)]
        return note.values["outcome"]

    @property
    def said(self) -> list[str]:
        """Keys of the texts the bot just said; articles by their words."""
        return [action.key or action.text for action in self.last if isinstance(action, Say)]

    @property
    def texts(self) -> list[str]:
        return [action.text for action in self.last if isinstance(action, Say)]

    @property
    def listen(self) -> Listen:
        return self._only(Listen)

    @property
    def lookup(self) -> Lookup:
        return self._only(Lookup)

    @property
    def handoff(self) -> Handoff:
        return self._only(Handoff)

    @property
    def callback(self) -> Callback:
        return self._only(Callback)

    @property
    def end(self) -> End:
        return self._only(End)

    @property
    def notes(self) -> list[str]:
        return [action.topic for action in self.last if isinstance(action, Note)]

    @property
    def request(self) -> Request:
        return self._only(Request)

    @property
    def message(self) -> Message:
        return self._only(Message)

    @property
    def survey(self) -> Surveyed:
        return self._only(Surveyed)

    def _only(self, kind: type[T]) -> T:
        (found,) = [action for action in self.last if isinstance(action, kind)]
        return found
