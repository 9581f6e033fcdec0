"""`- verify: {…}` — the caller proves who they are by something they know; their number proves nothing."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from dialogs.checks import Checks
from dialogs.conditions import ConditionFailed, names_in, value_of
from dialogs.confidence import VERIFYING
from dialogs.durations import Milliseconds
from dialogs.facts import facts
from dialogs.leads import Lead
from dialogs.moves import NEXT, Move, goto
from dialogs.normalizing import normalise
from dialogs.problems import Path, Problem
from dialogs.rendering import as_text
from dialogs.slot_types import AnySlot
from dialogs.slots import Hearing
from dialogs.state import SlotValue
from dialogs.steps.step import AskingStep
from dialogs.turn import Turn

_NO_PROOF = ("call.caller", "call.line", "call.language")


class Verify(BaseModel):
    """ask: how the caller is asked, a slot as in `fill` (say: its question). equals: a CEL expression for the right
    answer, from what a `call` step saved. tries: answers that may be wrong. timeout: silence until no-input."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ask: AnySlot
    equals: str
    tries: int = Field(default=2, ge=1, le=5)
    timeout: Milliseconds = 7000


class VerifyStep(AskingStep):
    """verify: the question and its answer. else: the flow for who does not know it. What was answered is kept nowhere;
    `call.verified` tells conditions that the caller is who they say."""

    keyword: ClassVar[str] = "verify"
    verify: Verify
    otherwise: str = Field(alias="else")

    def leads(self) -> Iterator[Lead]:
        yield from super().leads()
        yield Lead(("else",), self.otherwise)

    def ways(self) -> Iterator[Path]:
        yield from super().ways()
        yield from (("verify", "verified"), ("else",))

    def lint(self, checks: Checks) -> Iterator[Problem]:
        slot = self.verify.ask
        if not slot.ask:
            yield checks.problem("it has no question; add ask: and a text to the slot", "verify", "ask")
        for name in ("ask", "keypad_help"):
            if key := getattr(slot, name):
                yield from checks.text(key, "verify", "ask", name)
        yield from checks.flow(self.otherwise, "else")
        yield from checks.condition(self.verify.equals, "verify", "equals")
        try:
            names, paths = names_in(self.verify.equals)
        except ConditionFailed:
            return
        if paths.intersection(_NO_PROOF) or "contact" in names:
            why = "a caller's number, and what is known of it, proves nothing; compare with what only they know"
            yield checks.problem(why, "verify", "equals")
        elif not names:
            yield checks.problem("the same answer for every caller is no proof", "verify", "equals")

    def enter(self, turn: Turn) -> Move:
        turn.change(mode=VERIFYING)
        turn.say(self.verify.ask.ask)
        return self._listen(turn)

    def _listen(self, turn: Turn) -> Move:
        slot = self.verify.ask
        timeout_ms = turn.key_timeout_ms if turn.state.so_far else self.verify.timeout
        return self.listen_for(turn, slot.expects, timeout_ms, slot.phrases(turn.state.language))

    def ask_again(self, turn: Turn, keypad: bool) -> None:
        turn.say((keypad and self.verify.ask.keypad_help) or self.verify.ask.ask)
        self._listen(turn)

    def said(self, turn: Turn, text: str) -> Move:
        slot = self.verify.ask
        return self._heard(turn, slot.hear_on(turn.today, text, turn.state.so_far, turn.state.language), text)

    def typed(self, turn: Turn, key: str) -> Move:
        slot = self.verify.ask
        if not (slot.keypad and slot.collects_keys):
            return self.default_key(turn, key)
        if key == "*":
            turn.change(so_far="")
            return self._listen(turn)
        return self._heard(turn, slot.press(key, turn.state.so_far), "")

    def silent(self, turn: Turn) -> Move:
        if turn.state.so_far:
            return self._heard(turn, Hearing(value=self.verify.ask.settle(turn.state.so_far)), "")
        return self.fail(turn, "no_input")

    def _heard(self, turn: Turn, hearing: Hearing, text: str) -> Move:
        if hearing.value is None and hearing.so_far:
            turn.change(so_far=hearing.so_far)
            return self._listen(turn)
        turn.change(so_far="")
        if hearing.value is None:
            return self.not_understood(turn, text)
        turn.change(words="")
        if _same(hearing.value, self._right(turn)):
            turn.change(verified=True)
            turn.note("verified", ok="true")
            turn.took("verify", "verified")
            return NEXT
        turn.note("verified", ok="false")
        wrong = int(turn.state.heard or 0) + 1  # while this step asks, `heard` counts the wrong answers
        if wrong >= self.verify.tries:
            turn.took("else")
            return goto(self.otherwise)
        turn.change(heard=wrong)
        return self.fail(turn, "no_match")

    def _right(self, turn: Turn) -> SlotValue | None:
        """The right answer; None when the other system did not send it, and then nobody proves anything."""
        try:
            return value_of(self.verify.equals, facts(turn.book, turn.state))
        except ConditionFailed as error:
            turn.note("verify_undecided", why=str(error))
            return None


def _same(answer: SlotValue, right: SlotValue | None) -> bool:
    """Whether it is the right answer, however written; what is not known is answered rightly by nobody."""
    told, known = (normalise(as_text(value)).replace(" ", "").encode() for value in (answer, right))
    return bool(known) and hmac.compare_digest(told, known)
