"""What every step is: a schema, its lint and its behaviour in one class, registered under its keyword."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, PlainValidator, WithJsonSchema

from dialogs import repair
from dialogs.checks import Checks
from dialogs.commanding import obey
from dialogs.deciding import decide
from dialogs.events import LookedUp, Responded
from dialogs.frame import COMMANDS
from dialogs.handing_off import to_human
from dialogs.ladders import Ladders, Rung
from dialogs.leads import Lead
from dialogs.moves import WAIT, Move, digress
from dialogs.problems import Path, Problem
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

    def leads(self) -> Iterator[Lead]:
        """Where it can lead beside the step after it and its nested steps."""
        yield from ()

    def flows(self) -> Iterator[str]:
        """Flows it can jump to."""
        for lead in self.leads():
            if lead.is_flow and lead.target not in COMMANDS:
                yield lead.target

    def slots(self) -> Mapping[str, Slot | SlotValue]:
        """Slots it can fill: how they are asked for, or the value they get."""
        return {}

    def ways(self) -> Iterator[Path]:
        """The ways out of it, where there is more than one, as `Turn.took` is told of them: places below its own."""
        yield from ()

    @property
    def saves(self) -> str:
        """The name under which it saves what another system answered; '' for none."""
        return ""

    def conditions(self) -> Iterator[str]:
        """CEL expressions in it."""
        yield from ()

    # --------------------------------------------------------------------------------------------------------- lint
    def lint(self, checks: Checks) -> Iterator[Problem]:
        """What is wrong in it that its schema alone cannot see."""
        yield from ()

    # ---------------------------------------------------------------------------------------------------- behaviour
    def enter(self, turn: Turn) -> Move:
        """The dialog arrives at this step."""
        raise NotImplementedError

    def responded(self, turn: Turn, event: Responded) -> Move:
        """The answer to the `Request` or `Message` that it waits for."""
        raise NotImplementedError


class AskingStep(Step):
    """A step that asks the caller something. Its methods are called with what came back.

    turns: how patient the bot is with the answers, where it differs from the line. repair: ladders of its own.
    """

    takes_input: ClassVar[bool] = True
    turns: Turns | None = None
    repair: Ladders | None = None

    def leads(self) -> Iterator[Lead]:
        for *at, kind, number in rungs_at(self.repair, "repair"):
            rung: Rung = getattr(self.repair, str(kind))[number]
            if rung.handoff:
                yield Lead((*at, kind, number), rung.handoff, "error_queue")

    def ways(self) -> Iterator[Path]:
        yield from rungs_at(self.repair, "repair")

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
        """The search this step asked for: here, whether the caller asked something else in between."""
        always = turn.book.always
        asked = tuple((name, score) for name, score in found.intents if name in always.intents)
        meant = decide(replace(found, intents=asked, band=found.band if always.kb else "reject"))
        if meant.intent:
            turn.note("digression", intent=meant.intent, text=found.text)
            turn.passed("always", "intents", meant.intent)
            return digress(meant.intent)
        if meant.article is not None:
            turn.passed("always", "kb")
            if meant.article.sensitive:
                turn.note("sensitive_article", article=meant.article.article)
                return to_human(turn, "flow", meant.article.queue)
            turn.note("digression", article=meant.article.article, text=found.text)
            turn.say_article(meant.article)
            self.ask_again(turn, keypad=False)
            return WAIT
        return self.fail(turn, "no_match", text=found.text)

    def correct(self, turn: Turn) -> Move | None:
        """The caller takes the last answer back; None when it was not given to this step."""
        return None

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

    def not_understood(self, turn: Turn, text: str, **why: str) -> Move:
        """Words that do not answer: perhaps a question of their own (`always.kb`, `always.intents`), else a failure."""
        always = turn.book.always
        if text.strip() and (always.kb or always.intents):
            return turn.look_up(text, always.intents, always.kb is not None)
        return repair.climb(turn, self, "no_match", quietly=False, why={"text": text, **why})

    def ladder(self, turn: Turn, kind: str) -> tuple[Rung, ...]:
        """The rungs for 'no_input' or 'no_match': its own, else the flowbook's."""
        own: tuple[Rung, ...] | None = getattr(self.repair, kind) if self.repair else None
        inherited: tuple[Rung, ...] = getattr(turn.book.repair, kind)
        return own or inherited

    def ladder_at(self, turn: Turn, kind: str) -> Path:
        """Where those rungs stand in the flowbook."""
        own = self.repair is not None and getattr(self.repair, kind) is not None
        return ("flows", *turn.state.at, "repair", kind) if own else ("repair", kind)

    def fail(self, turn: Turn, kind: str, *, quietly: bool = False, **why: str) -> Move:
        """A no_input or no_match: the next rung of the repair ladder."""
        return repair.climb(turn, self, kind, quietly=quietly, why=why)

    def default_key(self, turn: Turn, key: str) -> Move:
        """What a key means where the step gives it no meaning: 0 an operator, * repeat, 9 no more calls of ours."""
        if key == "0":
            return obey(turn, "operator")
        if key == "*":
            return obey(turn, "repeat")
        if key == "9" and turn.state.outgoing and turn.book.always.opt_out is not None:
            return obey(turn, "opt_out")
        return self.fail(turn, "no_match", key=key)


def rungs_at(ladders: Ladders | None, *at: str | int) -> Iterator[Path]:
    """The places of all rungs of ladders that stand at `at`."""
    for kind in ("no_input", "no_match"):
        for number in range(len((ladders and getattr(ladders, kind)) or ())):
            yield *at, kind, number


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


STEP_MARK = "x-step"
"""Where a step stands in a JSON Schema, until `dialogs.schema` says which there are."""
AnyStep = Annotated[Step, PlainValidator(parse_step), WithJsonSchema({STEP_MARK: True})]
