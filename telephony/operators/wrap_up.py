"""What an operator may say of a call when it is over: the codes, and the time there is for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from telephony.operators.call_side import CallSide

LONGEST_CODE = 32
LONGEST_NOTE = 2000
"""Characters."""

Code = Annotated[str, Field(min_length=1, max_length=LONGEST_CODE, pattern=r"^[a-z0-9_]+$")]
Title = Annotated[str, Field(min_length=1, max_length=64)]


class CodeTitles(BaseModel):
    """How operators read a code."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    it: Title
    en: Title


def _usual() -> dict[str, CodeTitles]:
    return {
        "solved": CodeTitles(it="Risolto", en="Solved"),
        "follow_up": CodeTitles(it="Da seguire", en="To be followed up"),
        "not_for_us": CodeTitles(it="Non riguarda noi", en="Not for us"),
        "other": CodeTitles(it="Altro", en="Something else"),
    }


class WrapUpSettings(BaseModel):
    """`[wrap_up]`. seconds: of work behind a call, and how much longer an operator may once take. default: the code of
    who chooses none. codes: in the order in which they are shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: int = Field(default=120, ge=5, le=3600)
    default: Code = "other"
    codes: dict[Code, CodeTitles] = Field(default_factory=_usual, min_length=1, max_length=30)

    @model_validator(mode="after")
    def _has_the_default(self) -> Self:
        if self.default not in self.codes:
            raise ValueError(f"default {self.default!r} is none of the codes: {', '.join(self.codes)}")
        return self


USUAL = WrapUpSettings()


@dataclass(frozen=True)
class Work:
    """Behind one call. code, note: what its operator has chosen and written so far. extended: they took more time."""

    call: CallSide
    began_ms: int
    ends_ms: int
    code: str = ""
    note: str = ""
    extended: bool = False

    def longer(self, by_ms: int) -> Work:
        """Once; a second time changes nothing."""
        return self if self.extended else replace(self, ends_ms=self.ends_ms + by_ms, extended=True)

    def written(self, operator: str, default: str, now_ms: int) -> dict[str, Any]:
        """What the history has of it when it ends now; without a choice, the default code."""
        return {
            "operator": operator,
            "duration_ms": now_ms - self.began_ms,
            "code": self.code or default,
            "note": self.note.strip(),
        }
