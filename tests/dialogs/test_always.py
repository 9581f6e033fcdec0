"""What holds for any sequence of events, however odd."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs import Flowbook, engine, replay, turns
from dialogs.events import (
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

PHRASES = (
    "orari|sì|no|la seconda|quattro sette uno due nove zero|471|912345|dodici|espresso|annulla|ripeta|grazie||¿?|"
    "operatore|네|one|più di così|{number}"
)
WORDS = st.sampled_from(PHRASES.split("|")) | st.text(max_size=12)
ARTICLE = st.builds(
    article,
    st.sampled_from("abc"),
    st.floats(0, 1),
    st.sampled_from([False] * 9 + [True]),
    st.sampled_from(["", "orders", "x"]),
)
LOOKED = st.builds(
    LookedUp,
    at_ms=st.just(1),
    text=st.just("?"),
    band=st.sampled_from(["answer", "choose", "reject", "unheard of"]),
    candidates=st.lists(
        ARTICLE,
        max_size=3,
    ).map(tuple),
    intents=st.lists(st.tuples(st.sampled_from(["order", "survey", "operator", "x"]), st.floats(0, 1)), max_size=2).map(
        tuple
    ),
)
CALLER: st.SearchStrategy[Event] = st.one_of(
    st.builds(CallerSaid, st.just(1), WORDS, st.none() | st.floats(0, 1)),
    st.builds(CallerTyped, st.just(1), st.sampled_from("0123456789*#A") | st.text(max_size=2)),
    st.builds(CallerSilent, st.just(1)),
    LOOKED,
)
ANY: st.SearchStrategy[Event] = st.one_of(
    *[CALLER] * 20,  # what ends a call is rare, so that calls get far
    st.builds(HearingLost, st.just(1), st.booleans()),
    st.builds(QueueMoved, st.just(1), st.just("desk"), st.integers(0, 9)),
    st.builds(OperatorJoined, st.just(1), st.just("anna")),
    st.builds(HandoffFailed, st.just(1), st.just("desk"), st.just("closed")),
    st.builds(PartFailed, st.just(1), st.just("search"), st.just("{gone}")),
    st.builds(CallEnded, st.just(1), st.sampled_from(["caller_hung_up", "node_lost"])),
    st.builds(CallStarted, st.just(1), st.just("x"), st.sampled_from(["it", "fr"])),
)
SERVED = ("listening", "looking")


def events(of: st.SearchStrategy[Event]) -> st.SearchStrategy[list[Event]]:
    start = st.builds(CallStarted, st.just(0), st.just("line"), st.sampled_from(["it", "en", "ko"]), st.just("+39"))
    return st.tuples(start, st.lists(of, min_size=20, max_size=40)).map(lambda parts: [parts[0], *parts[1]])


def answered(event: Event, state: State) -> Event:
    """A search result belongs to the search that is under way."""
    return (
        LookedUp(1, state.words, event.band, event.candidates, event.intents) if isinstance(event, LookedUp) else event
    )


@settings(max_examples=200, deadline=None)
@given(happened=events(ANY))
def test_no_event_breaks_a_call(shop: Flowbook, happened: list[Event]) -> None:
    state = engine.start(shop, "it")
    log = []
    for raw in happened:
        event = answered(raw, state)
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
    assert replay(shop, "it", turns(log)).same


@settings(max_examples=80, deadline=None)
@given(happened=st.lists(CALLER, min_size=60, max_size=60))
def test_failures_stay_within_the_budget(shop: Flowbook, happened: list[Event]) -> None:
    state, _ = engine.step(shop, engine.start(shop, "it"), CallStarted(0, "line", "it"))
    for raw in happened:
        before = state
        state, actions = engine.step(shop, before, answered(raw, state))
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
