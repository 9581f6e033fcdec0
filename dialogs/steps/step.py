"""What every step is: a schema, its lint and its behaviour in one class, registered under its keyword."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, PlainValidator

from dialogs import repair
from dialogs.checks import Checks
from dialogs.events import LookedUp
from dialogs.moves import Move
from dialogs.problems import Problem
from dialogs.slots import Slot
from dialogs.state import SlotValue
from dialogs.steps.turns import Turns
from dialogs.turn import Turn

_REGISTRY: dict[str, type[Step]] = {}


def registered() -> Mapping[str, type[Step]]:
    """keyword → class of every kind of step."""
    return _REGISTRY


class Step(BaseModel):
    """A kind of step. A subclass with a `keyword` is registered; the keyword is also the key that marks it in YAML."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keyword: ClassVar[str] = ""
    takes_input: ClassVar[bool] = False
    """Whether it waits for an event, so that a loop through it cannot spin."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        if cls.keyword:
            _REGISTRY[cls.keyword] = cls

    # ------------------------------------------------------------------------------------------------------- schema
    @property
    def goes_on(self) -> bool:
        """Whether the step after it can be reached from it."""
        return True

    def blocks(self) -> Mapping[str, tuple[Step, ...]]:
        """Steps nested in it."""
        return {}

    def flows(self) -> Iterator[str]:
        """Flows it can jump to."""
        yield from ()

    def slots(self) -> Mapping[str, Slot | SlotValue]:
        """Slots it can fill: how they are asked for, or the value they get."""
        return {}

    # --------------------------------------------------------------------------------------------------------- lint
    def lint(self, checks: Checks) -> Iterator[Problem]:
        """What is wrong in it that its schema alone cannot see."""
        yield from ()

    # ---------------------------------------------------------------------------------------------------- behaviour
    def enter(self, turn: Turn) -> Move:
        """The dialog arrives at this step."""
        raise NotImplementedError


class AskingStep(Step):
    """A step that asks the caller something. Its methods are called with what came back.

    turns: how patient the bot is with the answers, where it differs from the line.
    """

    takes_input: ClassVar[bool] = True
    turns: Turns | None = None

    def said(self, turn: Turn, text: str) -> Move:
        """The caller said something that is no command."""
        raise NotImplementedError

    def typed(self, turn: Turn, key: str) -> Move:
        """The caller pressed a key."""
        raise NotImplementedError

    def silent(self, turn: Turn) -> Move:
        """The caller said nothing in time."""
        return self.fail(turn, "no_input")

    def looked_up(self, turn: Turn, found: LookedUp) -> Move:
        """The search this step asked for."""
        return self.fail(turn, "no_match")

    def ask_again(self, turn: Turn, keypad: bool) -> None:
        """Ask the same question once more, after the words of the repair ladder; keypad: explain the keys."""
        raise NotImplementedError

    def tries(self, turn: Turn) -> int | None:
        """Failures on the current question after which the ladder's last rung is taken; None: as long as it is."""
        return None

    # ----------------------------------------------------------------------------------------------- what all share
    def listen_for(self, turn: Turn, expects: str, timeout_ms: int, phrases: Iterable[str] = ()) -> Move:
        """Wait for the caller, with this step's patience."""
        return turn.listen(expects, timeout_ms, phrases, self.turns.settings if self.turns else None)

    def fail(self, turn: Turn, kind: str, *, quietly: bool = False, **why: str) -> Move:
        """A no_input or no_match: the next rung of the repair ladder."""
        return repair.climb(turn, self, kind, quietly=quietly, why=why)

    def default_key(self, turn: Turn, key: str) -> Move:
        """What a key means where the step gives it no meaning: 0 an operator, * repeat, 9 no more calls of ours."""
        if key == "0":
            return turn.command("operator")
        if key == "*":
            return turn.command("repeat")
        if key == "9" and turn.state.outgoing and turn.book.always.opt_out is not None:
            return turn.command("opt_out")
        return self.fail(turn, "no_match", key=key)


def parse_step(value: object) -> Step:
    """The step that a YAML mapping describes. Raises ValueError, or pydantic's error for what is inside it."""
    known = ", ".join(sorted(_REGISTRY))
    if not isinstance(value, dict):
        raise ValueError(f"a step is written 'keyword: …'; keywords: {known}")
    marks = [key for key in value if key in _REGISTRY]
    if len(marks) != 1:
        written = ", ".join(repr(key) for key in value) or "nothing"
        raise ValueError(f"a step needs exactly one keyword of {known}; here is {written}")
    return _REGISTRY[marks[0]].model_validate(value)


AnyStep = Annotated[Step, PlainValidator(parse_step)]
