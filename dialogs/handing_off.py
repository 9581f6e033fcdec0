"""The ways to people: into a queue, through to a number, or a promise to call back when nobody is there."""

from __future__ import annotations

from collections.abc import Iterable

from dialogs.events import Callback, Handoff
from dialogs.frame import CALL_BACK
from dialogs.moves import WAIT, Move, goto
from dialogs.rendering import MASK, as_text
from dialogs.turn import Turn


def hand_off(
    turn: Turn,
    queue: str,
    reason: str,
    slots: Iterable[str] | None = None,
    priority: int | None = None,
    skills: Iterable[str] = (),
    briefing: str = "",
    to: str = "",
) -> Move:
    """Put the caller through, or into a queue; the bot then only announces places. A closed queue leads to its
    `when_closed`, unless a part of the system failed, when a human is tried whatever the hour, or an operator waits for
    the call."""
    settings = turn.book.queues[queue]
    whatever_the_hour = reason == "failure" or bool(to) or turn.state.kept
    if not whatever_the_hour and settings.calendar and turn.is_closed(settings.calendar):
        turn.note("queue_closed", queue=queue, reason=reason)
        turn.passed("queues", queue, "when_closed")
        return nobody_there(turn, queue, "closed", settings.when_closed, "queue_closed", slots)
    turn.actions.append(
        Handoff(
            queue,
            reason,
            priority=(settings.priority if priority is None else priority) + _raised(turn),
            max_wait_ms=settings.max_wait,
            announce_every_ms=settings.announce_every,
            max_length=settings.max_length,
            join_empty=settings.join_empty,
            leave_when_empty=settings.leaves_when_empty,
            slots=_slots(turn, slots),
            skills=tuple(dict.fromkeys((*settings.skills, *skills))),
            briefing=briefing,
            to=to,
        )
    )
    turn.change(phase="queued", queue=queue, queued_ms=None, listen=None)
    return WAIT


def nobody_there(
    turn: Turn, queue: str, reason: str, flow: str, preferred: str = "", slots: Iterable[str] | None = None
) -> Move:
    """The way out of a queue that nobody serves: its flow, or a call-back. preferred: a text for it, if it is
    there."""
    if flow and flow != CALL_BACK and turn.state.failures < turn.book.repair.call_budget:
        turn.change(phase="listening", queue="")
        return goto(flow)
    known = turn.state.caller or "nobody_available_no_number" not in turn.book.texts
    usual = "nobody_available" if known else "nobody_available_no_number"
    turn.say(preferred if known and preferred in turn.book.texts else usual, interruptible=False)
    call_back(turn, queue, reason, turn.state.caller, slots)
    return turn.end("callback")


def to_human(turn: Turn, reason: str, queue: str = "") -> Move:
    """Say that a human takes over, and hand off to `queue` or the usual one."""
    human = turn.book.always.operator
    target = queue if queue in turn.book.queues else _queue_of_topic(turn) or human.handoff
    before = len(turn.actions)
    move = hand_off(turn, target, reason)
    if turn.state.phase == "queued":  # said first, but not when the queue turned out to be closed
        handoff = turn.actions[before:]
        del turn.actions[before:]
        turn.say(human.say, interruptible=False, yields=True)
        turn.actions += handoff
    return move


def _raised(turn: Turn) -> int:
    """What is added to the priority of who is angry or in a hurry."""
    wishes, state = turn.book.always.sensed, turn.state
    return wishes.raise_priority if wishes and (state.urgency == "high" or state.mood == "angry") else 0


def _queue_of_topic(turn: Turn) -> str:
    return turn.book.always.sensed.queues.get(turn.state.topic, "") if turn.book.always.sensed else ""


def call_back(turn: Turn, queue: str, reason: str, number: str, slots: Iterable[str] | None = None) -> None:
    """Promise a call-back."""
    turn.actions.append(Callback(queue, reason, number, _slots(turn, slots)))


def _slots(turn: Turn, names: Iterable[str] | None) -> dict[str, str]:
    chosen = turn.state.slots if names is None else [name for name in names if name in turn.state.slots]
    secret = turn.book.sensitive
    return {name: MASK if name in secret else as_text(turn.state.slots[name]) for name in chosen}
