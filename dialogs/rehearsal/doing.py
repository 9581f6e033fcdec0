"""What a test does, as events of its call."""

from __future__ import annotations

from collections.abc import Callable

from dialogs.events import (
    CallEnded,
    Candidate,
    Event,
    GivenBack,
    Handoff,
    HandoffFailed,
    HearingLost,
    LookedUp,
    Lookup,
    NotPutThrough,
    OfferFailed,
    OperatorJoined,
    PartFailed,
    PutThrough,
    QueueMoved,
    ServiceEnds,
)
from dialogs.rehearsal.call import Finds, RehearsedCall
from dialogs.scenarios import ScenarioTurn

NOTHING = "nothing"
"""What `finds` says of a search that finds nothing."""
_NOBODY = {
    "nobody_available": "nobody_available",
    "waited_too_long": "waited_too_long",
    "queue_full": "full",
    "queue_closed": "closed",
    "operator_lost": "operator_lost",
}


class Impossible(Exception):
    """This cannot happen now; the message says why."""


def do(call: RehearsedCall, turn: ScenarioTurn, following: ScenarioTurn | None) -> None:
    """Do what the turn says. following: the turn after it, which may say what a search finds. Raises Impossible."""
    phase = call.state.phase
    if phase in ("ending", "ended") and turn.kind not in ("wait", "hangs_up"):
        raise Impossible(f"the call is over: its outcome is {call.state.outcome!r}")
    if phase == "calling" and turn.kind == "silent":
        raise Impossible("the flow waits for another system, not for the caller")
    if turn.kind == "user":
        call.instead = _instead(call.finds, following)
        call.says(turn.user or "", turn.confidence)
    elif turn.kind == "keys":
        call.types(turn.keys or "")
    elif turn.kind == "silent":
        if phase != "listening":
            raise Impossible(f"nobody listens to the caller now ({phase})")
        call.is_silent()
    elif turn.kind == "wait":
        call.waits(turn.wait or 0)
    else:
        call.take(_event(call, turn))


def _instead(finds: Finds, following: ScenarioTurn | None) -> Callable[[Lookup, int], Event] | None:
    if following is None:
        return None
    if following.happens == "search_fails":
        return lambda action, at_ms: PartFailed(at_ms, "search", "as the test says")
    names = following.finds
    if names is None:
        return None
    return lambda action, at_ms: found(finds, action, at_ms, (names,) if isinstance(names, str) else names)


def found(finds: Finds, action: Lookup, at_ms: int, names: tuple[str, ...]) -> LookedUp:
    """A search that finds this: an intent, an article, or several articles that may be meant."""
    if names == (NOTHING,):
        return LookedUp(at_ms, action.text, "reject")
    if len(names) == 1 and names[0] in action.intents:
        return LookedUp(at_ms, action.text, "reject", intents=((names[0], 1.0),))
    candidates = tuple(finds.known(name, action.language) or _made_up(name) for name in names)
    return LookedUp(at_ms, action.text, "answer" if len(names) == 1 else "choose", candidates)


def _made_up(name: str) -> Candidate:
    """An article that the company does not have, for flowbooks that are tested without their articles."""
    return Candidate(name, "test", name, name, 1.0)


def _event(call: RehearsedCall, turn: ScenarioTurn) -> Event:
    at_ms, state = call.now.at_ms, call.state
    queue = state.queue
    if turn.kind == "hangs_up":
        return CallEnded(at_ms, "caller_hung_up")
    if turn.kind == "finds":
        raise Impossible("nothing was searched for; finds follows the words of a user turn")
    if turn.kind == "given_back":
        return _given_back(call, turn.given_back or "")
    what = turn.happens or ""
    if what.startswith("hearing_lost"):
        return HearingLost(at_ms, what.endswith("again"))
    if what.startswith("service_ends"):
        return ServiceEnds(at_ms, what.endswith("human"))
    if what == "search_fails":
        raise Impossible("nothing was searched for; search_fails follows the words of a user turn")
    if state.phase not in ("queued", "operator"):
        raise Impossible(f"the caller is not on their way to a human ({state.phase})")
    if what in _NOBODY:
        return HandoffFailed(at_ms, queue, _NOBODY[what])
    if what in ("put_through", "not_put_through"):
        to = _put_through_to(call)
        return PutThrough(at_ms, to) if what == "put_through" else NotPutThrough(at_ms, to, "no_answer")
    if what == "operator_joins":
        return OperatorJoined(at_ms, "test")
    if state.phase != "queued":
        raise Impossible("the caller talks to a human already")
    if what == "offer_declined":
        return OfferFailed(at_ms, queue)
    return QueueMoved(at_ms, queue, turn.place or 1, turn.wait_left)


def _given_back(call: RehearsedCall, flow: str) -> GivenBack:
    if call.state.phase != "operator":
        raise Impossible(f"no operator talks to the caller now ({call.state.phase})")
    known = call.book.handback.get(flow)
    if flow and known is None:
        raise Impossible(f"operators may not give a call back at {flow!r}; it is not under handback:")
    return GivenBack(call.now.at_ms, "test", flow, returns=known is not None and known.returns)


def _put_through_to(call: RehearsedCall) -> str:
    actions = [action for exchange in call.now.exchanges for action in exchange.actions]
    to = next((action.to for action in reversed(actions) if isinstance(action, Handoff)), "")
    if not to:
        raise Impossible("the caller was not put through to anybody: the hand-off has no to:")
    return to
