"""`- set: {reason: return}` — give slots a value, for conditions, texts or the operator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from dialogs.checks import Checks
from dialogs.conditions import value_of
from dialogs.facts import facts
from dialogs.moves import NEXT, Move
from dialogs.problems import Problem
from dialogs.slots import Slot
from dialogs.state import SlotValue
from dialogs.steps.step import Step
from dialogs.turn import Turn


class Computed(BaseModel):
    """cel: an expression that gives the value; null empties the slot."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cel: str


class SetStep(Step):
    """set: slot → text, number or true/false, taken as written; or {cel: expression}."""

    keyword: ClassVar[str] = "set"
    set: Annotated[dict[str, StrictBool | StrictInt | StrictStr | Computed], Field(min_length=1)]

    def slots(self) -> Mapping[str, Slot | SlotValue]:
        return {name: "" if isinstance(value, Computed) else value for name, value in self.set.items()}

    def lint(self, checks: Checks) -> Iterator[Problem]:
        for name, value in self.set.items():
            if isinstance(value, Computed):
                yield from checks.condition(value.cel, "set", name)

    def enter(self, turn: Turn) -> Move:
        for name, given in self.set.items():
            value = value_of(given.cel, facts(turn.book, turn.state)) if isinstance(given, Computed) else given
            if value is None:
                turn.change(slots={other: kept for other, kept in turn.state.slots.items() if other != name})
            else:
                turn.fill(name, value)
        return NEXT
