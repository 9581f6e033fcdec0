"""A call on the pure engine, with a search, other systems that are played, and a clock that goes only when told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from dialogs import engine
from dialogs.events import (
    Action,
    CallerSaid,
    CallerSilent,
    CallerTyped,
    CallStarted,
    Candidate,
    Event,
    LookedUp,
    Lookup,
    Message,
    Request,
    Responded,
)
from dialogs.flowbook import Flowbook
from dialogs.problems import Path
from dialogs.state import State

SPEAKING_MS = 3_000
"""That a caller's words take on the clock of a rehearsed call."""
TYPING_MS = 300
_ERRANDS_IN_A_ROW = 100
"""More cannot come of one event: each is a step of a flow."""


class Finds(Protocol):
    """What answers `Lookup`: `dialogs.understanding.Understanding`."""

    def lookup(self, action: Lookup, at_ms: int) -> LookedUp: ...

    def known(self, article: str, language: str) -> Candidate | None: ...


Plays = Callable[[Request | Message, State, int], Responded | None]
"""The other systems: (what is asked, the state, the time in ms) → the answer; None when it will come from outside."""


@dataclass(frozen=True)
class Exchange:
    """One event, what the dialog did about it, which way it went, and where it stands then."""

    event: Event
    actions: tuple[Action, ...]
    way: tuple[Path, ...]
    state: State


@dataclass(frozen=True)
class Moment:
    """Where a rehearsed call stands: all of it, so that one may go back."""

    state: State
    at_ms: int
    exchanges: tuple[Exchange, ...] = ()
    waiting: Request | Message | None = None
    """What was asked of another system and is not answered yet."""


class RehearsedCall:
    """The call. Every method returns the exchanges that came of it, up to where the dialog waits for the caller."""

    def __init__(self, book: Flowbook, finds: Finds, plays: Plays) -> None:
        self.book, self.finds, self.plays = book, finds, plays
        self.now = Moment(engine.start(book, book.languages.default), 0)
        self.instead: Callable[[Lookup, int], Event] | None = None
        """Taken once in place of the search."""

    @property
    def state(self) -> State:
        return self.now.state

    def begins(self, started: CallStarted) -> list[Exchange]:
        """The call is answered."""
        self.now = Moment(engine.start(self.book, started.language), 0)
        return self.take(started)

    def says(self, text: str, confidence: float | None = None) -> list[Exchange]:
        """The caller has said this."""
        self.waits(SPEAKING_MS)
        return self.take(CallerSaid(self.now.at_ms, text, confidence))

    def types(self, keys: str) -> list[Exchange]:
        """The caller presses these keys, one after the other."""
        found = []
        for key in keys:
            self.waits(TYPING_MS)
            found += self.take(CallerTyped(self.now.at_ms, key))
        return found

    def is_silent(self) -> list[Exchange]:
        """The caller says nothing until the time is over."""
        listen = self.state.listen
        if listen is not None:
            self.waits(listen.timeout_ms)
        return self.take(CallerSilent(self.now.at_ms))

    def waits(self, by_ms: int) -> None:
        """Time passes."""
        self.now = Moment(self.now.state, self.now.at_ms + by_ms, self.now.exchanges, self.now.waiting)

    def comes_to(self, at_ms: int) -> None:
        """Time passes, until then."""
        self.waits(max(0, at_ms - self.now.at_ms))

    def take(self, event: Event) -> list[Exchange]:
        """Whatever else happens; searches and other systems are answered until the caller's turn has come."""
        found = [self._step(event)]
        for _ in range(_ERRANDS_IN_A_ROW):
            answer = self._answer(found[-1])
            if answer is None:
                break
            found.append(self._step(answer))
        return found

    def _step(self, event: Event) -> Exchange:
        walked = engine.walk(self.book, self.state, event)
        exchange = Exchange(event, walked.actions, walked.way, walked.state)
        asked = [action for action in walked.actions if isinstance(action, Request | Message) and action.id]
        waiting = (asked[-1] if asked else self.now.waiting) if walked.state.phase == "calling" else None
        self.now = Moment(walked.state, self.now.at_ms, (*self.now.exchanges, exchange), waiting)
        return exchange

    def _answer(self, last: Exchange) -> Event | None:
        lookups = [action for action in last.actions if isinstance(action, Lookup)]
        if last.state.phase == "looking" and lookups:
            find, self.instead = self.instead or self.finds.lookup, None
            return find(lookups[-1], self.now.at_ms)
        if self.now.waiting is not None:
            return self.plays(self.now.waiting, self.state, self.now.at_ms)
        return None
