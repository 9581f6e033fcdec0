"""When the caller is not heard or not understood: the ladder, its last rung, and the budget of the whole call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from dialogs.handing_off import call_back, hand_off
from dialogs.ladders import Rung
from dialogs.moves import WAIT, Move
from dialogs.problems import Path
from dialogs.turn import Turn


class Asks(Protocol):
    """A step that asks, as the ladder knows it."""

    def ask_again(self, turn: Turn, keypad: bool) -> None:
        """Ask the same question once more."""

    def ladder(self, turn: Turn, kind: str) -> tuple[Rung, ...]:
        """Its rungs."""

    def ladder_at(self, turn: Turn, kind: str) -> Path:
        """Where they stand in the flowbook."""

    def tries(self, turn: Turn) -> int | None:
        """Failures on the question after which the last rung is taken."""


def climb(turn: Turn, step: Asks, kind: str, *, quietly: bool, why: Mapping[str, str]) -> Move:
    """Count one failure of `kind` ('no_input' | 'no_match') and do what its rung says.

    Rungs follow each other as long as the same question is asked. When the slot's tries or the call's budget are used
    up, the last rung, which always leaves the ladder, is taken at once. quietly: without the rung's words (after a
    "no" to a read-back, "I did not understand" would be wrong); the last rung is never quiet.
    """
    ladder = step.ladder(turn, kind)
    count = getattr(turn.state, kind) + 1
    turn.change(**{kind: count}, failures=turn.state.failures + 1, words="", phase="listening")
    turn.note(kind, count=str(count), failures=str(turn.state.failures), **why)
    tries = step.tries(turn)
    on_question = turn.state.no_input + turn.state.no_match
    exhausted = turn.state.failures >= turn.book.repair.call_budget or (tries is not None and on_question >= tries)
    number = len(ladder) - 1 if exhausted else min(count, len(ladder)) - 1
    rung = ladder[number]
    turn.passed(*step.ladder_at(turn, kind), number)
    if turn.state.failures >= turn.book.repair.call_budget:
        turn.passed("repair", "call_budget")
    if rung.say and not (quietly and not rung.leaves):
        turn.say(rung.say, repeatable=False)
    if rung.handoff:
        return hand_off(turn, rung.handoff, "repair")
    if rung.callback:
        call_back(turn, rung.callback, "repair", turn.state.caller)
        return turn.end("callback")
    if rung.end:
        return turn.end(rung.end)
    step.ask_again(turn, rung.keypad)
    return WAIT
