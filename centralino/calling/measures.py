"""What a call was like, from when the caller spoke and when the other end was heard. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from centralino.calling.playout import Burst, Playout
from centralino.calling.scene import Doing
from centralino.calling.sound import Span


@dataclass(frozen=True)
class Turn:
    """One thing the caller did, and what came of it. Times count from the answer.

    latency_ms: from the sending of the caller's last voiced sample (or last key) until the first voiced sample of the
    other end is heard; None when nothing was said before the caller's next turn.
    arrived_ms: the same until the chunk that holds this sample arrived: less than latency_ms when a prompt begins with
    silence.
    cut_off: the other end began to speak while the caller still did.
    barge_in_ms: for an interruption, from its first voiced sample until the other end was silent; None when the other
    end was not speaking.
    """

    kind: str
    what: str
    began_ms: float
    last_voiced_ms: float
    latency_ms: float | None
    arrived_ms: float | None
    cut_off: bool
    barge_in_ms: float | None


def turns(doings: Sequence[Doing], playout: Playout) -> tuple[Turn, ...]:
    """The turns of a call; a silent clip is none."""
    spoken = _spoken(doings)
    until_ms = [first_ms for _, first_ms, _ in spoken[1:]] + [float("inf")]
    return tuple(
        _turn(doing, first_ms, last_ms, until, playout)
        for (doing, first_ms, last_ms), until in zip(spoken, until_ms, strict=False)
    )


def _spoken(doings: Sequence[Doing]) -> list[tuple[Doing, float, float]]:
    return [
        (doing, doing.first_voiced_ms, doing.last_voiced_ms)
        for doing in doings
        if doing.first_voiced_ms is not None and doing.last_voiced_ms is not None
    ]


def _turn(doing: Doing, first_ms: float, last_ms: float, until_ms: float, playout: Playout) -> Turn:
    answer = next((burst for burst in playout.bursts if last_ms <= burst.start_ms < until_ms), None)
    talking = next((burst for burst in playout.bursts if burst.start_ms < first_ms < burst.end_ms), None)
    return Turn(
        kind=doing.kind,
        what=doing.what,
        began_ms=round(first_ms, 1),
        last_voiced_ms=round(last_ms, 1),
        latency_ms=round(answer.start_ms - last_ms, 1) if answer else None,
        arrived_ms=round(answer.arrived_ms - last_ms, 1) if answer else None,
        cut_off=doing.kind != "keys" and any(first_ms < burst.start_ms < last_ms for burst in playout.bursts),
        barge_in_ms=round(talking.end_ms - first_ms, 1) if talking and doing.kind == "interrupted" else None,
    )


def dead_air_ms(doings: Sequence[Doing], bursts: Sequence[Burst], call_ms: float) -> float:
    """The longest time in which neither side spoke, from the answer to the end of the call."""
    spoken: list[Span] = [(burst.start_ms, burst.end_ms) for burst in bursts]
    spoken += [(first_ms, last_ms) for _, first_ms, last_ms in _spoken(doings)]
    longest, silent_from_ms = 0.0, 0.0
    for start_ms, end_ms in [*sorted(spoken), (call_ms, call_ms)]:
        longest = max(longest, start_ms - silent_from_ms)
        silent_from_ms = max(silent_from_ms, end_ms)
    return round(longest, 1)
