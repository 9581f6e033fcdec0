"""`- jump: ask_name` — go through another flow and come back; `- return: true` — come back from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from dialogs.checks import Checks
from dialogs.leads import Lead
from dialogs.moves import BACK, Move, jump
from dialogs.problems import Problem
from dialogs.steps.step import Step
from dialogs.turn import Turn


class JumpStep(Step):
    """jump: the flow; its `return` leads to the step after this one."""

    keyword: ClassVar[str] = "jump"
    jump: str

    def leads(self) -> Iterator[Lead]:
        yield Lead(("jump",), self.jump, "jump")

    def lint(self, checks: Checks) -> Iterator[Problem]:
        yield from checks.flow(self.jump, "jump")

    def enter(self, turn: Turn) -> Move:
        return jump(self.jump)


class ReturnStep(Step):
    """return: true. Goes back to where the last jump, or the last digression (`always.intents`), began."""

    keyword: ClassVar[str] = "return"
    back: Literal[True] = Field(alias="return")

    @property
    def goes_on(self) -> bool:
        return False

    def enter(self, turn: Turn) -> Move:
        return BACK
