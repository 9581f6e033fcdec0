"""`- survey: {…}` — how satisfied the caller is, by key or voice; who does not answer is left in peace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from dialogs.checks import Checks
from dialogs.durations import Milliseconds
from dialogs.events import Surveyed
from dialogs.moves import NEXT, Move
from dialogs.problems import Path, Problem
from dialogs.slots import NumberSlot
from dialogs.steps.step import AskingStep
from dialogs.turn import Turn

COMMENTING = {"comment": "voice", "comment_after_key": "key"}
"""`State.mode` while the caller may add something in their own words, and how they answered before."""
_NPS = 10


class Survey(BaseModel):
    """id: its name in the history. kind: csat (1 to scale) or nps (0 to 10). say: the question's text. keypad_help:
    said when it is asked again. comment: a text that asks for a few words more, for scores up to comment_up_to. tries:
    times it is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
    kind: Literal["csat", "nps"] = "csat"
    scale: int = Field(default=5, ge=2, le=9)
    say: str
    keypad_help: str = ""
    comment: str = ""
    comment_up_to: int | None = None
    tries: int = Field(default=2, ge=1, le=5)
    timeout: Milliseconds = 5000


class SurveyStep(AskingStep):
    """survey: the question; what is answered becomes an event of the history."""

    keyword: ClassVar[str] = "survey"
    survey: Survey

    @property
    def _answers(self) -> NumberSlot:
        lowest, highest = (0, _NPS) if self.survey.kind == "nps" else (1, self.survey.scale)
        return NumberSlot(type="number", min=lowest, max=highest)

    def ways(self) -> Iterator[Path]:
        yield from super().ways()
        yield from (("survey", "answered"), ("survey", "unanswered"))

    def lint(self, checks: Checks) -> Iterator[Problem]:
        for name in ("say", "keypad_help", "comment"):
            if key := getattr(self.survey, name):
                yield from checks.text(key, "survey", name)

    def enter(self, turn: Turn) -> Move:
        turn.say(self.survey.say)
        return self._listen(turn)

    def _listen(self, turn: Turn) -> Move:
        if turn.state.mode in COMMENTING:
            return self.listen_for(turn, "open", self.survey.timeout)
        return self.listen_for(turn, "number", self.survey.timeout, self._answers.phrases(turn.state.language))

    def ask_again(self, turn: Turn, keypad: bool) -> None:
        if turn.state.mode in COMMENTING:
            turn.say(self.survey.comment)
        else:
            turn.say(self.survey.keypad_help or self.survey.say)
        self._listen(turn)

    def said(self, turn: Turn, text: str) -> Move:
        if turn.state.mode in COMMENTING:
            return self._commented(turn, text)
        return self._scored(turn, self._answers.hear(text, "", turn.state.language).value, text, "voice")

    def typed(self, turn: Turn, key: str) -> Move:
        if turn.state.mode in COMMENTING or not key.isdigit():
            return self._unanswered(turn, "no_match")
        digits = turn.state.so_far + key
        if self.survey.kind == "nps" and digits == "1":
            turn.change(so_far=digits)  # 1, or the beginning of 10
            return self.listen_for(turn, "number", turn.key_timeout_ms)
        return self._scored(turn, self._answers.settle(digits), "", "key")

    def silent(self, turn: Turn) -> Move:
        if turn.state.mode in COMMENTING:
            return self._commented(turn, "")
        if turn.state.so_far:
            return self._scored(turn, self._answers.settle(turn.state.so_far), "", "key")
        return self._unanswered(turn, "no_input")

    def _scored(self, turn: Turn, score: object, text: str, by: str) -> Move:
        turn.change(so_far="")
        if not isinstance(score, int):
            return self._unanswered(turn, "no_match", text)
        up_to = self.survey.comment_up_to
        if self.survey.comment and (up_to is None or score <= up_to):
            turn.change(mode="comment" if by == "voice" else "comment_after_key", heard=score)
            turn.say(self.survey.comment)
            return self._listen(turn)
        return self._told(turn, score, "", by)

    def _commented(self, turn: Turn, comment: str) -> Move:
        return self._told(turn, int(turn.state.heard or 0), comment, COMMENTING[turn.state.mode])

    def _told(self, turn: Turn, score: int, comment: str, by: str) -> Move:
        scale = _NPS if self.survey.kind == "nps" else self.survey.scale
        turn.took("survey", "answered")
        turn.actions.append(Surveyed(self.survey.id, self.survey.kind, score, scale, comment, by))
        turn.change(words="", mode="", heard=None)
        return NEXT

    def _unanswered(self, turn: Turn, kind: str, text: str = "") -> Move:
        """Asked again while there are tries; then the call goes on, unless its budget is used up."""
        asked = turn.state.no_input + turn.state.no_match + 1
        if asked >= self.survey.tries and turn.state.failures + 1 < turn.book.repair.call_budget:
            turn.change(failures=turn.state.failures + 1, words="")
            if turn.state.mode in COMMENTING:
                return self._commented(turn, "")
            turn.note("survey_unanswered", survey=self.survey.id)
            turn.took("survey", "unanswered")
            return NEXT
        return self.fail(turn, kind, quietly=True, text=text)

    def tries(self, turn: Turn) -> int | None:
        return None
