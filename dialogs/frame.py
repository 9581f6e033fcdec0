"""A flowbook without its flows: what steps, turns and repair look things up in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dialogs.calendars import Calendar
from dialogs.durations import Milliseconds
from dialogs.ladders import Rung
from dialogs.languages import language
from dialogs.slots import Slot
from dialogs.state import SlotValue

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]

COMMANDS = ("operator", "repeat", "cancel", "correct", "opt_out")
"""What `always:` understands anywhere; also targets for intents and keys. No flow may have these names."""

RESERVED_TEXTS: Mapping[str, tuple[str, ...]] = {
    "hearing_lost": (),
    "failure": (),
    "nobody_available": (),
    "queue_place": ("place",),
}
"""Texts every flowbook has, said by the engine itself, and what they may look up."""

OPTIONAL_TEXTS: Mapping[str, tuple[str, ...]] = {
    "not_put_through": (),
    "not_taken": (),
    "queue_next": (),
    "queue_wait": ("minutes",),
    "queue_wait_short": (),
    "queue_wait_long": (),
    "queue_callback_offer": (),
    "queue_callback_promised": (),
    "one_moment": (),
    "nobody_available_no_number": (),
    "did_you_mean": ("options",),
    "did_you_mean_key": ("option", "key"),
    "queue_closed": (),
    "more_offer": (),
    "link_offer": (),
    "link_message": ("title", "link"),
    "link_sent": (),
    "link_not_sent": (),
}
"""Texts the engine says when they are there; did_you_mean and its key are required where articles are asked for."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Languages(_Part):
    default: str
    also: tuple[str, ...] = ()


CALL_BACK = "callback"
"""In place of a flow in `when_closed` and `when_full`: note a call-back and say goodbye."""


class Queue(_Part):
    """Operators who may take a call. skills: all that an operator needs. announce_every: how often a waiting caller
    hears their place. Milliseconds, written as 180s.

    calendar: when somebody is there ('' = always). when_closed: the flow for callers who come at other times;
    when_full: for those whom it has no room for, whom nobody is there for, or whom nobody took within `max_wait`.
    `callback` (the default) notes a call-back instead.

    max_length: callers that it holds, 0 for any number. join_empty: callers may come while no operator works;
    leave_when_empty: those who wait need not go on when the last one stops (default: unless they may come then).
    callback_after: a caller who has waited so long is offered a call-back that keeps their place; 0: never.
    """

    skills: tuple[str, ...] = ()
    priority: int = 0
    max_wait: Milliseconds = 180_000
    announce_every: Milliseconds = 30_000
    calendar: str = ""
    when_closed: str = ""
    when_full: str = ""
    max_length: int = Field(default=0, ge=0, le=1000)
    join_empty: bool = False
    leave_when_empty: bool | None = None
    callback_after: Milliseconds = 0

    @property
    def leaves_when_empty(self) -> bool:
        return not self.join_empty if self.leave_when_empty is None else self.leave_when_empty


class Repair(_Part):
    """Ladders for a caller who is silent or not understood. call_budget: all failures of a call together."""

    no_input: tuple[Rung, ...] = Field(min_length=1)
    no_match: tuple[Rung, ...] = Field(min_length=1)
    call_budget: int = Field(default=5, ge=1, le=50)


class OperatorCommand(_Part):
    """say: key of the text before the call is passed on. handoff: the queue, also for every failure."""

    handoff: str
    say: str


class RepeatCommand(_Part):
    again: Literal["last"] = "last"


class CancelCommand(_Part):
    goto: str


class OptOutCommand(_Part):
    """say: key of the text that confirms it, after which the call ends."""

    say: str


class CorrectCommand(_Part):
    """The last answer of the last `fill` is asked for again."""

    again: Literal["slot"] = "slot"


class KnowledgeCommand(_Part):
    """A question in the middle of another one is answered from the knowledge base; then the first is asked again."""

    answer: Literal["main"] = "main"
    resume: Literal[True] = True


class Sensing(_Part):
    """What is done about callers whose words tell anger or urgency (`call.mood`, `call.urgency`).

    pass_on: who is passed to a human at once. raise_priority: added to a queue's for both. queues: whose operators take
    callers about a topic (`call.topic`), in place of the usual ones.
    """

    pass_on: tuple[Literal["angry", "urgent"], ...] = ()
    raise_priority: int = Field(default=5, ge=0, le=1000)
    queues: dict[Name, str] = Field(default_factory=dict)


class Always(_Part):
    """What is understood anywhere: commands, articles (kb), and intents whose flows come back to where they left.

    opt_out: this person does not want to be called any more. sensed: what is done about what a caller's words tell.
    """

    operator: OperatorCommand
    sensed: Sensing | None = None
    repeat: RepeatCommand | None = RepeatCommand()
    cancel: CancelCommand | None = None
    opt_out: OptOutCommand | None = None
    correct: CorrectCommand | None = None
    kb: KnowledgeCommand | None = None
    intents: tuple[Name, ...] = ()


class Outgoing(_Part):
    """What a call of ours begins with, for the flow that it then runs.

    disclosure: key of the text that is said first: who calls, that it is an automatic assistant, and why. slots: known
    before the call, from a campaign's list. message: key of the text that is left on an answering machine, '' for none.
    callbacks: queues whose promised call-backs begin so.
    """

    disclosure: str
    slots: tuple[Name, ...] = ()
    message: str = ""
    callbacks: tuple[str, ...] = ()


class Handback(_Part):
    """How operators see a flow at which they may give a call back to the bot.

    title: by language. returns: the operator stays in the call, hears nothing, and has it again with the next hand-off.
    """

    title: dict[str, str]
    returns: bool = False


class Frame(_Part):
    """All of a flowbook but its flows; see `dialogs.flowbook.Flowbook`.

    intent_titles: what completes "do you mean …?" when callers may want one intent or another; without a title in the
    caller's language an intent is never asked for.
    """

    flowbook: Literal[1]
    id: Name
    languages: Languages
    start: str
    disclosure: str
    queues: dict[Name, Queue] = Field(min_length=1)
    repair: Repair
    always: Always
    outgoing: dict[Name, Outgoing] = Field(default_factory=dict)
    handback: dict[Name, Handback] = Field(default_factory=dict)
    calendars: dict[Name, Calendar] = Field(default_factory=dict)
    intents: dict[Name, dict[str, tuple[str, ...]]] = Field(default_factory=dict)
    intent_titles: dict[Name, dict[str, str]] = Field(default_factory=dict)
    grammars: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    texts: dict[Name, dict[str, str]]

    @property
    def codes(self) -> tuple[str, ...]:
        """The language codes, the default first."""
        return (self.languages.default, *(code for code in self.languages.also if code != self.languages.default))

    @property
    def flow_names(self) -> Collection[str]:
        """The names of its flows."""
        raise NotImplementedError

    @property
    def results(self) -> Collection[str]:
        """The names under which steps save what other systems answered."""
        raise NotImplementedError

    @property
    def slots(self) -> Mapping[str, Slot | SlotValue]:
        """Every slot that some step fills; as it is asked for when a step asks."""
        raise NotImplementedError

    @property
    def sensitive(self) -> frozenset[str]:
        """The slots whose values are told in confidence, wherever they are asked for."""
        raise NotImplementedError

    def spoken_texts(self, code: str) -> list[str]:
        """Every text in language `code`, also those with slots."""
        return [said[code] for said in self.texts.values() if code in said]

    def command_phrases(self, code: str) -> tuple[str, ...]:
        """What callers say for the commands of `always` that this flowbook has."""
        commands = language(code).commands
        return tuple(phrase for name, said in commands.items() if self.has_command(name) for phrase in said.listed)

    def calling_back(self, queue: str) -> str:
        """The flow that begins a promised call-back of this queue; '' when there is none."""
        return next((flow for flow, known in self.outgoing.items() if queue in known.callbacks), "")

    @property
    def what_else(self) -> str:
        """The flow that goes on with a call that has nothing under way: where `cancel` leads, else the first one."""
        return self.always.cancel.goto if self.always.cancel else self.start

    def has_command(self, name: str) -> bool:
        """Whether `always` sets up one of `COMMANDS`."""
        return name in COMMANDS and getattr(self.always, name) is not None
