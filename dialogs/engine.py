"""The dialog engine: a pure function from state and event to state and actions.

Nothing here waits, reads a clock or raises: whatever goes wrong is noted for the history and the caller is passed to a
human. While a caller is being served, every event leaves an open `Listen` or `Lookup`, a hand-off, or an end.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialogs import queueing
from dialogs.commanding import obey
from dialogs.ending import ended
from dialogs.events import (
    Action,
    CallEnded,
    CallerSaid,
    CallerSilent,
    CallerTyped,
    CallStarted,
    Event,
    GivenBack,
    HandoffFailed,
    HearingLost,
    LookedUp,
    NotPutThrough,
    OfferFailed,
    OperatorJoined,
    PartFailed,
    PutThrough,
    QueueMoved,
    Responded,
    Sensed,
    ServiceEnds,
)
from dialogs.flowbook import Flowbook
from dialogs.following import asking_step, follow
from dialogs.frame import CALL_BACK
from dialogs.giving_back import given_back
from dialogs.handing_off import hand_off, nobody_there, to_human
from dialogs.moves import Move
from dialogs.problems import Path
from dialogs.sensing import sensed
from dialogs.spoken_choices import hear_command
from dialogs.state import State
from dialogs.steps.handoff import HandoffStep
from dialogs.turn import Turn
from dialogs.walking import step_at

_KEYS = "0123456789*#"
_SERVED = ("listening", "looking", "calling")


def start(book: Flowbook, language: str) -> State:
    """The state of a call that was not answered yet. An unknown language becomes the flowbook's default."""
    return State(language=language if language in book.codes else book.languages.default)


@dataclass(frozen=True)
class Walked:
    """way: the places of the flowbook that the dialog came by, in order: steps, and of those that branch the way out
    (`Step.ways`), rungs of ladders, ways out of queues."""

    state: State
    actions: tuple[Action, ...]
    way: tuple[Path, ...] = ()


def step(book: Flowbook, state: State, event: Event) -> tuple[State, tuple[Action, ...]]:
    """What the dialog does about `event`. Pure; never raises; after `CallEnded` nothing happens any more."""
    walked = walk(book, state, event)
    return walked.state, walked.actions


def walk(book: Flowbook, state: State, event: Event) -> Walked:
    """The same, and which way it went."""
    if state.phase == "ended":
        return Walked(state, ())
    turn = Turn(book, state, event.at_ms)
    try:
        _take(book, turn, event)
    except Exception as error:  # a flaw of the flowbook or of the engine: told in the history, and a human takes over
        walked, turn = turn.walked, Turn(book, state, event.at_ms)
        turn.walked += walked
        if isinstance(event, CallStarted) and state.phase == "new":
            _answer(turn, event)
        if isinstance(event, GivenBack):
            turn.change(phase="listening", kept=event.returns)  # nobody else talks to the caller
        _part_failed(turn, "flowbook", f"{type(error).__name__} at {'/'.join(map(str, state.at))}: {error}")
    return Walked(turn.state, tuple(turn.actions), tuple(turn.walked))


def _take(book: Flowbook, turn: Turn, event: Event) -> None:
    phase = turn.state.phase
    match event:
        case CallEnded():
            ended(turn, event)
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
            turn.change(phase="operator", outcome="handed_off", listen=None, kept=False)
        case PutThrough():
            turn.note("put_through", to=event.to)
            if isinstance(step_at(book.flows, turn.state.at), HandoffStep):
                turn.took("to", "put_through")
            turn.change(phase="operator", outcome="handed_off", listen=None)
        case NotPutThrough():
            if phase in ("queued", "operator"):
                follow(book, turn, _not_put_through(book, turn, event))
        case HandoffFailed():
            if phase in ("queued", "operator"):
                follow(book, turn, _nobody(turn, event))
        case GivenBack():
            if phase == "operator":
                follow(book, turn, given_back(turn, event))
        case Sensed():
            follow(book, turn, sensed(turn, event))
        case QueueMoved():
            if phase == "queued":
                queueing.announce(turn, event)
        case OfferFailed():
            if phase == "queued":
                queueing.not_taken(turn)
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
                follow(book, turn, asking_step(book, turn).looked_up(turn, event))
        case Responded():
            if phase == "calling" and event.request == turn.state.requests:
                turn.change(phase="listening")
                follow(book, turn, step_at(book.flows, turn.state.at).responded(turn, event))
        case CallerSaid() | CallerTyped() if phase == "queued":
            queueing.waiting(turn, event)
        case CallerSaid() | CallerTyped() | CallerSilent() if phase == "calling":
            _meanwhile(book, turn, event)
        case CallerSaid() | CallerTyped() | CallerSilent():
            if phase in _SERVED:
                _caller(book, turn, event)


def _answer(turn: Turn, event: CallStarted) -> None:
    if event.language in turn.book.codes:
        turn.change(language=event.language)
    turn.change(line=event.line, caller=event.caller, day=event.day, phase="listening", slots=dict(event.slots))
    turn.change(records=event.records, clock=event.clock, contact=event.contact, sends=tuple(event.sends))
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
            turn.passed("outgoing", event.flow, "message")
            turn.say(known.message, interruptible=False)
        turn.end("message_left" if known and known.message else "machine")
    else:
        follow(book, turn, Move("goto", event.flow or event.closed_flow or book.start))


def _caller(book: Flowbook, turn: Turn, event: CallerSaid | CallerTyped | CallerSilent) -> None:
    asking = asking_step(book, turn)
    if isinstance(event, CallerSaid):
        turn.change(words=event.text)
        turn.unsure = event.unsure
        command = hear_command(event.text, turn.state.language, turn.book.has_command)
        if command is not None:
            move = obey(turn, command)
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
    follow(book, turn, move)


def _meanwhile(book: Flowbook, turn: Turn, event: CallerSaid | CallerTyped | CallerSilent) -> None:
    """While another system is asked, a caller can ask for a human; all else waits for its answer."""
    said = isinstance(event, CallerSaid) and hear_command(event.text, turn.state.language, turn.book.has_command)
    if said == "operator" or (isinstance(event, CallerTyped) and event.key == "0"):
        follow(book, turn, obey(turn, "operator"))
    else:
        turn.note("ignored", event=type(event).__name__, why="another system is being asked")


def _hearing_lost(turn: Turn, event: HearingLost) -> None:
    listen = turn.state.listen
    failures = turn.state.failures + 1
    turn.change(failures=failures)
    turn.note("hearing_lost", repeated=str(event.repeated).lower())
    if event.repeated or listen is None or failures >= turn.book.repair.call_budget:
        to_human(turn, "failure")
        return
    turn.say("hearing_lost", repeatable=False)
    turn.actions.append(listen)


def _part_failed(turn: Turn, part: str, detail: str) -> None:
    turn.note("part_failed", part=part, detail=detail)
    if turn.state.phase in _SERVED:  # otherwise a human was called already
        turn.say("failure", interruptible=False)
        hand_off(turn, turn.book.always.operator.handoff, "failure")


def _not_put_through(book: Flowbook, turn: Turn, event: NotPutThrough) -> Move:
    turn.note("not_put_through", to=event.to, reason=event.reason)
    turn.change(outcome="")
    if "not_put_through" in book.texts:
        turn.say("not_put_through", interruptible=False, yields=True)
    step = step_at(book.flows, turn.state.at)
    if isinstance(step, HandoffStep):
        return step.not_put_through(turn)
    return hand_off(turn, turn.state.queue, "not_put_through")


def _nobody(turn: Turn, event: HandoffFailed) -> Move:
    name = turn.state.queue or event.queue
    queue = turn.book.queues.get(name)
    turn.passed("queues", name, "when_closed" if event.reason == "closed" else "when_full")
    lost = event.reason == "operator_lost"
    way_out = "" if queue is None or lost else queue.when_closed if event.reason == "closed" else queue.when_full
    if name in turn.state.overflowed:  # its way out led back here: once is enough
        way_out = ""
    turn.change(overflowed=(*turn.state.overflowed, name))
    return nobody_there(turn, name, event.reason, way_out)


def _service_ends(turn: Turn, event: ServiceEnds) -> None:
    turn.note("service_ends", human=str(event.human).lower())
    if event.human:
        turn.say(turn.book.always.operator.say, interruptible=False)
        turn.end("handed_off")
    else:
        nobody_there(turn, turn.state.queue or turn.book.always.operator.handoff, "service_ends", CALL_BACK)
