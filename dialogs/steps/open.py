"""`- open: office` with `else: closed` — whether a calendar is open at this moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from dialogs.checks import Checks
from dialogs.leads import Lead
from dialogs.moves import NEXT, Move, goto
from dialogs.problems import Path, Problem
from dialogs.slots import Slot
from dialogs.state import SlotValue
from dialogs.steps.step import Step
from dialogs.turn import Turn


class OpenStep(Step):
    """open: the calendar. else: the flow for callers who come when it is closed; when it is open the next step runs.

    save: a slot that gets the next opening as "2026-11-30T08:30", for {slot:date} and {slot:time}.
    """

    keyword: ClassVar[str] = "open"
    calendar: str = Field(alias="open")
    otherwise: str = Field(alias="else")
    save: str = ""

    def leads(self) -> Iterator[Lead]:
        yield Lead(("else",), self.otherwise)

    def slots(self) -> Mapping[str, Slot | SlotValue]:
        return {self.save: ""} if self.save else {}

    def ways(self) -> Iterator[Path]:
        yield from (("open",), ("else",))

    def lint(self, checks: Checks) -> Iterator[Problem]:
        yield from checks.calendar(self.calendar, "open")
        yield from checks.flow(self.otherwise, "else")

    def enter(self, turn: Turn) -> Move:
        now = turn.now
        if now is None:
            raise LookupError("the time of this call is not known, so nobody can say what is open")
        calendar = turn.book.calendars[self.calendar]
        if calendar.is_open(now):
            turn.took("open")
            return NEXT
        turn.took("else")
        turn.note("closed", calendar=self.calendar)
        opens = calendar.next_opening(now)
        if self.save and opens is not None:
            turn.fill(self.save, opens.strftime("%Y-%m-%dT%H:%M"))
        return goto(self.otherwise)
