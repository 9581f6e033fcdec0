"""What happens after a step has acted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Move:
    """next: the following step. into: a block of this step. goto: a flow. wait: an event."""

    kind: Literal["next", "into", "goto", "wait"]
    target: str = ""


NEXT = Move("next")
WAIT = Move("wait")


def goto(flow: str) -> Move:
    """Go on with the first step of `flow`."""
    return Move("goto", flow)
