"""The dialog engine: a pure function from state and event to state and actions.

Nothing here waits, reads a clock or raises: whatever goes wrong is noted for the history and the caller is passed to a
human. While a caller is being served, every event leaves an open `Listen` or `Lookup`, a hand-off, or an end.
"""

from __future__ import annotations

from dialogs.events import (
    Action,
    CallEnded,
    CallerSaid,
    CallerSilent,
    CallerTyped,
    CallStarted,
    Event,
    HandoffFailed,
    HearingLost,
    LookedUp,
    Note,
    OperatorJoined,
    PartFailed,
    QueueMoved,
    ServiceEnds,
)
from dialogs.flowbook import Flowbook
from dialogs.moves import Move
from dialogs.spoken_choices import hear_command
from dialogs.state import Address, State
from dialogs.steps.step import AskingStep
from dialogs.turn import Turn
from dialogs.walking import after, first_of, step_at

_SILENT_STEPS = 500
"""Steps without input in one turn. The loader refuses loops without input, so this only guards against its errors."""

_USUAL_ENDS = ("caller_hung_up", "bot_ended", "operator_ended", "too_long")
"""Reasons of `CallEnded` that are nobody's fault; with any other a call without outcome is 'failed'."""

_KEYS = "0123456789*#"
_SERVED = ("listening", "looking")


def start(book: Flowbook, language: str) -> State:
    """The state of a call that was not answered yet. An unknown language becomes the flowbook's default."""
    return State(language=language if language in book.codes else book.languages.default)


def step(book: Flowbook, state: State, event: Event) -> tuple[State, tuple[Action, ...]]:
    """What the dialog does about `event`. Pure; never raises; after `CallEnded` nothing happens any more."""
    if state.phase == "ended":
        return state, ()
    turn = Turn(book, state)
    try:
        _take(book, turn, event)
    except Exception as error:  # a flaw of the flowbook or of the engine: told in the history, and a human takes over
        turn = Turn(book, state)
        if isinstance(event, CallStarted) and state.phase == "new":
            _answer(turn, event)
        _part_failed(turn, "flowbook", f"{type(error).__name__} at {'/'.join(map(str, state.at))}: {error}")
    return turn.state, tuple(turn.actions)


def _take(book: Flowbook, turn: Turn, event: Event) -> None:
    phase = turn.state.phase
    match event:
        case CallEnded():
            _ended(turn, event)
        case _ if phase == "ending":
            pass
        case CallStarted():
            if phase == "new":
                _answer(turn, event)
                _begin(book, turn, event)
        case _ if phase == "new":
            turn.note("ignored", event=type(event).__name__, why="the call was not answered yet")
        case OperatorJoined():
            turn.note("handed_off", operator=event.operator, queue=turn.state.queue)
            turn.change(phase="operator", outcome="handed_off", listen=None)
        case HandoffFailed():
            if phase in ("queued", "operator"):
                _nobody(turn, event)
        case QueueMoved():
            if phase == "queued":
                _announce(turn, event.place)
        case PartFailed():
            _part_failed(turn, event.part, event.detail)
        case ServiceEnds():
            if phase != "operator":
                _service_ends(turn, event)
        case HearingLost():
            if phase == "listening":
                _hearing_lost(turn, event)
        case LookedUp():
            if phase == "looking" and event.text == turn.state.words:
                _go(book, turn, _asking(book, turn).looked_up(turn, event))
        case CallerSaid() | CallerTyped() | CallerSilent():
            if phase in _SERVED:
                _caller(book, turn, event)


def _answer(turn: Turn, event: CallStarted) -> None:
    if event.language in turn.book.codes:
        turn.change(language=event.language)
    turn.change(line=event.line, caller=event.caller, day=event.day, phase="listening", slots=dict(event.slots))
    turn.change(records=event.records)
    if event.language != turn.state.language:
        turn.note("language_unknown", asked=event.language, used=turn.state.language)
    known = turn.book.outgoing.get(event.flow)
    turn.change(outgoing=known is not None)
    if event.answered_by != "machine":
        turn.say(known.disclosure if known else turn.book.disclosure, interruptible=False)


def _begin(book: Flowbook, turn: Turn, event: CallStarted) -> None:
    """The first flow; on an answering machine its message only. A flow of ours that is gone has nothing to say."""
    known = book.outgoing.get(event.flow)
    if event.flow and known is None:
        turn.note("flow_unknown", flow=event.flow)
        turn.end("failed")
    elif event.answered_by == "machine":
        if known and known.message:
            turn.say(known.message, interruptible=False)
        turn.end("message_left" if known and known.message else "machine")
    else:
        _go(book, turn, Move("goto", event.flow or event.closed_flow or book.start))


def _asking(book: Flowbook, turn: Turn) -> AskingStep:
    found = step_at(book.flows, turn.state.at)
    assert isinstance(found, AskingStep)
    return found


def _caller(book: Flowbook, turn: Turn, event: CallerSaid | CallerTyped | CallerSilent) -> None:
    asking = _asking(book, turn)
    if isinstance(event, CallerSaid):
        turn.change(words=event.text)
        command = hear_command(event.text, turn.state.language)
        if command is not None and getattr(turn.book.always, command) is not None:
            move = turn.command(command)
        elif event.text.strip():
            move = asking.said(turn, event.text)
        else:
            move = asking.fail(turn, "no_match")
    elif isinstance(event, CallerTyped):
        turn.change(words="")
        known = len(event.key) == 1 and event.key in _KEYS
        move = asking.typed(turn, event.key) if known else asking.fail(turn, "no_match", key=event.key)
    else:
        move = asking.silent(turn)
    _go(book, turn, move)


def _go(book: Flowbook, turn: Turn, move: Move) -> None:
    """Follow moves until something waits."""
    at: Address | None
    for _ in range(_SILENT_STEPS):
        match move.kind:
            case "wait":
                return
            case "goto":
                at = (move.target, 0)
            case "into":
                at = first_of(book.flows, turn.state.at, move.target)
            case "next":
                at = after(book.flows, turn.state.at)
        if at is None:
            raise RuntimeError("the flow ends without end, goto or handoff")
        turn.change(at=at)
        turn.new_question()
        move = step_at(book.flows, at).enter(turn)
    raise RuntimeError(f"{_SILENT_STEPS} steps without waiting for the caller")


def _hearing_lost(turn: Turn, event: HearingLost) -> None:
    listen = turn.state.listen
    failures = turn.state.failures + 1
    turn.change(failures=failures)
    turn.note("hearing_lost", repeated=str(event.repeated).lower())
    if event.repeated or listen is None or failures >= turn.book.repair.call_budget:
        turn.to_human("failure")
        return
    turn.say("hearing_lost", repeatable=False)
    turn.actions.append(listen)


def _part_failed(turn: Turn, part: str, detail: str) -> None:
    turn.note("part_failed", part=part, detail=detail)
    if turn.state.phase in _SERVED:  # otherwise a human was called already
        turn.say("failure", interruptible=False)
        turn.hand_off(turn.book.always.operator.handoff, "failure")


def _announce(turn: Turn, place: int) -> None:
    if place <= 1 and "queue_next" in turn.book.texts:
        turn.say("queue_next", interruptible=False)
    else:
        turn.say("queue_place", {"place": str(place)}, interruptible=False)


def _nobody(turn: Turn, event: HandoffFailed) -> None:
    _promise(turn, turn.state.queue or event.queue, event.reason)


def _promise(turn: Turn, queue: str, reason: str) -> None:
    """Say that nobody is there and that somebody will call back."""
    known = turn.state.caller or "nobody_available_no_number" not in turn.book.texts
    turn.say("nobody_available" if known else "nobody_available_no_number", interruptible=False)
    turn.call_back(queue, reason, turn.state.caller)
    turn.end("callback")


def _service_ends(turn: Turn, event: ServiceEnds) -> None:
    turn.note("service_ends", human=str(event.human).lower())
    if event.human:
        turn.say(turn.book.always.operator.say, interruptible=False)
        turn.end("handed_off")
    else:
        _promise(turn, turn.state.queue or turn.book.always.operator.handoff, "service_ends")


def _ended(turn: Turn, event: CallEnded) -> None:
    state = turn.state
    outcome = state.outcome
    if not outcome and event.reason not in _USUAL_ENDS:
        outcome = "failed"
    if not outcome:
        outcome = "answered" if state.answered and state.phase != "queued" else "abandoned"
    turn.actions.append(Note("outcome", {"outcome": outcome, "reason": event.reason}))
    turn.change(phase="ended", outcome=outcome, listen=None)
