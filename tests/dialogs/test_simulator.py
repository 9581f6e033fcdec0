"""Talking to a flowbook by typing."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from dialogs import Flowbook, read_flowbook
from dialogs.rehearsal import run_tests
from dialogs.rehearsal.doing import Impossible
from dialogs.rehearsal.simulator import MOST_INPUTS, Simulator
from dialogs.rendering import MASK
from dialogs.scenarios import MOST_TURNS, Opening, Scenario, ScenarioTurn
from tests.dialogs.shelf import Shelf

NOON = datetime(2026, 11, 27, 12, 30)  # noqa: DTZ001 (the calendars' own time)
CARD = """
flowbook: 1
id: till
languages: {default: it}
start: welcome
disclosure: hello
queues: {desk: {}}
repair: {no_input: [{handoff: desk}], no_match: [{say: hello}, {handoff: desk}]}
always: {operator: {handoff: desk, say: hello}}
flows:
  welcome:
    - fill: {card: {type: digits, length: 4, confirm: readback, sensitive: true, ask: hello, confirm_text: is_it}}
    - end: answered
texts:
  hello: {it: Salve.}
  is_it: {it: "{card:digits}?"}
  hearing_lost: {it: Come?}
  failure: {it: Guasto.}
  nobody_available: {it: Nessuno.}
  queue_place: {it: "{place}"}
"""


def simulated(book: Flowbook, **opening: Any) -> Simulator:
    return Simulator(book, Shelf(), Opening(**{"at": NOON, **opening}))


def done(call: Simulator, **turn: Any) -> dict[str, Any]:
    reply = call.take(ScenarioTurn(**turn))
    assert json.loads(json.dumps(reply)) is not None  # it goes over the wire
    return reply


def said(reply: dict[str, Any]) -> list[str]:
    actions = [action for exchange in reply["exchanges"] for action in exchange["actions"]]
    return [action["key"] or action["text"] for action in actions if action["kind"] == "Say"]


def test_each_reply_says_what_the_bot_does_why_and_where_it_stands(shop: Flowbook) -> None:
    call = simulated(shop)
    assert said(call.begin()) == ["disclosure", "hello"]
    reply = done(call, user="orari")
    assert said(reply) == ["answer orari", "anything"]
    (why,) = [exchange["why"] for exchange in reply["exchanges"] if exchange["why"]]
    assert (why["article"], why["score"], why["band"]) == ("orari", 0.9, "answer")
    way = [one["node"] for exchange in reply["exchanges"] for one in exchange["way"]]
    assert way == ["flows.welcome.0.listen.kb", "flows.welcome.1", "flows.more.0"]
    state = reply["state"]
    assert (state["flow"], state["step"]["line"]) == ("more", shop.line_of(("flows", "more", 0)))
    assert state["counters"] == {"no_input": 0, "no_match": 0, "failures": 0, "budget": 8}
    assert state["time"] == "2026-11-27T12:30:03+01:00"
    reply = done(call, user="dov'è il mio ordine")
    (why,) = [exchange["why"] for exchange in reply["exchanges"] if exchange["why"]]
    assert (why["intent"], why["intents"]) == ("order", [("order", 0.9)])


def test_one_goes_back_and_begins_anew_at_another_time(shop: Flowbook, tavola: Flowbook) -> None:
    call = simulated(shop)
    done(call, keys="1")
    done(call, silent=True)
    assert call.back()["state"]["counters"]["failures"] == 0
    assert call.state()["asking"] == "number"
    assert call.back()["state"]["flow"] == "welcome"
    with pytest.raises(Impossible, match="the beginning"):
        call.back()
    evening = simulated(tavola)
    assert said(done(evening, user="asporto")) == ["come_in"]
    evening.begin(datetime(2026, 11, 27, 23, 45))  # noqa: DTZ001
    assert said(done(evening, user="asporto")) == ["opens_at"]


def test_other_systems_are_played_or_waited_for(tavola: Flowbook) -> None:
    call = simulated(tavola)
    reply = done(call, keys="4")
    assert reply["state"]["phase"] == "calling"
    assert reply["state"]["waiting"]["name"] == "mine.call"
    assert "url" in reply["state"]["waiting"]
    assert said(call.answer({"error": "timeout"})) == ["failure"]
    with pytest.raises(Impossible, match="no other system"):
        call.answer({})
    call.begin()
    call.mock("mine.call", {"code": "0417", "when": "domani"})
    assert said(done(call, keys="4")) == ["ask_code"]
    with pytest.raises(Impossible, match="there are: booking\\.call"):
        call.mock("nowhere.call", {})


def test_what_is_told_in_confidence_is_masked() -> None:
    call = simulated(read_flowbook(CARD))
    reply = done(call, user="quattro sette uno due")
    assert "quattro" not in json.dumps(reply)
    assert "4712" not in json.dumps(reply)
    assert reply["state"]["heard"] == MASK
    reply = done(call, user="sì")
    assert reply["state"]["slots"] == {"card": MASK}


def test_a_simulated_call_becomes_a_test_that_passes(tavola: Flowbook) -> None:
    call = simulated(tavola)
    call.mock("booking.call", {"free": True, "deposit": 5})
    for turn in (
        {"user": "vorrei prenotare per domani alle otto per quattro persone"},
        {"user": "no"},
        {"user": "in tre"},
        {"user": "sì"},
        {"user": "Rossi"},
        {"wait": "2s"},
        {"user": "cinque"},
    ):
        done(call, **turn)
    written = call.as_test("prenotazione")
    assert written["mock"] == {"booking.call": {"free": True, "deposit": 5}}
    assert {"end": "answered"} in written["turns"]
    assert written["expect"]["slots"]["people"] == 3
    assert passes(tavola, written)
    found = simulated(tavola)
    found.take(ScenarioTurn(user="e la mamma"), finds=("parking",))
    assert found.as_test("x")["turns"][1:3] == [{"user": "e la mamma"}, {"finds": ["parking"]}]


def test_what_other_systems_answered_becomes_the_tests_mock(tavola: Flowbook) -> None:
    call = simulated(tavola)
    done(call, keys="4")
    with pytest.raises(Impossible, match="say first what it answers"):
        call.as_test("che tavolo ho")
    call.answer({"error": "timeout"})
    assert call.as_test("un guasto")["mock"] == {"mine.call": {"error": "timeout", "status": 0}}
    call.back()
    done(call, keys="4")
    call.answer({"code": "0417", "when": "domani"})
    written = call.as_test("che tavolo ho")
    assert written["mock"] == {"mine.call": {"code": "0417", "when": "domani"}}
    assert written["at"] == "2026-11-27T12:30"
    assert passes(tavola, written)
    call.inputs += [(ScenarioTurn(wait="1s"), [])] * MOST_TURNS  # type: ignore[arg-type]
    with pytest.raises(Impossible, match="at most 200 turns"):
        call.as_test("lungo")


def test_a_tests_expectations_hold_no_sensitive_value() -> None:
    call = simulated(read_flowbook(CARD))
    done(call, keys="4712")
    done(call, user="sì")
    written = call.as_test("una carta")
    assert written["expect"] == {"failures": 0, "outcome": "answered"}
    assert passes(call.book, written)


def passes(book: Flowbook, written: dict[str, Any]) -> bool:
    report = run_tests(book.model_copy(update={"tests": (Scenario.model_validate(written),)}), Shelf())
    assert report.passed, report.failures
    return report.passed


def test_what_cannot_be_changes_nothing(shop: Flowbook) -> None:
    call = simulated(shop)
    for turn, why in (({"ask": "number"}, "is for tests"), ({"place": 1}, "not on their way to a human")):
        with pytest.raises(Impossible, match=why):
            call.take(ScenarioTurn(**turn))  # type: ignore[arg-type]
    assert call.inputs == []
    with pytest.raises(Impossible, match="begins no call of ours"):
        simulated(shop, flow="order")
    call.inputs += [(ScenarioTurn(silent=True), [])] * MOST_INPUTS
    with pytest.raises(Impossible, match="cannot be this long"):
        call.take(ScenarioTurn(silent=True))
