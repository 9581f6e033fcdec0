"""`- menu: {…}` — a few things to choose from, by their names, by number or by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dialogs.checks import Checks
from dialogs.commanding import obey
from dialogs.durations import Milliseconds
from dialogs.frame import COMMANDS
from dialogs.leads import Lead
from dialogs.moves import NEXT, Move, goto
from dialogs.problems import Path, Problem
from dialogs.slots import ChoiceSlot, Option, Slot
from dialogs.state import SlotValue
from dialogs.steps.step import AskingStep
from dialogs.turn import Turn


class MenuOption(Option):
    """goto: the flow or command it leads to; '' goes on with the next step."""

    goto: str = ""


class Menu(BaseModel):
    """say: the question's text, which names the options. keypad_help: said on a keypad rung. save: a slot that gets the
    chosen option's name. timeout: silence until no-input."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    say: str
    keypad_help: str = ""
    options: dict[str, MenuOption] = Field(min_length=2)
    save: str = ""
    timeout: Milliseconds = 6000

    @model_validator(mode="after")
    def _keys_differ(self) -> Menu:
        keys = [option.key for option in self.options.values() if option.key]
        if len(keys) != len(set(keys)):
            raise ValueError("two options have the same key")
        return self


class MenuStep(AskingStep):
    """menu: what may be chosen here."""

    keyword: ClassVar[str] = "menu"
    menu: Menu

    @property
    def goes_on(self) -> bool:
        return any(not option.goto for option in self.menu.options.values())

    @property
    def choice(self) -> ChoiceSlot:
        """The options as a question understands them."""
        options = {name: Option(say=option.say, key=option.key) for name, option in self.menu.options.items()}
        return ChoiceSlot(type="choice", options=options)

    def leads(self) -> Iterator[Lead]:
        yield from super().leads()
        for name, option in self.menu.options.items():
            if option.goto:
                yield Lead(("menu", "options", name), option.goto)

    def slots(self) -> Mapping[str, Slot | SlotValue]:
        return {self.menu.save: self.choice} if self.menu.save else {}

    def ways(self) -> Iterator[Path]:
        yield from super().ways()
        for name in self.menu.options:
            yield "menu", "options", name

    def lint(self, checks: Checks) -> Iterator[Problem]:
        for name in ("say", "keypad_help"):
            if key := getattr(self.menu, name):
                yield from checks.text(key, "menu", name)
        for name, option in self.menu.options.items():
            at = ("menu", "options", name)
            if option.goto:
                yield from checks.target(option.goto, *at, "goto")
            for code in checks.languages:
                if not option.say.get(code):
                    yield checks.problem(f"option {name!r} cannot be said in {code!r}; add say.{code}", *at)

    def enter(self, turn: Turn) -> Move:
        turn.say(self.menu.say)
        return self._listen(turn)

    def _listen(self, turn: Turn) -> Move:
        return self.listen_for(turn, "choice", self.menu.timeout, self.choice.phrases(turn.state.language))

    def ask_again(self, turn: Turn, keypad: bool) -> None:
        turn.say((keypad and self.menu.keypad_help) or self.menu.say)
        self._listen(turn)

    def said(self, turn: Turn, text: str) -> Move:
        return self._chosen(turn, self.choice.hear(text, "", turn.state.language).value, text)

    def typed(self, turn: Turn, key: str) -> Move:
        name = self.choice.press(key, "").value
        return self.default_key(turn, key) if name is None else self._chosen(turn, name, "")

    def _chosen(self, turn: Turn, name: SlotValue | None, text: str) -> Move:
        if name is None:
            return self.not_understood(turn, text)
        turn.note("menu", option=str(name))
        turn.took("menu", "options", str(name))
        if self.menu.save:
            turn.change(slots={**turn.state.slots, self.menu.save: name})  # the words may say more than the choice
        target = self.menu.options[str(name)].goto
        if not target:
            return NEXT
        return obey(turn, target) if target in COMMANDS else goto(target)
