"""`- handoff: desk` — pass the call to an operator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from dialogs.checks import Checks
from dialogs.handing_off import hand_off
from dialogs.leads import Lead
from dialogs.moves import Move
from dialogs.problems import Path, Problem
from dialogs.rendering import MASK, fields
from dialogs.steps.step import Step
from dialogs.turn import Turn


class HandoffStep(Step):
    """handoff: the queue. with: slots the operator sees (default: all). priority: instead of the queue's. skills:
    needed besides the queue's. briefing: key of a text for the operator alone, in the flowbook's default language,
    with the values of sensitive slots masked. to:
    whom the caller is put through to first, by their name in the settings."""

    keyword: ClassVar[str] = "handoff"
    handoff: str
    with_slots: tuple[str, ...] | None = Field(default=None, alias="with")
    priority: int | None = None
    skills: tuple[str, ...] = ()
    briefing: str = ""
    to: str = Field(default="", max_length=64, pattern=r"^[a-z0-9_.\-]*$")

    @property
    def goes_on(self) -> bool:
        return False

    def leads(self) -> Iterator[Lead]:
        yield Lead(("handoff",), self.handoff, "queue")

    def ways(self) -> Iterator[Path]:
        if self.to:
            yield from (("to", "put_through"), ("to", "not_put_through"))

    def lint(self, checks: Checks) -> Iterator[Problem]:
        yield from checks.queue(self.handoff, "handoff")
        for name in self.with_slots or ():
            yield from checks.slot(name, "with")
        if self.briefing:
            yield from checks.text(self.briefing, "briefing")

    def enter(self, turn: Turn) -> Move:
        return self._hand_off(turn, "flow", self.to)

    def not_put_through(self, turn: Turn) -> Move:
        """Nobody was reached there: the queue it is."""
        turn.took("to", "not_put_through")
        return self._hand_off(turn, "not_put_through", "")

    def _hand_off(self, turn: Turn, reason: str, to: str) -> Move:
        briefing = ""
        if self.briefing:
            code = turn.book.languages.default
            template = turn.book.texts[self.briefing][code]
            secret = turn.book.sensitive.intersection(field.name for field in fields(template))
            briefing = turn.written(template, code, dict.fromkeys(secret, MASK))  # it is in the history
        return hand_off(turn, self.handoff, reason, self.with_slots, self.priority, self.skills, briefing, to)
