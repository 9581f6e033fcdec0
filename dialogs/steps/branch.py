"""`- if: ordine.startsWith("4")` with `then:` and `else:` — choose by a condition on slots and the call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from dialogs.checks import Checks
from dialogs.conditions import holds
from dialogs.facts import facts
from dialogs.moves import Move
from dialogs.problems import Path, Problem
from dialogs.steps.step import AnyStep, Step
from dialogs.turn import Turn


class IfStep(Step):
    """if: a CEL condition over slots (null until filled) and call.language, call.line, call.caller,
    call.verified, what `call` steps saved, and contact."""

    keyword: ClassVar[str] = "if"
    condition: str = Field(alias="if")
    then: tuple[AnyStep, ...] = Field(min_length=1)
    otherwise: tuple[AnyStep, ...] = Field(default=(), alias="else")

    @property
    def goes_on(self) -> bool:
        return any(not block or block[-1].goes_on for block in self.blocks().values())

    def blocks(self) -> Mapping[str, tuple[Step, ...]]:
        return {"then": self.then, "else": self.otherwise}

    def ways(self) -> Iterator[Path]:
        yield from (("then",), ("else",))

    def lint(self, checks: Checks) -> Iterator[Problem]:
        yield from checks.condition(self.condition, "if")

    def enter(self, turn: Turn) -> Move:
        block = "then" if holds(self.condition, facts(turn.book, turn.state)) else "else"
        turn.took(block)
        return Move("into", block)
