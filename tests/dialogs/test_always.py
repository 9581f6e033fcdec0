"""What holds for any sequence of events, however odd."""

from __future__ import annotations

import json
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs import Flowbook, engine, replay, turns
from dialogs.events import (
    Action,
    CallEnded,
    CallerSaid,
    CallerSilent,
    CallerTyped,
    CallStarted,
    End,
    Event,
    Handoff,
    HandoffFailed,
    HearingLost,
    Listen,
    LookedUp,
    Lookup,
    Note,
    OperatorJoined,
    PartFailed,
    QueueMoved,
    Say,
    from_json,
    to_json,
)
from dialogs.state import State
from tests.dialogs.conversation import article

PHRASES = [
    "orari",
    "sì",
    "no",
    "la seconda",
    "quattro sette uno due nove zero",
    "471290",
    "912345",
    "471",
    "dodici",
    "espresso",
    "annulla",
    "ripeta",
    "grazie",
    "",
    "¿?",
    "operatore",
    "네",
    "one",
    "più di così",
    "{number}",
    "mmh",
]
SERVED = ("listening", "looking")


def usual(chance: Random, state: State) -> Event:
    """Something a caller or a search does, mostly what fits the moment."""
    if state.phase == "looking" and chance.random() < 0.8:
        names = chance.sample("abc", chance.randrange(4))
        queue = chance.choice(["", "orders", "x"])
        found = tuple(article(name, chance.random(), chance.random() < 0.1, queue) for name in names)
        intents = ((chance.choice(["order", "survey", "operator", "x"]), chance.random()),)
        return LookedUp(1, state.words, chance.choice(["answer", "choose", "reject", "unheard of"]), found, intents)
    kind = chance.random()
    if kind < 0.5:
        return CallerSaid(1, chance.choice(PHRASES), chance.choice([None, 0.4]))
    if kind < 0.9:
        return CallerTyped(
            1, chance.choice("1234567890*#1123") if chance.random() < 0.95 else chance.choice(["A", "", "12"])
        )
    return CallerSilent(1)


def anything(chance: Random, state: State) -> Event:
    """Any event; what ends a call is rare, so that calls get far."""
    if chance.random() < 0.9:
        return usual(chance, state)
    rare: tuple[Event, ...] = (
        HearingLost(1, chance.random() < 0.2),
        QueueMoved(1, "desk", chance.randrange(5)),
        CallStarted(1, "x", "fr"),
        LookedUp(1, "late", "answer", (article("a"),)),
        OperatorJoined(1, "anna"),
        HandoffFailed(1, "desk", "closed"),
        PartFailed(1, "search", "{gone}"),
        CallEnded(1, chance.choice(["caller_hung_up", "node_lost"])),
    )
    return chance.choice(rare[:4] if chance.random() < 0.7 else rare)


@settings(max_examples=250, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(["it", "en", "ko"]))
def test_no_event_breaks_a_call(shop: Flowbook, chance: Random, language: str) -> None:
    state = engine.start(shop, language)
    log: list[Event | Action] = []
    for place in range(40):
        event = anything(chance, state) if place else CallStarted(0, "line", language, "+39")
        before = state
        state, actions = engine.step(shop, before, event)
        assert engine.step(shop, before, event) == (state, actions)  # pure
        assert State.from_json(json.loads(json.dumps(state.to_json()))) == state
        assert [from_json(json.loads(json.dumps(to_json(action)))) for action in actions] == list(actions)
        notes = [action for action in actions if isinstance(action, Note)]
        assert not any(note.values.get("part") == "flowbook" for note in notes), notes  # nothing raised inside
        by_caller = isinstance(event, CallerSaid | CallerTyped | CallerSilent)
        if by_caller and state.phase in SERVED and before.phase in SERVED:
            assert isinstance(actions[-1], Listen | Lookup)  # never left without an ear
        if before.phase in ("operator", "ending", "ended") and not isinstance(event, HandoffFailed):
            assert not any(isinstance(action, Say | Listen) for action in actions)
        if before.phase == "ended":
            assert actions == ()
        log += [event, *actions]
    assert replay(shop, language, turns(log)).same


@settings(max_examples=80, deadline=None)
@given(st.randoms(use_true_random=False))
def test_failures_stay_within_the_budget(shop: Flowbook, chance: Random) -> None:
    state, _ = engine.step(shop, engine.start(shop, "it"), CallStarted(0, "line", "it"))
    for _ in range(80):
        before = state
        state, actions = engine.step(shop, before, usual(chance, state))
        assert state.failures <= shop.repair.call_budget
        if before.failures < state.failures == shop.repair.call_budget:
            assert isinstance(actions[-1], Handoff | End)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["it", "en", "ko"]),
    st.lists(st.sampled_from(["silent", "lost", "murmur"]), min_size=12, max_size=12),
)
def test_a_caller_who_is_never_understood_reaches_a_way_out(
    bookshop: Flowbook, language: str, behaviour: list[str]
) -> None:
    state, _ = engine.step(bookshop, engine.start(bookshop, language), CallStarted(0, "line", language))
    for kind in behaviour:
        event: Event = HearingLost(1) if kind == "lost" else CallerSilent(1)
        if kind == "murmur":
            state, _ = engine.step(bookshop, state, CallerSaid(1, "mmh"))
            event = LookedUp(1, "mmh", "reject")
        state, _ = engine.step(bookshop, state, event)
    assert state.phase in ("queued", "ending")
