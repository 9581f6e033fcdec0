"""`- goto: more_help` — go on with another flow, without coming back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from dialogs.checks import Checks
from dialogs.leads import Lead
from dialogs.moves import Move, goto
from dialogs.problems import Problem
from dialogs.steps.step import Step
from dialogs.turn import Turn


class GotoStep(Step):
    """goto: the flow."""

    keyword: ClassVar[str] = "goto"
    goto: str

    @property
    def goes_on(self) -> bool:
        return False

    def leads(self) -> Iterator[Lead]:
        yield Lead(("goto",), self.goto, "goto")

    def lint(self, checks: Checks) -> Iterator[Problem]:
        yield from checks.flow(self.goto, "goto")

    def enter(self, turn: Turn) -> Move:
        return goto(self.goto)
