"""Calls that the bot places: what it says first, what it knows before, how a person gets off the list."""

from __future__ import annotations

import pytest

from dialogs import engine
from dialogs.events import CallerSaid, CallerTyped, CallStarted, End, Event, Note, Say, from_json, to_json
from dialogs.flowbook import Flowbook
from dialogs.loading import read_flowbook
from dialogs.problems import FlowbookErrors
from dialogs.spoken_choices import hear_machine
from dialogs.state import State

BOOK = """
flowbook: 1
id: shop
languages: {default: it}
start: welcome
disclosure: disclosure
queues: {banco: {}}
repair:
  no_input: [{say: again}, {end: not_reached}]
  no_match: [{say: again}, {say: again, handoff: banco}]
always:
  operator: {handoff: banco, say: again}
  opt_out: {say: never_again}
outgoing:
  ritiro: {disclosure: who_calls, slots: [titolo], message: on_machine}
  richiamata: {disclosure: back, callbacks: [banco]}
flows:
  welcome:
    - listen: {say: ask, no: ritiro}
    - end: answered
  ritiro:
    - fill: {viene: {type: yes_no}}
    - say: bye
    - end: confirmed
  richiamata:
    - handoff: banco
texts:
  disclosure: {it: Buongiorno.}
  who_calls: {it: "Sono l'assistente automatico della libreria: {titolo} è arrivato."}
  back: {it: La richiamiamo come promesso.}
  on_machine: {it: "Libreria: {titolo} è arrivato."}
  never_again: {it: Non la chiameremo più.}
  ask: {it: Prego?}
  ask_viene: {it: "Passa a ritirare {titolo}?"}
  again: {it: Scusi.}
  bye: {it: A presto.}
  hearing_lost: {it: Ripeta.}
  failure: {it: Un guasto.}
  nobody_available: {it: La richiamiamo.}
  queue_place: {it: "Numero {place}."}
"""


@pytest.fixture(scope="module")
def book() -> Flowbook:
    return read_flowbook(BOOK)


def call(book: Flowbook, flow: str, *events: Event, by: str = "person") -> tuple[State, list[object]]:
    state, actions = engine.start(book, "it"), []
    began = CallStarted(0, "line", "it", "+393331234567", "2026-11-27", flow, {"titolo": "Il nome della rosa"}, by)
    for event in (began, *events):
        state, more = engine.step(book, state, event)
        actions += more
    return state, actions


def said(actions: list[object]) -> list[str]:
    return [action.text for action in actions if isinstance(action, Say)]


def test_the_bot_says_first_who_calls_and_why_with_what_it_knows(book: Flowbook) -> None:
    state, actions = call(book, "ritiro")
    assert said(actions) == [
        "Sono l'assistente automatico della libreria: Il nome della rosa è arrivato.",
        "Passa a ritirare Il nome della rosa?",
    ]
    assert isinstance(actions[0], Say)
    assert not actions[0].interruptible
    assert state.slots["titolo"] == "Il nome della rosa"


@pytest.mark.parametrize("words", ["Non mi chiamate più!", "guardi, tolga il mio numero per favore"])
def test_who_says_that_they_do_not_want_it_is_not_called_any_more(book: Flowbook, words: str) -> None:
    state, actions = call(book, "ritiro", CallerSaid(1, words, 0.9))
    assert Note("opt_out", {"how": "spoken", "number": "+393331234567"}) in actions
    assert said(actions)[-1] == "Non la chiameremo più."
    assert actions[-1] == End("opted_out")
    assert state.outcome == "opted_out"


def test_nine_is_the_key_for_it_where_the_step_gives_it_no_meaning(book: Flowbook) -> None:
    _, actions = call(book, "ritiro", CallerTyped(1, "9"))
    assert Note("opt_out", {"how": "keyed", "number": "+393331234567"}) in actions


def test_a_caller_may_say_it_too_but_the_key_means_nothing_to_them(book: Flowbook) -> None:
    _, spoken = call(book, "", CallerSaid(1, "non chiamatemi più", 0.9))
    _, keyed = call(book, "", CallerTyped(1, "9"))
    assert any(isinstance(action, Note) and action.topic == "opt_out" for action in spoken)
    assert not any(isinstance(action, Note) and action.topic == "opt_out" for action in keyed)


def test_a_machine_hears_the_message_and_nothing_else(book: Flowbook) -> None:
    _, actions = call(book, "ritiro", by="machine")
    assert said(actions) == ["Libreria: Il nome della rosa è arrivato."]
    assert actions[-1] == End("message_left")


def test_a_flow_without_a_message_leaves_none(book: Flowbook) -> None:
    _, actions = call(book, "richiamata", by="machine")
    assert said(actions) == []
    assert actions[-1] == End("machine")


def test_a_flow_that_is_gone_ends_the_call_and_says_so_in_the_history(book: Flowbook) -> None:
    _, actions = call(book, "vecchio")
    assert actions[-1] == End("failed")
    assert Note("flow_unknown", {"flow": "vecchio"}) in actions


def test_the_beginning_survives_the_history(book: Flowbook) -> None:
    began = CallStarted(0, "line", "it", "+39", "2026-11-27", "ritiro", {"titolo": "x"}, "machine")
    assert from_json(to_json(began)) == began


def test_call_backs_find_their_flow(book: Flowbook) -> None:
    assert book.calling_back("banco") == "richiamata"
    assert book.calling_back("altro") == ""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("opt_out: {say: never_again}", "cancel: {goto: welcome}"), "add always.opt_out"),
        (("slots: [titolo]", "slots: [nome]"), "{titolo} is not among the slots known"),
        (("disclosure: who_calls", "disclosure: nothing"), "there is no text 'nothing'"),
        (("callbacks: [banco]", "callbacks: [cassa]"), "there is no queue 'cassa'"),
        (("  richiamata: {disc", "  altrove: {disc"), "there is no flow 'altrove'"),
        (("  ritiro: {disclosure: who_calls, ", "  ritiro: {callbacks: [banco], disclosure: who_calls, "), "already"),
    ],
)
def test_what_is_wrong_is_told(change: tuple[str, str], told: str) -> None:
    with pytest.raises(FlowbookErrors) as caught:
        read_flowbook(BOOK.replace(*change))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("words", "code", "machine"),
    [
        ("Risponde la segreteria telefonica di Anna", "it", True),
        ("L'utente da lei chiamato non è al momento raggiungibile.", "it", True),
        ("Lasciate un messaggio dopo il segnale acustico", "it", True),
        ("Pronto, chi parla?", "it", False),
        ("Pronto, segreteria dello studio Bianchi", "it", False),
        ("Please leave a message after the tone", "en", True),
        ("Hello?", "en", False),
    ],
)
def test_machines_are_known_by_their_words(words: str, code: str, machine: bool) -> None:
    assert hear_machine(words, code) is machine
