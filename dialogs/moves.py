"""What happens after a step has acted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Move:
    """next: the following step. into: a block of this step. goto: a flow. wait: an event.

    jump: a flow, coming back to the step that follows this one. digress: a flow, coming back to this question. back:
    where the last jump or digression began. correct: the last `fill`, to have its last answer corrected.
    """

    kind: Literal["next", "into", "goto", "wait", "jump", "digress", "back", "correct"]
    target: str = ""


NEXT = Move("next")
WAIT = Move("wait")
BACK = Move("back")
CORRECT = Move("correct")


def goto(flow: str) -> Move:
    """Go on with the first step of `flow`."""
    return Move("goto", flow)


def jump(flow: str) -> Move:
    """Go through `flow` and come back."""
    return Move("jump", flow)


def digress(flow: str) -> Move:
    """Go through `flow` and come back to this question."""
    return Move("digress", flow)
