"""`- record: on` — record the call from here on, after saying so; `pause`; `off`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import field_validator, model_validator

from dialogs.checks import Checks
from dialogs.moves import NEXT, Move
from dialogs.problems import Problem
from dialogs.steps.step import Step
from dialogs.turn import Turn

NOTICE = "recording_notice"


class RecordStep(Step):
    """record: on, pause or off (for good). On a line that is not recorded, nothing is said and nothing happens.

    on: the first time in a call the text `notice` is said; recording begins when it was played to its end, without
    interruption. After a pause the recording goes on with the step itself. keep: with `off`, whether what was recorded
    until then is kept; false for a caller who does not want it. agreed: with `on`, that the caller was asked before and
    their answer led here: the history then says that they agreed, and not only that they were told.
    """

    keyword: ClassVar[str] = "record"
    record: Literal["on", "pause", "off"]
    notice: str = NOTICE
    keep: bool = True
    agreed: bool = False

    @field_validator("record", mode="before")
    @classmethod
    def _read_as_bool(cls, value: Any) -> Any:
        """Editors of YAML 1.1 write true for on."""
        return {True: "on", False: "off"}[value] if isinstance(value, bool) else value

    @model_validator(mode="after")
    def _fitting(self) -> RecordStep:
        if "keep" in self.model_fields_set and self.record != "off":
            raise ValueError("keep belongs to record: off")
        if "notice" in self.model_fields_set and self.record != "on":
            raise ValueError("notice belongs to record: on")
        if "agreed" in self.model_fields_set and self.record != "on":
            raise ValueError("agreed belongs to record: on")
        return self

    def lint(self, checks: Checks) -> Iterator[Problem]:
        if self.record == "on":
            yield from checks.text(self.notice, "notice", of="recording needs a notice that the caller hears")

    def enter(self, turn: Turn) -> Move:
        if not turn.state.records:
            turn.note("not_recorded", mode=self.record, why="the line's recording policy is off")
            return NEXT
        if self.record == "on" and not turn.state.noticed:
            turn.say(self.notice, interruptible=False, repeatable=False)
            turn.change(noticed=True)
        turn.record(self.record, self.notice if self.record == "on" else "", self.keep, self.agreed)
        return NEXT
