"""`- language: en` — go on in another language: texts, voice and recognizer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from dialogs.checks import Checks
from dialogs.events import SwitchLanguage
from dialogs.moves import NEXT, Move
from dialogs.problems import Problem
from dialogs.steps.step import Step
from dialogs.turn import Turn


class LanguageStep(Step):
    """language: one of the flowbook's codes."""

    keyword: ClassVar[str] = "language"
    language: str

    def lint(self, checks: Checks) -> Iterator[Problem]:
        if self.language not in checks.languages:
            known = ", ".join(checks.languages)
            yield checks.problem(f"{self.language!r} is no language of this flowbook; there are {known}", "language")

    def enter(self, turn: Turn) -> Move:
        if self.language != turn.state.language:
            turn.change(language=self.language, words="")
            turn.actions.append(SwitchLanguage(self.language))
        return NEXT
