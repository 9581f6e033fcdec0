"""`- say: hello` — play a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from dialogs.checks import Checks
from dialogs.moves import NEXT, Move
from dialogs.problems import Problem
from dialogs.steps.step import Step
from dialogs.turn import Turn


class SayStep(Step):
    """say: key of the text. interruptible: whether the caller may talk over it."""

    keyword: ClassVar[str] = "say"
    say: str
    interruptible: bool = True

    def lint(self, checks: Checks) -> Iterator[Problem]:
        yield from checks.text(self.say, "say")

    def enter(self, turn: Turn) -> Move:
        turn.say(self.say, interruptible=self.interruptible)
        return NEXT
