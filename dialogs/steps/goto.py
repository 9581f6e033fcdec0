"""`- goto: more_help` — go on with another flow, without coming back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from dialogs.checks import Checks
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

    def flows(self) -> Iterator[str]:
        yield self.goto

    def lint(self, checks: Checks) -> Iterator[Problem]:
        yield from checks.flow(self.goto, "goto")

    def enter(self, turn: Turn) -> Move:
        return goto(self.goto)
