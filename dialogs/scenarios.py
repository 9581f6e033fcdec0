"""The tests of a flowbook, as they are written in it: what a caller does, what the bot is to do, how the call ends."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, model_validator


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_DONE = ("user", "keys", "silent", "finds")
_SEEN = ("ask", "said", "answered", "handoff", "end")


class ScenarioTurn(_Part):
    """One of: what the caller does (user: their words; keys; silent), what a search finds (finds: an article's id or an
    intent, in place of the real search), or what the bot has done since (ask: it asks for this slot, or with this text;
    said: the text was said; answered: the article; handoff: the queue; end: the outcome)."""

    user: str = ""
    keys: str = Field(default="", pattern=r"^[0-9*#]*$")
    silent: Literal[True] | None = None
    finds: str = ""
    ask: str = ""
    said: str = ""
    answered: str = ""
    handoff: str = ""
    end: str = ""

    @model_validator(mode="after")
    def _one_thing(self) -> ScenarioTurn:
        given = [name for name in (*_DONE, *_SEEN) if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(f"a turn has one of {', '.join(_DONE)}, {', '.join(_SEEN)}")
        return self


class Expectation(_Part):
    """How the call stands in the end. What is left out is not looked at. slots: these have these values."""

    slots: dict[str, StrictBool | StrictInt | StrictStr] = Field(default_factory=dict)
    failures: int | None = Field(default=None, ge=0)
    outcome: str = ""
    handoff: str = ""
    verified: bool | None = None


class Scenario(_Part):
    """at: when the call begins, in the time zone of the calendars (default: when some calendar is open). mock: answers
    of other systems, by flow and step ("booking.call"; of several "booking.call.2"); {error: …} for none. contact: what
    the history knows of the caller."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    at: datetime | None = None
    language: str = ""
    caller: str = "+390000000000"
    contact: dict[str, Any] = Field(default_factory=dict)
    mock: dict[str, Any] = Field(default_factory=dict)
    turns: tuple[ScenarioTurn, ...] = Field(min_length=1)
    expect: Expectation = Expectation()
