"""`- end: answered` — hang up."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from dialogs.moves import Move
from dialogs.steps.step import Step
from dialogs.turn import Turn


class EndStep(Step):
    """end: the call's outcome for the history: answered, callback, no_input or a word of your own."""

    keyword: ClassVar[str] = "end"
    end: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]

    @property
    def goes_on(self) -> bool:
        return False

    def enter(self, turn: Turn) -> Move:
        return turn.end(self.end)
