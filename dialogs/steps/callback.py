"""`- callback: desk` — record that the caller is to be called back; the flow goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from dialogs.checks import Checks
from dialogs.handing_off import call_back
from dialogs.moves import NEXT, Move
from dialogs.problems import Problem
from dialogs.steps.step import Step
from dialogs.turn import Turn


class CallbackStep(Step):
    """callback: the queue that calls back. number: the slot with the number (default: the caller's own)."""

    keyword: ClassVar[str] = "callback"
    callback: str
    number: str = ""
    with_slots: tuple[str, ...] | None = Field(default=None, alias="with")

    def lint(self, checks: Checks) -> Iterator[Problem]:
        yield from checks.queue(self.callback, "callback")
        for name in (*((self.number,) if self.number else ()), *(self.with_slots or ())):
            yield from checks.slot(name, "number" if name == self.number else "with")
        if self.number in checks.book.sensitive:
            why = f"slot {self.number!r} is sensitive, so its value is not written down: nobody could call it"
            yield checks.problem(why, "number")

    def enter(self, turn: Turn) -> Move:
        number = str(turn.state.slots.get(self.number, "")) if self.number else ""
        call_back(turn, self.callback, "flow", number or turn.state.caller, self.with_slots)
        return NEXT
