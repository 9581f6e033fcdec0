"""Where a call stands: everything the engine remembers between two events, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from dialogs.events import Candidate, Listen, Say, from_json, to_json

SlotValue = str | int | bool
"""number: int; yes_no: bool; all others: str."""

Phase = Literal["new", "listening", "looking", "calling", "queued", "operator", "ending", "ended"]
"""new: not answered yet. listening: a `Listen` is open. looking: a `Lookup` is under way. calling: waits for another
system. queued: waits for an operator. operator: a human talks, the bot is silent. ending: `End` was sent. ended: the
call is over."""

Address = tuple[str | int, ...]
"""A step's place: flow, index, then for each nested block its name and index: ('order', 2, 'then', 0)."""


@dataclass(frozen=True)
class Left:
    """A place the dialog comes back to. question: the question there is asked again, as it was; else the step behind
    `at` follows."""

    at: Address
    question: bool = False
    mode: str = ""
    asking: str = ""
    heard: SlotValue | None = None
    also_heard: Mapping[str, SlotValue] = field(default_factory=dict)
    no_input: int = 0
    no_match: int = 0


@dataclass(frozen=True)
class State:
    """The dialog of one call. Mappings and tuples are never changed in place.

    day: the date of the call (ISO 8601), '' when it is not known: what "tomorrow" is counted from. clock: the moment of
    its answer, with offset. contact: what the history knew of the caller then.
    mode: what the current step is doing ('' asks, 'choose' offered candidates, 'more' and 'link' offered an article's
    details and address, 'confirm' read a value back).
    asking: the slot being filled. so_far: keys and digits of an incomplete answer. heard: the value to be confirmed.
    words: the caller's last utterance, '' once it was answered. said, listen: what `repeat` plays again.
    records: whether the line is recorded where the flow says so. noticed: the caller was told that it is.
    outgoing: we called.
    also_heard: values that were said before they were asked for, still to be confirmed. results: what `call` steps
    saved. verified: the caller proved who they are. requests: how many were made; the last one's id.
    stack: places to come back to, the last one first to be returned to. last_fill: the `fill` that a correction means;
    fill_stack: its way back.
    queued_ms: when the caller first heard their place in this queue. call_back_offered: in this queue. overflowed:
    queues that the caller was led out of.
    sends: channels on which messages can be sent. knows_more: queue of the article that was given last, '' for the
    usual one.
    kept: an operator gave the call to the bot and said that they wait for it.
    topic, urgency, mood: what the caller's words told so far; passed_on: they reached a human for it.
    no_input, no_match: failures on this question. failures: on this call, against `repair.call_budget`.
    """

    language: str
    phase: Phase = "new"
    line: str = ""
    caller: str = ""
    day: str = ""
    at: Address = ()
    mode: str = ""
    asking: str = ""
    so_far: str = ""
    heard: SlotValue | None = None
    slots: Mapping[str, SlotValue] = field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()
    words: str = ""
    said: tuple[Say, ...] = ()
    listen: Listen | None = None
    no_input: int = 0
    no_match: int = 0
    failures: int = 0
    answered: bool = False
    outgoing: bool = False
    queue: str = ""
    queued_ms: int | None = None
    overflowed: tuple[str, ...] = ()
    sends: tuple[str, ...] = ()
    knows_more: str = ""
    call_back_offered: bool = False
    outcome: str = ""
    records: bool = False
    noticed: bool = False
    clock: str = ""
    contact: Mapping[str, Any] = field(default_factory=dict)
    also_heard: Mapping[str, SlotValue] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)
    verified: bool = False
    requests: int = 0
    stack: tuple[Left, ...] = ()
    last_fill: Address = ()
    fill_stack: tuple[Left, ...] = ()
    topic: str = ""
    urgency: str = "normal"
    mood: str = "neutral"
    passed_on: bool = False
    kept: bool = False

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready dict; `from_json` is its inverse."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        values["at"] = list(self.at)
        values["slots"] = dict(self.slots)
        for name in ("stack", "fill_stack"):
            values[name] = [{**vars(left), "at": list(left.at)} for left in getattr(self, name)]
        values["last_fill"] = list(self.last_fill)
        values["candidates"] = [vars(candidate) for candidate in self.candidates]
        values["said"] = [to_json(say) for say in self.said]
        values["listen"] = None if self.listen is None else to_json(self.listen)
        return values

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> State:
        """Raises TypeError or ValueError when `stored` was not made by `to_json`."""
        values = dict(stored)
        values["at"] = tuple(stored["at"])
        values["overflowed"] = tuple(stored.get("overflowed", ()))
        values["sends"] = tuple(stored.get("sends", ()))
        for name in ("stack", "fill_stack"):
            values[name] = tuple(Left(**{**left, "at": tuple(left["at"])}) for left in stored.get(name, ()))
        values["last_fill"] = tuple(stored.get("last_fill", ()))
        values["candidates"] = tuple(Candidate(**candidate) for candidate in stored["candidates"])
        values["said"] = tuple(from_json(say) for say in stored["said"])
        values["listen"] = None if stored["listen"] is None else from_json(stored["listen"])
        return cls(**values)
