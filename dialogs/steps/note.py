"""`- note: wants_invoice` — a fact for the history, with the values of some slots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from dialogs.checks import Checks
from dialogs.moves import NEXT, Move
from dialogs.problems import Problem
from dialogs.rendering import as_text
from dialogs.steps.step import Step
from dialogs.turn import Turn


class NoteStep(Step):
    """note: a word of your own. with: slots whose values are noted, too."""

    keyword: ClassVar[str] = "note"
    note: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
    with_slots: tuple[str, ...] = Field(default=(), alias="with")

    def lint(self, checks: Checks) -> Iterator[Problem]:
        for name in self.with_slots:
            yield from checks.slot(name, "with")
            yield from checks.not_in_confidence(f"{{{name}}}", "a note of the history", "with")

    def enter(self, turn: Turn) -> Move:
        given = {name: as_text(turn.state.slots[name]) for name in self.with_slots if name in turn.state.slots}
        turn.note("flow", note=self.note, **{f"slot_{name}": value for name, value in given.items()})
        return NEXT
