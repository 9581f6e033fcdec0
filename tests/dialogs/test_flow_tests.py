"""The tests that stand in a flowbook: carried out, and what is told when they fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dialogs import Flowbook, read_flowbook
from dialogs.rehearsal import run_tests
from dialogs.rehearsal.trial import TrialResult
from dialogs.scenarios import Scenario, ScenarioTurn
from tests.dialogs.shelf import Shelf

FRIDAY = {"at": "2026-11-27T12:30"}
IN_ONE_SENTENCE = "vorrei prenotare per domani alle otto per quattro persone"


def carried_out(book: Flowbook, **test: Any) -> TrialResult:
    scenario = Scenario.model_validate({"name": "a test", **test})
    return run_tests(book.model_copy(update={"tests": (scenario,)}), Shelf()).results[0]


def failure(book: Flowbook, **test: Any) -> str:
    (found,) = carried_out(book, **test).failures
    return found.message


def passes(book: Flowbook, *turns: dict[str, Any], **test: Any) -> None:
    result = carried_out(book, turns=list(turns), **test)
    assert result.passed, result.failures


def test_the_test_of_the_restaurant_passes_and_says_what_it_came_by(tavola: Flowbook) -> None:
    report = run_tests(tavola, Shelf())
    assert report.passed, report.failures
    (result,) = report.results
    assert [turn.number for turn in result.turns] == list(range(len(tavola.tests[0].turns) + 1))
    assert ("flows", "booking", 3, "then") in result.way
    assert ("flows", "booking", 3, "else") not in result.way
    missed = {one.node: str(one) for one in report.coverage.missed}
    assert "flows.booking.3.then" not in missed
    line = tavola.line_of(("flows", "booking", 3, "else"))
    assert missed["flows.booking.3.else"] == f"tavola.yaml:{line}: flow 'booking', step 4: if → else"
    assert missed["flows.booking.3.else.0"] == f"tavola.yaml:{line}: flow 'booking', step 4, else 1: say"
    assert missed["repair.no_match.2"].endswith("repair.no_match, rung 3")
    assert 0 < report.coverage.percent < 50


def test_a_failure_says_which_turn_of_which_test_and_what_the_bot_did_instead(tavola: Flowbook) -> None:
    text = Path(__file__).with_name("tavola.yaml").read_text(encoding="utf-8")
    book = read_flowbook(text.replace("{ask: name},", "{ask: hour},"))
    report = run_tests(book, Shelf())
    line = next(n for n, one in enumerate(text.splitlines(), 1) if "{ask: name}" in one)
    assert not report.passed
    (told,) = map(str, report.failures)
    assert told.startswith(f"flowbook.yaml:{line}:")
    assert told.endswith(
        "tests[0] 'un tavolo in una frase', turn 4: expected to be asked 'hour'; "
        "the bot said A che nome? [ask_name], it asks for 'name'"
    )
    assert len(report.results[0].turns) == 5  # it stops there


def test_all_that_can_be_done_and_seen(tavola: Flowbook, shop: Flowbook) -> None:
    passes(
        tavola,
        *({"ask": "choose"}, {"silent": True}, {"said": "silence"}, {"failures": 1}),
        *({"user": "posso lasciare la macchina"}, {"said": "parking"}, {"ask": "choose"}, {"note": "digression"}),
        *({"user": "resi"}, {"answered": "resi"}, {"words": "ANSWER resi"}),
        *({"user": "e la lavagna"}, {"finds": ["a", "b"]}, {"said": "pardon"}),
        *({"keys": "1"}, {"ask": "day"}, {"user": "sabato", "confidence": 0.4}, {"flow": "booking"}),
        *({"slots": {"day": "2026-11-28", "hour": None}}, {"language": "it"}),
        *({"user": "operatore"}, {"handoff": "desk"}, {"wait": "40s"}, {"place": 2, "wait_left": "3m"}),
        *({"said": "queue_place"}, {"happens": "offer_declined"}, {"said": "not_taken"}),
        *({"happens": "operator_joins"}, {"happens": "operator_lost"}, {"callback": "desk"}, {"end": "callback"}),
        expect={"outcome": "callback", "handoff": "desk", "failures": 2, "verified": False, "language": "it"},
        **FRIDAY,
    )
    passes(
        shop,
        *({"user": "spedizione"}, {"finds": ["a", "b"]}, {"offered": "b"}, {"keys": "2"}, {"answered": "b"}),
        *({"user": "mmh"}, {"happens": "search_fails"}, {"said": "failure"}, {"handoff": "desk"}, {"hangs_up": True}),
        expect={"outcome": "abandoned"},
    )
    passes(
        shop,
        {"user": "mmh"},
        {"finds": "nothing"},
        {"said": "pardon"},
        {"user": "dov'è"},
        {"finds": "order"},
        {"ask": "number"},
    )
    passes(tavola, {"user": "asporto"}, {"said": "opens_at"}, {"end": "closed"}, at="2026-11-27T23:30")
    passes(tavola, {"user": "inglese"}, {"language": "en"}, {"happens": "hearing_lost"}, {"said": "hearing_lost"})
    passes(tavola, {"said": "about_last"}, contact={"name": "Anna", "open": [{"kind": "order", "subject": "torta"}]})
    passes(tavola, {"happens": "service_ends_with_human"}, expect={"outcome": "handed_off"})


def test_other_systems_are_played(tavola: Flowbook) -> None:
    mine = ({"keys": "4"}, {"ask": "ask_code"}, {"keys": "0417"})
    found = {"mine.call": {"code": "0417", "when": "domani"}}
    passes(tavola, *mine, {"said": "your_booking"}, mock=found, expect={"verified": True})
    down = {"error": "timeout", "status": 504}
    passes(
        tavola,
        {"keys": "4"},
        {"said": "failure"},
        {"handoff": "desk"},
        {"note": "call_failed"},
        mock={"mine.call": down},
    )
    tell = ({"user": IN_ONE_SENTENCE}, {"user": "sì"}, {"user": "Rossi"})
    full = {"booking.call": {"in_turn": [{"free": False}, {"free": True, "deposit": 1}]}}
    again = ({"said": "full"}, {"wait": "1m"}, {"silent": True}, {"silent": True}, {"end": "answered"})
    passes(tavola, *tell, *again, mock=full, **FRIDAY)
    booked = {"booking.call": {"free": True, "deposit": 5}}
    passes(tavola, *tell, {"said": "booked"}, {"message": "sms"}, mock=booked, **FRIDAY)


def test_calls_of_ours_and_recordings(bookshop: Flowbook) -> None:
    reminder = {"flow": "promemoria_ritiro", "slots": {"titolo": "Il nome della rosa", "scadenza": "sabato"}}
    passes(bookshop, {"words": "il nome della rosa"}, {"user": "sì"}, {"end": "confirmed"}, **reminder)
    passes(bookshop, {"said": "ritiro_segreteria"}, {"end": "message_left"}, answered_by="machine", **reminder)


@pytest.mark.parametrize(
    ("test", "why"),
    [
        ({"turns": [{"said": "nowhere"}]}, "there is no text 'nowhere'"),
        ({"turns": [{"ask": "shoe_size"}]}, "there is no slot or text 'shoe_size'"),
        ({"turns": [{"handoff": "choir"}]}, "there is no handoff 'choir'"),
        ({"turns": [{"finds": "resi"}]}, "nothing was searched for"),
        ({"turns": [{"user": "un tavolo"}, {"finds": "resi"}]}, "nothing was searched for"),
        ({"turns": [{"happens": "operator_joins"}]}, "not on their way to a human (listening)"),
        ({"turns": [{"keys": "4"}]}, "add mock: {mine.call: …}"),
        ({"turns": [{"keys": "4"}], "mock": {"mine.cal": {}}}, "no step asks another system under the name 'mine.cal'"),
        ({"turns": [{"said": "choose"}], "flow": "booking"}, "'booking' begins no call of ours"),
        ({"turns": [{"said": "choose"}], "language": "ko"}, "'ko' is no language of this flowbook"),
        ({"turns": [{"user": "operatore"}, {"silent": True}]}, "nobody listens to the caller now (queued)"),
        ({"turns": [{"hangs_up": True}, {"user": "pronto"}]}, "the call is over: its outcome is 'abandoned'"),
        ({"turns": [{"said": "choose"}], "expect": {"slots": {"people": 1}}}, "'people' to be 1; it is None"),
        ({"turns": [{"said": "choose"}], "expect": {"outcome": "answered"}}, "it is 'abandoned'"),
        ({"turns": [{"user": "operatore"}], "expect": {"handoff": ""}}, "hand-off to 'nobody'; it was to 'desk'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(tavola: Flowbook, test: dict[str, Any], why: str) -> None:
    assert why in failure(tavola, **test)


def test_a_flowbook_that_fails_in_a_call_fails_its_test(bad_condition: Flowbook) -> None:
    told = failure(bad_condition, turns=[{"handoff": "desk"}])
    assert told.startswith("the flowbook fails here: ")
    assert "no such overload" in told


def test_a_turn_is_one_thing() -> None:
    for wrong in ({"user": "a", "keys": "1"}, {}, {"keys": "1", "confidence": 0.5}, {"user": "a", "wait_left": "1m"}):
        with pytest.raises(ValueError, match=r"a turn has one of|belongs to"):
            ScenarioTurn.model_validate(wrong)
