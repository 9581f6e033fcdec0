"""A past call cut into turns: what came from outside, and all that the bot did until something came again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dialogs import engine
from dialogs.confidence import is_masked
from dialogs.events import (
    Action,
    Callback,
    CallEnded,
    CallerSaid,
    CallerSilent,
    CallerTyped,
    CallStarted,
    End,
    Event,
    Handoff,
    Listen,
    LookedUp,
    Message,
    Note,
    Request,
    Responded,
    Say,
)
from dialogs.flowbook import Flowbook
from dialogs.rehearsal.places import in_words
from dialogs.replay import Turn
from dialogs.state import State

_ANSWERS = (LookedUp, Responded)
"""Events that answer what the dialog itself has asked."""


@dataclass(frozen=True)
class PastTurn:
    """events: one, or keys typed in a row. actions: all that was done until the next turn. state: where it stood then,
    None where that is not known. masked: what the caller told is not in the log."""

    events: tuple[Event, ...]
    actions: tuple[Action, ...]
    state: State | None = None
    masked: bool = False

    @property
    def first(self) -> Event:
        return self.events[0]


@dataclass(frozen=True)
class Doing:
    """What the bot did in a turn. texts: as they may be written down. asks: the slot, and what kind of answer. step:
    where it stands then, '' where that is not known. ends: the outcome, '' while the call goes on."""

    texts: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    asks: str = ""
    step: str = ""
    handoff: str = ""
    callback: str = ""
    requests: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    language: str = ""
    ends: str = ""


COMPARED = ("texts", "articles", "step", "asks", "handoff", "callback", "requests", "messages", "language", "ends")


def past_turns(log: Sequence[Turn], language: str, book: Flowbook | None) -> list[PastTurn]:
    """log: as `dialogs.replay.turns` gives it. book: the revision that the call had, None when it is not there: then
    nobody knows at which step it stood."""
    states = _states(log, language, book)
    found: list[PastTurn] = []
    for number, (event, actions) in enumerate(log):
        state = states[number] if number < len(states) else None
        last = found[-1] if found else None
        typed_on = last is not None and isinstance(event, CallerTyped) and isinstance(last.events[-1], CallerTyped)
        if last is not None and isinstance(event, _ANSWERS):
            found[-1] = PastTurn(last.events, (*last.actions, *actions), state, last.masked)
        elif last is not None and typed_on and not any(isinstance(one, Say) for one in last.actions):
            masked = last.masked or is_masked(event)
            found[-1] = PastTurn((*last.events, event), (*last.actions, *actions), state, masked)
        else:
            found.append(PastTurn((event,), tuple(actions), state, is_masked(event)))
    return found


def _states(log: Sequence[Turn], language: str, book: Flowbook | None) -> list[State]:
    """The states the call went through, as far as the flowbook still does what the log says."""
    states: list[State] = []
    if book is None:
        return states
    state = engine.start(book, language)
    for event, stored in log:
        if is_masked(event):
            break
        state, actions = engine.step(book, state, event)
        if actions != tuple(stored):
            break
        states.append(state)
    return states


def doing(actions: Sequence[Action], state: State | None, book: Flowbook | None) -> Doing:
    """book: that `state` belongs to."""
    said = [one for one in actions if isinstance(one, Say)]
    listens = [one for one in actions if isinstance(one, Listen)]
    ended = [one.values.get("outcome", "") for one in actions if isinstance(one, Note) and one.topic == "outcome"]
    ends = [one.outcome for one in actions if isinstance(one, End)]
    slot = f"{state.asking} " if state is not None and state.asking else ""
    step = in_words(book, ("flows", *state.at)) if state is not None and book is not None and state.at else ""
    return Doing(
        texts=tuple(one.shown or one.text for one in said),
        articles=tuple(one.article for one in said if one.article),
        asks=slot + listens[-1].expects if listens else "",
        step=step,
        handoff=next((one.queue for one in actions if isinstance(one, Handoff)), ""),
        callback=next((one.queue for one in actions if isinstance(one, Callback)), ""),
        requests=tuple(f"{one.method} {one.url}" for one in actions if isinstance(one, Request)),
        messages=tuple(f"{one.channel}: {one.text}" for one in actions if isinstance(one, Message)),
        language=said[-1].language if said else "",
        ends=next(iter((*ended, *ends)), ""),
    )


def told(turn: PastTurn) -> str:
    """What came from outside, in words."""
    if isinstance(turn.first, CallerTyped):
        return "presses " + "".join(one.key for one in turn.events if isinstance(one, CallerTyped))
    match turn.first:
        case CallStarted():
            return "the call begins"
        case CallerSaid():
            return f"says “{turn.first.text}”"
        case CallerSilent():
            return "is silent"
        case CallEnded():
            return f"the call ends ({turn.first.reason})"
        case other:
            return type(other).__name__


def answers_in(log: Sequence[Turn]) -> Iterator[tuple[Request | Message, Responded]]:
    """What other systems were asked, and what they answered."""
    asked: dict[int, Request | Message] = {}
    for event, actions in log:
        if isinstance(event, Responded) and event.request in asked:
            yield asked.pop(event.request), event
        asked |= {one.id: one for one in actions if isinstance(one, Request | Message) and one.id}
