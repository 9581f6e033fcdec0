"""What holds for any sequence of events, however odd."""

from __future__ import annotations

import json
import os
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialogs import Flowbook, engine, replay, turns
from dialogs.contact import Contact, Matter
from dialogs.events import (
    Action,
    CallEnded,
    CallerSaid,
    CallerSilent,
    CallerTyped,
    CallStarted,
    End,
    Event,
    GivenBack,
    Handoff,
    HandoffFailed,
    HearingLost,
    Listen,
    LookedUp,
    Lookup,
    Message,
    Note,
    OperatorJoined,
    PartFailed,
    QueueMoved,
    Request,
    Responded,
    Say,
    from_json,
    to_json,
)
from dialogs.rehearsal.places import steps_of
from dialogs.state import State
from dialogs.steps import registered
from dialogs.walking import every_step
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
TABLE_PHRASES = [
    "un tavolo",
    "vorrei prenotare per domani alle otto per quattro persone",
    "sabato",
    "alle nove",
    "in due",
    "no, volevo dire tre",
    "ho sbagliato la data",
    "ho sbagliato",
    "mi chiamo Rossi",
    "un banchetto",
    "asporto",
    "inglese",
    "la mia prenotazione",
    "a table",
    "0417",
    "cinque",
    "dove parcheggio",
]
SERVED = ("listening", "looking", "calling")
CALLS = int(os.environ.get("CENTRALINO_RANDOM_CALLS", "0"))
"""Random conversations of each property, in place of the few that are usual."""
TOLD = (
    "the time of this call is not known",
    "no such overload",
    "no such member",
    "does not support field selection",
    "gave None",
    "not found",
)
"""Errors of the flowbook's own conditions with what other systems send; each leads to a human."""
SEEDS = st.integers(0, 2**32 - 1)
"""A conversation for each: drawing its every turn through hypothesis would take ten times as long as the engine."""
CLOCKS = ["", "2026-11-27T12:30:00+01:00", "2026-11-29T03:00:00+01:00"]


def calls(usual: int) -> int:
    return CALLS or usual


@pytest.fixture(params=["shop", "tavola", "bookshop"])
def book(request: pytest.FixtureRequest) -> Flowbook:
    found: Flowbook = request.getfixturevalue(request.param)
    return found


def started(chance: Random, language: str, book: Flowbook) -> CallStarted:
    """A caller's call, or one of ours, that a person or a machine answers."""
    ours = chance.choice([*book.outgoing, "gone"]) if book.outgoing and chance.random() < 0.3 else ""
    contact = Contact(True, "Anna", 2, open=(Matter("order", "torta", "2026-11-26"),)).facts()
    known = contact if chance.random() < 0.3 else {}
    return CallStarted(
        0, "line", language, "+39", "2026-11-27", flow=ours, slots={"titolo": "Il nome della rosa"} if ours else {},
        answered_by=chance.choice(["person", "person", "machine"]) if ours else "", records=chance.random() < 0.5,
        clock=chance.choice(CLOCKS), contact=known,
    )  # fmt: skip


def answer(chance: Random, state: State) -> Responded:
    """Another system answers: well, badly, or to something that was asked before."""
    values = ({"free": True, "deposit": 20}, {"free": False}, {"code": "0417", "when": "domani"}, None, [1], "x", 3.5)
    ok = chance.random() < 0.8
    asked = state.requests if chance.random() < 0.9 else state.requests - 1
    return Responded(
        1, asked, ok, 200 if ok else 500, chance.choice(values) if ok else None, "" if ok else "status 500"
    )


def usual(chance: Random, state: State, book: Flowbook) -> Event:
    """Something a caller, a search or another system does, mostly what fits the moment."""
    if state.phase == "calling" and chance.random() < 0.8:
        return answer(chance, state)
    if state.phase == "looking" and chance.random() < 0.8:
        names = chance.sample("abc", chance.randrange(4))
        queue = chance.choice(["", "orders", "x"])
        found = tuple(article(name, chance.random(), chance.random() < 0.1, queue) for name in names)
        intents = ((chance.choice([*book.intents, "x"]), chance.random()),)
        return LookedUp(1, state.words, chance.choice(["answer", "choose", "reject", "unheard of"]), found, intents)
    kind = chance.random()
    if kind < 0.5:
        return CallerSaid(1, chance.choice(PHRASES + TABLE_PHRASES), chance.choice([None, 0.4]))
    if kind < 0.9:
        return CallerTyped(
            1, chance.choice("1234567890*#1123") if chance.random() < 0.95 else chance.choice(["A", "", "12"])
        )
    return CallerSilent(1)


def anything(chance: Random, state: State, book: Flowbook) -> Event:
    """Any event; what ends a call is rare, so that calls get far."""
    if chance.random() < 0.9:
        return usual(chance, state, book)
    rare: tuple[Event, ...] = (
        HearingLost(1, chance.random() < 0.2),
        answer(chance, state),
        QueueMoved(1, "desk", chance.randrange(5)),
        CallStarted(1, "x", "fr"),
        LookedUp(1, "late", "answer", (article("a"),)),
        OperatorJoined(1, "anna"),
        HandoffFailed(1, "desk", "closed"),
        GivenBack(1, "anna", chance.choice(["", "nowhere", *book.handback]), chance.random() < 0.5),
        PartFailed(1, "search", "{gone}"),
        CallEnded(1, chance.choice(["caller_hung_up", "node_lost"])),
    )
    return chance.choice(rare[:5] if chance.random() < 0.7 else rare)


@settings(max_examples=calls(250), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SEEDS, st.sampled_from(["it", "en", "ko"]))
def test_no_event_breaks_a_call(book: Flowbook, seed: int, language: str) -> None:
    chance = Random(seed)
    state = engine.start(book, language)
    log: list[Event | Action] = []
    all_steps = set(steps_of(book))
    for place in range(40):
        event = anything(chance, state, book) if place else started(chance, language, book)
        before = state
        walked = engine.walk(book, before, event)
        state, actions = walked.state, walked.actions
        assert engine.walk(book, before, event) == walked  # pure
        steps = [way for way in walked.way if way in all_steps]
        assert len(steps) == len(set(steps))  # no step twice without the caller in between
        assert State.from_json(json.loads(json.dumps(state.to_json()))) == state
        assert [from_json(json.loads(json.dumps(to_json(action)))) for action in actions] == list(actions)
        notes = [action for action in actions if isinstance(action, Note)]
        raised = [note.values["detail"] for note in notes if note.values.get("part") == "flowbook"]
        assert all(any(known in why for known in TOLD) for why in raised), raised  # nothing raised inside
        by_caller = isinstance(event, CallerSaid | CallerTyped | CallerSilent)
        if by_caller and state.phase in SERVED and before.phase in ("listening", "looking"):
            last = (
                actions[-1]
                if state.phase != "calling"
                else next(a for a in actions if isinstance(a, Request | Message))
            )
            assert isinstance(last, Listen | Lookup | Request | Message)  # never left without an ear
        if state.phase == "calling" and before.phase != "calling":
            (asked,) = [action.id for action in actions if isinstance(action, Request | Message) and action.id]
            assert asked == state.requests > before.requests
        if before.phase in ("operator", "ending", "ended") and not isinstance(event, HandoffFailed | GivenBack):
            assert not any(isinstance(action, Say | Listen) for action in actions)
        if before.phase == "ended":
            assert actions == ()
        log += [event, *actions]
    assert replay(book, language, turns(log)).same


@settings(max_examples=calls(80), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SEEDS)
def test_failures_stay_within_the_budget(book: Flowbook, seed: int) -> None:
    chance = Random(seed)
    state, _ = engine.step(book, engine.start(book, "it"), started(chance, "it", book))
    for _ in range(80):
        before = state
        state, actions = engine.step(book, before, usual(chance, state, book))
        assert state.failures <= book.repair.call_budget
        if before.failures < state.failures == book.repair.call_budget:
            assert isinstance(actions[-1], Handoff | End)


@settings(max_examples=calls(80), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SEEDS, st.integers(0, 25))
def test_whoever_falls_silent_is_brought_to_an_end_within_the_budget(book: Flowbook, seed: int, talkative: int) -> None:
    chance = Random(seed)
    state, _ = engine.step(book, engine.start(book, "it"), started(chance, "it", book))
    for _ in range(talkative):
        state, _ = engine.step(book, state, usual(chance, state, book))
    events = 0
    while state.phase in SERVED:
        event: Event = CallerSilent(1)
        if state.phase == "calling":
            event = Responded(1, state.requests, False, error="no answer")
        elif state.phase == "looking":
            event = LookedUp(1, state.words, "reject")
        state, _ = engine.step(book, state, event)
        events += 1
        assert events <= 4 * book.repair.call_budget


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


def test_these_flowbooks_have_every_kind_of_step(shop: Flowbook, tavola: Flowbook, bookshop: Flowbook) -> None:
    used = {step.keyword for book in (shop, tavola, bookshop) for _, step in every_step(book.flows)}
    assert used == set(registered())
