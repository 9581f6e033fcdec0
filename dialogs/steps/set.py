"""`- set: {reason: return}` — give slots a value, for conditions, texts or the operator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field, StrictBool, StrictInt, StrictStr

from dialogs.moves import NEXT, Move
from dialogs.slots import Slot
from dialogs.state import SlotValue
from dialogs.steps.step import Step
from dialogs.turn import Turn


class SetStep(Step):
    """set: slot → text, number or true/false, taken as written."""

    keyword: ClassVar[str] = "set"
    set: Annotated[dict[str, StrictBool | StrictInt | StrictStr], Field(min_length=1)]

    def slots(self) -> Mapping[str, Slot | SlotValue]:
        return self.set

    def enter(self, turn: Turn) -> Move:
        for name, value in self.set.items():
            turn.fill(name, value)
        return NEXT
