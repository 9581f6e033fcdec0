"""What is told of a caller's words besides their meaning: topic, urgency, mood. Who is angry or in a hurry reaches a
human early, where the flowbook says so."""

from __future__ import annotations

from dialogs.events import Sensed
from dialogs.handing_off import to_human
from dialogs.moves import WAIT, Move
from dialogs.turn import Turn

_SERVED = ("listening", "looking", "calling")


def sensed(turn: Turn, event: Sensed) -> Move:
    """Remember it; pass the caller on, once in a call, and not into a queue that is closed now."""
    turn.change(topic=event.topic, urgency=event.urgency, mood=event.mood)
    wishes = turn.book.always.sensed
    if wishes is None or turn.state.passed_on or turn.state.phase not in _SERVED:
        return WAIT
    told = {"angry": event.mood == "angry", "urgent": event.urgency == "high"}
    reason = next((one for one in wishes.pass_on if told[one]), "")
    if not reason:
        return WAIT
    queue = turn.book.queues[wishes.queues.get(event.topic) or turn.book.always.operator.handoff]
    if queue.calendar and turn.is_closed(queue.calendar):
        turn.note("sensed", reason=reason, text=event.why, why="the queue is closed")
        return WAIT
    turn.note("sensed", reason=reason, text=event.why)
    turn.change(passed_on=True)
    return to_human(turn, reason)
