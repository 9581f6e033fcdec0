"""`- fill: {ordine: {type: digits, length: 6}}` — ask for slots, answered by voice or keys in any order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from dialogs.checks import Checks
from dialogs.code_slots import CodeSlot
from dialogs.durations import Milliseconds
from dialogs.ladders import Rung
from dialogs.languages import language
from dialogs.moves import NEXT, Move
from dialogs.over_answering import also_said, answer_in, named_in, rest_of
from dialogs.problems import Path, Problem
from dialogs.rendering import fields
from dialogs.slot_types import AnySlot
from dialogs.slots import ChoiceSlot, DigitsSlot, Hearing, Slot
from dialogs.spoken_choices import hear_correction, hear_yes_no
from dialogs.state import SlotValue
from dialogs.steps.step import AskingStep, rungs_at
from dialogs.turn import Turn

CONFIRMING = "confirm"
"""`State.mode` while a value was read back and yes or no is awaited."""


class FillStep(AskingStep):
    """fill: slot → how it is asked for. timeout: silence until no-input.

    Each slot's question is `texts.ask_<slot>`, its confirmation `texts.confirm_<slot>`. They are asked for in this
    order; what a caller says of the others meanwhile, or said on the way here, is not asked for again. A step that is
    entered again asks again: its slots are emptied first, unless keep is true.
    """

    keyword: ClassVar[str] = "fill"
    fill: dict[str, AnySlot] = Field(min_length=1)
    timeout: Milliseconds = 7000
    keep: bool = False

    def slots(self) -> Mapping[str, Slot | SlotValue]:
        return dict(self.fill)

    def ways(self) -> Iterator[Path]:
        yield from super().ways()
        for name, slot in self.fill.items():
            yield "fill", name, "filled"
            if slot.confirm in ("explicit", "readback"):
                yield "fill", name, "rejected"
            yield from rungs_at(slot.repair, "fill", name, "repair")

    # --------------------------------------------------------------------------------------------------------- lint
    def lint(self, checks: Checks) -> Iterator[Problem]:
        for name, slot in self.fill.items():
            yield from lint_slot(checks, name, slot, "fill", name)

    # ---------------------------------------------------------------------------------------------------- behaviour
    def enter(self, turn: Turn) -> Move:
        if not self.keep:
            turn.change(slots={name: value for name, value in turn.state.slots.items() if name not in self.fill})
        turn.change(last_fill=turn.state.at, fill_stack=turn.state.stack)
        self._listen_between(turn, turn.state.words, asked="")
        return self._go_on(turn)

    def _go_on(self, turn: Turn) -> Move:
        """Confirm what was heard already, ask for what is missing; when nothing is, the next step."""
        for name, slot in self.fill.items():
            if name in turn.state.slots:
                continue
            other = name != turn.state.asking
            turn.change(asking=name, so_far="", heard=None, mode="")
            if other:
                turn.change(no_input=0, no_match=0)
            if name not in turn.state.also_heard:
                turn.say(slot.ask or f"ask_{name}")
                return self._listen(turn)
            waiting = dict(turn.state.also_heard)
            turn.change(heard=waiting.pop(name), also_heard=waiting)
            if (move := self._accept(turn, slot)) is not None:
                return move
        return NEXT

    def _listen(self, turn: Turn) -> Move:
        slot = self.fill[turn.state.asking]
        code = turn.state.language
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

    def ladder(self, turn: Turn, kind: str) -> tuple[Rung, ...]:
        own = self.fill[turn.state.asking].repair
        rungs: tuple[Rung, ...] | None = getattr(own, kind) if own else None
        return rungs or super().ladder(turn, kind)

    def ladder_at(self, turn: Turn, kind: str) -> Path:
        name = turn.state.asking
        own = self.fill[name].repair
        if own and getattr(own, kind):
            return ("flows", *turn.state.at, "fill", name, "repair", kind)
        return super().ladder_at(turn, kind)

    # ------------------------------------------------------------------------------------------------------ hearing
    def said(self, turn: Turn, text: str) -> Move:
        name = turn.state.asking
        slot = self.fill[name]
        code = turn.state.language
        if turn.state.mode == CONFIRMING:
            rest = hear_correction(text, code)
            instead = slot.hear_on(turn.today, rest or text, "", code)
            if rest and instead.value is None and (move := self._corrected(turn, rest)) is not None:
                return move
            return self._confirmed(turn, hear_yes_no(text, code, only=instead.value is not None), slot, instead, text)
        rest = hear_correction(text, code)
        if rest is not None and (move := self._corrected(turn, rest, text)) is not None:
            return move
        said = rest or text
        clear = answer_in(said, slot, turn.today, code)
        hearing = slot.hear_on(turn.today, said, turn.state.so_far, code) if clear is None else Hearing(value=clear)
        before = turn.state.also_heard
        if hearing.value is not None:
            self._listen_between(turn, rest_of(said, slot, hearing.value, turn.today, code), asked=name)
        elif not hearing.so_far:
            left = self._listen_between(turn, said, asked=name)
            hearing = slot.hear_on(turn.today, left, "", code) if left != said and left else hearing
        if hearing.value is None and not hearing.so_far and turn.state.also_heard != before:
            return self._go_on(turn)  # an answer all the same, only to another question
        return self._heard(turn, slot, hearing, text)

    def _listen_between(self, turn: Turn, text: str, asked: str) -> str:
        """Keep what is said of slots that are still to come; the words that are left."""
        missing = {n: s for n, s in self.fill.items() if n != asked and n not in turn.state.slots}
        open_slots = {n: s for n, s in missing.items() if not s.sensitive}  # what was told unasked is written down
        if not (text and open_slots):
            return text
        found, left = also_said(text, open_slots, turn.today, turn.state.language)
        if found:
            turn.note("over_answered", slots=",".join(found))
            turn.change(also_heard={**turn.state.also_heard, **found})
        return left

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
        return self._heard(turn, slot, slot.press(key, turn.state.so_far), "")

    def silent(self, turn: Turn) -> Move:
        if turn.state.mode != CONFIRMING and turn.state.so_far:
            so_far = turn.state.so_far
            slot = self.fill[turn.state.asking]
            return self._heard(turn, slot, Hearing(value=slot.settle(so_far)), "")
        return self.fail(turn, "no_input")

    def _heard(self, turn: Turn, slot: Slot, hearing: Hearing, text: str) -> Move:
        """text: the words, '' for keys."""
        if hearing.value is not None:
            turn.change(so_far="", heard=hearing.value)
            move = self._accept(turn, slot)
            return self._go_on(turn) if move is None else move
        if hearing.so_far:
            turn.change(so_far=hearing.so_far)
            return self._listen(turn)
        turn.change(so_far="")
        return self.not_understood(turn, text, slot=turn.state.asking)

    # --------------------------------------------------------------------------------------------------- confirming
    def _accept(self, turn: Turn, slot: Slot) -> Move | None:
        """Take the value that was heard; None when it is the slot's without a question."""
        if slot.confirm in ("explicit", "readback"):
            turn.change(mode=CONFIRMING)
            self._read_back(turn, slot)
            return self._listen(turn)
        if slot.confirm == "implicit":
            self._read_back(turn, slot)
        self._keep_heard(turn)
        return None

    def _read_back(self, turn: Turn, slot: Slot) -> None:
        name, heard = turn.state.asking, turn.state.heard
        assert heard is not None
        turn.say(slot.confirm_text or f"confirm_{name}", heard={name: heard})

    def _confirmed(self, turn: Turn, answer: bool | None, slot: Slot, instead: Hearing, text: str) -> Move:
        """The caller answered the read-back; `instead` is a value said in place of yes or no: it is read back again."""
        if answer is True:
            self._keep_heard(turn)
            return self._go_on(turn)
        if answer is False or instead.value is not None:
            turn.took("fill", turn.state.asking, "rejected")
            turn.note("slot_rejected", slot=turn.state.asking, value=str(turn.state.heard))
        if instead.value is not None and not isinstance(instead.value, bool):
            turn.change(heard=instead.value)
            return self.fail(turn, "no_match", quietly=True, text=text, slot=turn.state.asking)
        if answer is False:
            turn.change(mode="", heard=None)
            return self.fail(turn, "no_match", quietly=True, text=text, slot=turn.state.asking)
        return self.not_understood(turn, text, slot=turn.state.asking)

    def _keep_heard(self, turn: Turn) -> None:
        heard = turn.state.heard
        assert heard is not None
        turn.took("fill", turn.state.asking, "filled")
        turn.fill(turn.state.asking, heard)
        turn.change(mode="", heard=None)

    # --------------------------------------------------------------------------------------------------- correcting
    def correct(self, turn: Turn) -> Move | None:
        if turn.state.mode == CONFIRMING:
            return self._confirmed(turn, False, self.fill[turn.state.asking], Hearing(), turn.state.words)
        return self._corrected(turn, "", turn.state.words)

    def _corrected(self, turn: Turn, rest: str, text: str = "") -> Move | None:
        """The caller takes an answer back, the one they name or the last; rest: the right one, if they said it. None
        when there is no answer yet that it could mean."""
        given = [name for name in self.fill if name in turn.state.slots]
        if not given:
            return None
        code = turn.state.language
        named = named_in(text or rest, {name: self.fill[name] for name in given}, code)
        for name in [named] if named else [*reversed(given)]:
            heard = rest and not self.fill[name].sensitive
            value = self.fill[name].hear_on(turn.today, rest, "", code).value if heard else None
            if rest and value is None and not named:
                continue
            left = {n: kept for n, kept in turn.state.slots.items() if n != name}
            turn.note("slot_corrected", slot=name)
            waiting = dict(turn.state.also_heard)
            if turn.state.mode == CONFIRMING and turn.state.heard is not None:
                waiting[turn.state.asking] = turn.state.heard
            if value is not None:
                waiting[name] = value
            turn.change(slots=left, words="", so_far="", asking="", also_heard=waiting)
            return self._go_on(turn)
        return None


def lint_slot(checks: Checks, name: str, slot: Slot, *at: str | int) -> Iterator[Problem]:
    """What is wrong with how a slot is asked for, confirmed and repaired."""
    yield from checks.text(slot.ask or f"ask_{name}", *at, of=f"slot {name!r} has no prompt")
    if slot.keypad_help:
        yield from checks.text(slot.keypad_help, *at, "keypad_help")
    if slot.repair:
        yield from checks.ladders(slot.repair, *at, "repair")
    for code in slot.named:
        if code not in checks.languages:
            yield checks.problem(f"{code!r} is no language of this flowbook", *at, "named", code)
    if slot.confirm != "none":
        key = slot.confirm_text or f"confirm_{name}"
        yield from checks.text(key, *at, of=f"slot {name!r} has no confirmation")
        if slot.confirm == "readback" and isinstance(slot, DigitsSlot | CodeSlot):
            yield from _spelled(checks, name, key, *at)
    if isinstance(slot, ChoiceSlot):
        for option, said in slot.options.items():
            for code in checks.languages:
                if not said.say.get(code):
                    text = f"slot {name!r}: option {option!r} cannot be said in {code!r}"
                    yield checks.problem(f"{text}; add options.{option}.say.{code}", *at, "options", option)


def _spelled(checks: Checks, name: str, key: str, *at: str | int) -> Iterator[Problem]:
    for code, text in checks.book.texts.get(key, {}).items():
        try:
            spelled = any(field.name == name and field.formatter in ("digits", "letters") for field in fields(text))
        except ValueError:
            continue  # told where the text stands
        if not spelled:
            why = f"slot {name!r} is read back, but texts.{key}.{code} does not spell it"
            yield checks.problem(f"{why}; write {{{name}:digits}}", *at, "confirm")
