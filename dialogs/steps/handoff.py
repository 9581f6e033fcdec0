"""`- handoff: desk` — pass the call to an operator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from dialogs.checks import Checks
from dialogs.moves import Move
from dialogs.problems import Problem
from dialogs.steps.step import Step
from dialogs.turn import Turn


class HandoffStep(Step):
    """handoff: the queue. with: slots the operator sees (default: all). priority: instead of the queue's."""

    keyword: ClassVar[str] = "handoff"
    handoff: str
    with_slots: tuple[str, ...] | None = Field(default=None, alias="with")
    priority: int | None = None

    @property
    def goes_on(self) -> bool:
        return False

    def lint(self, checks: Checks) -> Iterator[Problem]:
        yield from checks.queue(self.handoff, "handoff")
        for name in self.with_slots or ():
            yield from checks.slot(name, "with")

    def enter(self, turn: Turn) -> Move:
        return turn.hand_off(self.handoff, "flow", self.with_slots, self.priority)
