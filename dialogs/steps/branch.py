"""`- if: ordine.startsWith("4")` with `then:` and `else:` — choose by a condition on slots and the call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from dialogs.checks import Checks
from dialogs.conditions import CALL_FIELDS, ConditionFailed, holds, names_in
from dialogs.moves import Move
from dialogs.problems import Problem
from dialogs.steps.step import AnyStep, Step
from dialogs.turn import Turn


class IfStep(Step):
    """if: a CEL condition over slots (null until filled) and call.language, call.line, call.caller."""

    keyword: ClassVar[str] = "if"
    condition: str = Field(alias="if")
    then: tuple[AnyStep, ...] = Field(min_length=1)
    otherwise: tuple[AnyStep, ...] = Field(default=(), alias="else")

    @property
    def goes_on(self) -> bool:
        return any(not block or block[-1].goes_on for block in self.blocks().values())

    def blocks(self) -> Mapping[str, tuple[Step, ...]]:
        return {"then": self.then, "else": self.otherwise}

    def lint(self, checks: Checks) -> Iterator[Problem]:
        try:
            variables, call_fields = names_in(self.condition)
        except ConditionFailed as error:
            yield checks.problem(str(error), "if")
            return
        for name in sorted(variables - set(checks.slots) - {"call"}):
            known = ", ".join(sorted(checks.slots)) or "none"
            yield checks.problem(f"the condition uses {name!r}, which no step fills (slots: {known})", "if")
        for name in sorted(call_fields - set(CALL_FIELDS)):
            yield checks.problem(
                f"the condition uses call.{name}; there is only call.{', call.'.join(CALL_FIELDS)}", "if"
            )

    def enter(self, turn: Turn) -> Move:
        slots = {name: turn.state.slots.get(name) for name in turn.book.slots}
        call = {"language": turn.state.language, "line": turn.state.line, "caller": turn.state.caller}
        return Move("into", "then" if holds(self.condition, slots, call) else "else")
