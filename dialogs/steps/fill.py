"""`- fill: {ordine: {type: digits, length: 6}}` — ask for slots one after the other, by voice or keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from dialogs.checks import Checks
from dialogs.durations import Milliseconds
from dialogs.languages import language
from dialogs.moves import NEXT, Move
from dialogs.problems import Problem
from dialogs.rendering import fields
from dialogs.slots import ChoiceSlot, DigitsSlot, Hearing, Slot
from dialogs.spoken_choices import hear_yes_no
from dialogs.state import SlotValue
from dialogs.steps.step import AskingStep
from dialogs.turn import Turn
from dialogs.value_slots import AnySlot

CONFIRMING = "confirm"
"""`State.mode` while a value was read back and yes or no is awaited."""


class FillStep(AskingStep):
    """fill: slot → how it is asked for, in this order. timeout: silence until no-input.

    Each slot's question is `texts.ask_<slot>`, its confirmation `texts.confirm_<slot>`. A step that is entered again
    asks again: its slots are emptied first.
    """

    keyword: ClassVar[str] = "fill"
    fill: dict[str, AnySlot] = Field(min_length=1)
    timeout: Milliseconds = 7000

    def slots(self) -> Mapping[str, Slot | SlotValue]:
        return dict(self.fill)

    # --------------------------------------------------------------------------------------------------------- lint
    def lint(self, checks: Checks) -> Iterator[Problem]:
        for name, slot in self.fill.items():
            at = ("fill", name)
            yield from checks.text(slot.ask or f"ask_{name}", *at, of=f"slot {name!r} has no prompt")
            if slot.keypad_help:
                yield from checks.text(slot.keypad_help, *at, "keypad_help")
            if slot.confirm != "none":
                key = slot.confirm_text or f"confirm_{name}"
                yield from checks.text(key, *at, of=f"slot {name!r} has no confirmation")
                if slot.confirm == "readback" and isinstance(slot, DigitsSlot):
                    yield from self._spelled(checks, name, key)
            if isinstance(slot, ChoiceSlot):
                for option, said in slot.options.items():
                    for code in checks.languages:
                        if not said.say.get(code):
                            text = f"slot {name!r}: option {option!r} cannot be said in {code!r}"
                            yield checks.problem(f"{text}; add options.{option}.say.{code}", *at, "options", option)

    def _spelled(self, checks: Checks, name: str, key: str) -> Iterator[Problem]:
        for code, text in checks.book.texts.get(key, {}).items():
            try:
                spelled = any(field.name == name and field.formatter == "digits" for field in fields(text))
            except ValueError:
                continue  # told where the text stands
            if not spelled:
                why = f"slot {name!r} is read back, but texts.{key}.{code} does not spell it"
                yield checks.problem(f"{why}; write {{{name}:digits}}", "fill", name, "confirm")

    # ---------------------------------------------------------------------------------------------------- behaviour
    def enter(self, turn: Turn) -> Move:
        turn.change(slots={name: value for name, value in turn.state.slots.items() if name not in self.fill})
        return self._ask_for(turn, next(iter(self.fill)))

    def _ask_for(self, turn: Turn, name: str) -> Move:
        turn.new_question()
        turn.change(asking=name)
        turn.say(self.fill[name].ask or f"ask_{name}")
        return self._listen(turn)

    def _listen(self, turn: Turn) -> Move:
        code = turn.state.language
        slot = self.fill[turn.state.asking]
        if turn.state.mode == CONFIRMING:
            return self.listen_for(turn, "yes_no", self.timeout, language(code).yes_no_listed)
        timeout_ms = turn.key_timeout_ms if turn.state.so_far else self.timeout
        return self.listen_for(turn, slot.expects, timeout_ms, slot.phrases(code))

    def ask_again(self, turn: Turn, keypad: bool) -> None:
        slot = self.fill[turn.state.asking]
        if turn.state.mode == CONFIRMING:
            self._read_back(turn, slot)
        else:
            turn.say((keypad and slot.keypad_help) or slot.ask or f"ask_{turn.state.asking}")
        self._listen(turn)

    def tries(self, turn: Turn) -> int | None:
        return self.fill[turn.state.asking].tries

    def said(self, turn: Turn, text: str) -> Move:
        slot = self.fill[turn.state.asking]
        code = turn.state.language
        if turn.state.mode == CONFIRMING:
            instead = slot.hear_on(turn.today, text, "", code)
            return self._confirmed(turn, hear_yes_no(text, code, only=instead.value is not None), slot, instead, text)
        return self._heard(turn, slot, slot.hear_on(turn.today, text, turn.state.so_far, code), text)

    def typed(self, turn: Turn, key: str) -> Move:
        slot = self.fill[turn.state.asking]
        if turn.state.mode == CONFIRMING:
            if key in "12":
                return self._confirmed(turn, key == "1", slot, Hearing(), key)
            return self.default_key(turn, key)
        if not slot.keypad or not slot.collects_keys:
            hearing = slot.press(key, "") if slot.keypad else Hearing()
            return self.default_key(turn, key) if hearing.value is None else self._heard(turn, slot, hearing, key)
        if key == "*":  # wrong key: begin again, without a failure
            turn.change(so_far="")
            return self._listen(turn)
        return self._heard(turn, slot, slot.press(key, turn.state.so_far), key)

    def silent(self, turn: Turn) -> Move:
        if turn.state.mode != CONFIRMING and turn.state.so_far:
            so_far = turn.state.so_far
            slot = self.fill[turn.state.asking]
            return self._heard(turn, slot, Hearing(value=slot.settle(so_far)), so_far)
        return self.fail(turn, "no_input")

    def _heard(self, turn: Turn, slot: Slot, hearing: Hearing, text: str) -> Move:
        if hearing.value is not None:
            turn.change(so_far="", heard=hearing.value)
            return self._accept(turn, slot)
        if hearing.so_far:
            turn.change(so_far=hearing.so_far)
            return self._listen(turn)
        turn.change(so_far="")
        return self.fail(turn, "no_match", text=text, slot=turn.state.asking)

    def _accept(self, turn: Turn, slot: Slot) -> Move:
        if slot.confirm in ("explicit", "readback"):
            turn.change(mode=CONFIRMING)
            self._read_back(turn, slot)
            return self._listen(turn)
        if slot.confirm == "implicit":
            self._read_back(turn, slot)
        return self._keep(turn)

    def _read_back(self, turn: Turn, slot: Slot) -> None:
        name = turn.state.asking
        heard = turn.state.heard
        spoken = "" if heard is None else slot.spoken(heard, turn.state.language)
        turn.say(slot.confirm_text or f"confirm_{name}", {name: spoken})

    def _confirmed(self, turn: Turn, answer: bool | None, slot: Slot, instead: Hearing, text: str) -> Move:
        """The caller answered the read-back; `instead` is a value said in place of yes or no: it is read back again."""
        if answer is True:
            return self._keep(turn)
        if answer is False or instead.value is not None:
            turn.note("slot_rejected", slot=turn.state.asking, value=str(turn.state.heard))
        if instead.value is not None and not isinstance(instead.value, bool):
            turn.change(heard=instead.value)
            return self.fail(turn, "no_match", quietly=True, text=text, slot=turn.state.asking)
        if answer is False:
            turn.change(mode="", heard=None)
        return self.fail(turn, "no_match", quietly=answer is False, text=text, slot=turn.state.asking)

    def _keep(self, turn: Turn) -> Move:
        name, heard = turn.state.asking, turn.state.heard
        if heard is not None:
            turn.fill(name, heard)
        names = list(self.fill)
        following = names[names.index(name) + 1 :]
        return self._ask_for(turn, following[0]) if following else NEXT
