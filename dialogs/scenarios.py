"""The tests of a flowbook, as they are written in it: what a caller does, what the bot is to do, how the call ends."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, model_validator

from dialogs.durations import Milliseconds

MOST_TESTS = 500
"""Of one flowbook."""
MOST_TURNS = 200
"""Of one test."""

Value = StrictBool | StrictInt | StrictStr
_Words = Annotated[str, Field(max_length=1000)]

Happening = Literal[
    "operator_joins", "offer_declined", "nobody_available", "waited_too_long", "queue_full", "queue_closed",
    "operator_lost", "put_through", "not_put_through", "hearing_lost", "hearing_lost_again", "search_fails",
    "service_ends", "service_ends_with_human",
]  # fmt: skip
"""What may become of a call apart from its caller."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


DONE = ("user", "keys", "silent", "hangs_up", "finds", "wait", "place", "happens", "given_back")
SEEN = (
    "ask", "said", "words", "answered", "offered", "handoff", "callback", "message", "record", "note", "language",
    "flow", "slots", "failures", "end",
)  # fmt: skip
_BESIDE = {"confidence": "user", "wait_left": "place"}


class ScenarioTurn(_Part):
    """One of: what is done, or what the bot has done since.

    Done: user: the caller's words (confidence: 0..1, as a recognizer would have given it). keys. silent. hangs_up.
    finds: what the search for the words before finds, in place of the real one: an article's id or an intent; several
    articles: it may be any of these; 'nothing'. wait: time passes. place: the caller's in the queue (wait_left: what is
    told of the wait). happens: see `Happening`. given_back: the operator gives the call back to the bot, at this flow
    of `handback` or, '', at none.

    Seen: ask: it asks for this slot, or with this text. said: the text with this key. words: what was said holds these.
    answered, offered: the article. handoff, callback: the queue. message: sms or email. record: on, pause,
    off. note: its topic, or a flow's own. end: the outcome, and the bot hung up. language, flow, slots, failures: as
    they are now.
    """

    user: _Words | None = None
    confidence: float | None = Field(default=None, ge=0, le=1)
    keys: str | None = Field(default=None, pattern=r"^[0-9*#]{1,64}$")
    silent: Literal[True] | None = None
    hangs_up: Literal[True] | None = None
    finds: str | tuple[str, ...] | None = None
    wait: Milliseconds | None = None
    place: int | None = Field(default=None, ge=1, le=1000)
    wait_left: Milliseconds | None = None
    happens: Happening | None = None
    given_back: str | None = None
    ask: str | None = None
    said: str | None = None
    words: _Words | None = None
    answered: str | None = None
    offered: str | None = None
    handoff: str | None = None
    callback: str | None = None
    message: Literal["sms", "email"] | None = None
    record: str | None = None
    note: str | None = None
    language: str | None = None
    flow: str | None = None
    slots: dict[str, Value | None] | None = None
    failures: int | None = Field(default=None, ge=0)
    end: str | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> ScenarioTurn:
        given = [name for name in (*DONE, *SEEN) if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a turn has one of {', '.join(DONE)}, or one of {', '.join(SEEN)}")
        for name, whose in _BESIDE.items():
            if getattr(self, name) is not None and given != [whose]:
                raise ValueError(f"{name} belongs to {whose}")
        return self

    @property
    def kind(self) -> str:
        """Which of `DONE` and `SEEN` it is."""
        return next(name for name in (*DONE, *SEEN) if getattr(self, name) is not None)


class Expectation(_Part):
    """How the call stands in the end. What is left out is not looked at. slots: these have these values, null: none.
    outcome: as the history would have it if the caller hung up now. handoff: the queue that the caller was last sent
    to, '' for none."""

    slots: dict[str, Value | None] = Field(default_factory=dict)
    failures: int | None = Field(default=None, ge=0)
    outcome: str = ""
    handoff: str | None = None
    verified: bool | None = None
    language: str = ""


class Opening(_Part):
    """How a call begins, in a test or a simulator.

    at: when, in the time zone of the calendars (default: when all of them are open). mock: answers of other systems, by
    flow and step ("booking.call", "booking.message"; of several "booking.call.2"); {error: …} for none, {in_turn: […]}
    for one after the other. contact: what the history knows of the caller. line: its id. closed: the flow that a line's
    hours begin with. records: whether the line is recorded where the flow says so.

    A call of ours: flow: that it begins with, slots: what is known before, answered_by: person or machine.
    """

    at: datetime | None = None
    language: str = ""
    line: Annotated[str, Field(max_length=100)] = "test"
    caller: Annotated[str, Field(max_length=40)] = "+390000000000"
    contact: dict[str, Any] = Field(default_factory=dict)
    flow: str = ""
    slots: dict[str, str] = Field(default_factory=dict)
    answered_by: Literal["person", "machine"] = "person"
    closed: str = ""
    records: bool = False
    mock: dict[str, Any] = Field(default_factory=dict)


class Scenario(Opening):
    """One test."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    turns: tuple[ScenarioTurn, ...] = Field(min_length=1, max_length=MOST_TURNS)
    expect: Expectation = Expectation()
