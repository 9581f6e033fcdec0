"""A call that somebody types: what they do goes in, what the bot does, why, and where it stands comes out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dialogs.events import Message, Request, Responded
from dialogs.flowbook import Flowbook
from dialogs.rehearsal.beginning import started, wrong_with
from dialogs.rehearsal.call import Exchange, Finds, Moment, RehearsedCall
from dialogs.rehearsal.doing import Impossible, do
from dialogs.rehearsal.mocks import Mocks, responded, step_name, step_names
from dialogs.rehearsal.recorded_test import answers, as_test
from dialogs.rehearsal.showing import shown, where
from dialogs.scenarios import DONE, MOST_TURNS, Opening, ScenarioTurn
from dialogs.state import State

MOST_INPUTS = 500
"""Of one simulated call; each keeps a state."""
MOST_EVENTS = 3_000
"""What came of them; a key is one."""


class Simulator:
    """One simulated call. pretends: whether messages arrive without being sent. Other systems that `mock` says nothing
    of are waited for: `answer`, or whoever really asks them, goes on (`asks`).

    Every method that goes on returns {"exchanges": […], "state": {…}} (`dialogs.rehearsal.showing`), and raises
    Impossible for what cannot be done now, which then changes nothing.
    """

    def __init__(self, book: Flowbook, finds: Finds, opening: Opening) -> None:
        """Raises Impossible when no call can begin so."""
        if wrong := wrong_with(book, opening):
            raise Impossible(wrong)
        self.book, self.opening = book, opening
        self._mocks = Mocks(book, opening.mock)
        self.call = RehearsedCall(book, finds, self._plays)
        self._before: list[tuple[Moment, int]] = []
        self._began: list[Exchange] = []
        self.inputs: list[tuple[ScenarioTurn, list[Exchange]]] = []
        self.begin()

    def begin(self, at: datetime | None = None) -> dict[str, Any]:
        """The call begins, or begins anew. at: then."""
        if at is not None:
            self.opening = self.opening.model_copy(update={"at": at})
        self._before, self.inputs = [], []
        self._mocks = Mocks(self.book, self._mocks.answers)
        self._began = self.call.begins(started(self.book, self.opening))
        return self._told(self._began, self.call.state)

    def take(self, turn: ScenarioTurn, *, finds: tuple[str, ...] = ()) -> dict[str, Any]:
        """What the caller does, or what else happens, as a test would write it. finds: in place of the search."""
        if turn.kind not in DONE or turn.kind == "finds":
            raise Impossible(f"{turn.kind} is for tests; a call has {', '.join(one for one in DONE if one != 'finds')}")
        if len(self.inputs) >= MOST_INPUTS or len(self.call.now.exchanges) >= MOST_EVENTS:
            raise Impossible("a simulated call cannot be this long; begin another one")
        before, seen = self.call.now, len(self.call.now.exchanges)
        instead = ScenarioTurn(finds=finds) if finds else None
        do(self.call, turn, instead)
        self.call.instead = None
        self._before.append((before, len(self.inputs)))
        made = list(self.call.now.exchanges[seen:])
        self.inputs += [(turn, made)] if instead is None else [(turn, []), (instead, made)]
        return self._told(made, before.state)

    @property
    def asks(self) -> Request | Message | None:
        """What another system is asked and has not answered yet."""
        return self.call.now.waiting

    def answer(self, value: Any) -> dict[str, Any]:
        """The other system answers so; {"error": …} for no answer."""
        if self.asks is None:
            raise Impossible("no other system is being asked")
        return self.responds(responded(value, self.asks.id, self.call.now.at_ms))

    def responds(self, answer: Responded) -> dict[str, Any]:
        """The same, as whoever asked tells it."""
        before, seen = self.call.now, len(self.call.now.exchanges)
        self.call.take(answer)
        made = list(self.call.now.exchanges[seen:])
        (self.inputs[-1][1] if self.inputs else self._began).extend(made)
        return self._told(made, before.state)

    def mock(self, name: str, value: Any) -> None:
        """From now on that step's system answers so. Raises Impossible for a name that no step has."""
        known = step_names(self.book)
        if name not in known:
            raise Impossible(
                f"no step asks another system under the name {name!r}; there are: {', '.join(known) or '–'}"
            )
        self._mocks.answers[name] = value

    def back(self) -> dict[str, Any]:
        """Before the last input."""
        if not self._before:
            raise Impossible("this is the beginning of the call")
        self.call.now, kept = self._before.pop()
        del self.inputs[kept:]
        return self._told([], self.call.state)

    def state(self) -> dict[str, Any]:
        """Where the call stands."""
        return where(self.book, self.call.now)

    def as_test(self, name: str) -> dict[str, Any]:
        """What was done so far, as a test that expects what the bot did; ready to be written below `tests:`. What other
        systems answered stands in its `mock`. Raises Impossible while one of them is being asked, and when the call is
        too long for a test."""
        if self.asks is not None:
            raise Impossible("another system is being asked; say first what it answers")
        played = {**self._mocks.answers, **answers(self.book, self.call.now.exchanges)}
        opening = self.opening.model_copy(update={"mock": played})
        test = as_test(self.book, name, opening, self._began, self.inputs)
        if len(test["turns"]) > MOST_TURNS:
            raise Impossible(f"a test has at most {MOST_TURNS} turns; this call has {len(test['turns'])}")
        return test

    def _plays(self, asked: Request | Message, state: State, at_ms: int) -> Responded | None:
        known = step_name(self.book, state.at) in self._mocks.answers
        return self._mocks(asked, state, at_ms) if known or isinstance(asked, Message) else None

    def _told(self, made: list[Exchange], before: State) -> dict[str, Any]:
        states = [before, *(exchange.state for exchange in made)]
        exchanges = [shown(self.book, exchange, met) for exchange, met in zip(made, states, strict=False)]
        return {"exchanges": exchanges, "state": self.state()}
