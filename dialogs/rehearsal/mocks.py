"""Other systems as tests play them: the answers that stand under `mock:`, by flow and step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialogs.events import Message, Request, Responded
from dialogs.flowbook import Flowbook
from dialogs.state import Address, State
from dialogs.walking import every_step, step_at

_ASKING = ("call", "message")


class NotMocked(Exception):
    """A `call` step was reached whose answer nothing says; the message says what to write."""


class Mocks:
    """answers: step's name → the answer's JSON; {error: why, status: 503} for none; {in_turn: […]} for one after the
    other, the last one for all that follow. What is sent by a `message` step arrives unless something else is said."""

    def __init__(self, book: Flowbook, answers: Mapping[str, Any]) -> None:
        self._book = book
        self.answers = dict(answers)
        self._asked: dict[str, int] = {}

    def __call__(self, asked: Request | Message, state: State, at_ms: int) -> Responded:
        """Raises NotMocked."""
        name = step_name(self._book, state.at)
        if name not in self.answers:
            if isinstance(asked, Message):
                return Responded(at_ms, asked.id, True, 200)
            raise NotMocked(
                f"the flow asks another system ({asked.method} {asked.url}), and nothing says what it answers; add "
                f"mock: {{{name}: …}}"
            )
        return responded(self._next(name), asked.id, at_ms)

    def unknown(self) -> list[str]:
        """Names that no step has."""
        names = step_names(self._book)
        return [name for name in self.answers if name not in names]

    def _next(self, name: str) -> Any:
        answer = self.answers[name]
        if not (isinstance(answer, Mapping) and set(answer) == {"in_turn"} and isinstance(answer["in_turn"], list)):
            return answer
        place = self._asked.get(name, 0)
        self._asked[name] = place + 1
        return answer["in_turn"][min(place, len(answer["in_turn"]) - 1)] if answer["in_turn"] else None


def responded(answer: Any, request: int, at_ms: int) -> Responded:
    """An answer as tests write it."""
    if isinstance(answer, Mapping) and "error" in answer and set(answer) <= {"error", "status"}:
        status = answer.get("status", 0)
        return Responded(at_ms, request, False, status if isinstance(status, int) else 0, error=str(answer["error"]))
    return Responded(at_ms, request, True, 200, answer)


def step_names(book: Flowbook) -> dict[str, Address]:
    """The names of all steps that ask other systems: "booking.call", a second one in the same flow "booking.call.2"."""
    found: dict[str, Address] = {}
    counts: dict[tuple[str, str], int] = {}
    for at, step in every_step(book.flows):
        if step.keyword in _ASKING:
            flow = str(at[0])
            counts[flow, step.keyword] = number = counts.get((flow, step.keyword), 0) + 1
            found[f"{flow}.{step.keyword}" + (f".{number}" if number > 1 else "")] = at
    return found


def step_name(book: Flowbook, at: Address) -> str:
    """The name of the step at this address."""
    named = {address: name for name, address in step_names(book).items()}
    return named.get(at) or f"{at[0]}.{step_at(book.flows, at).keyword}"
