"""The sample company's callers, through the real search: what they say is what recognizers wrote of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialogs import Flowbook, read_flowbook
from dialogs.events import Say
from dialogs.rehearsal import run_tests
from dialogs.rehearsal.recorded_test import in_yaml
from dialogs.rehearsal.simulator import Simulator
from dialogs.scenarios import DONE, Opening
from dialogs.understanding import Understanding
from knowledge import KnowledgeBase
from tests.dialogs.conversation import Conversation

FOLDER = Path(__file__).parents[2] / "samples" / "bookshop"
SHOP = (FOLDER / "flowbook.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def understanding(bookshop: Flowbook) -> Understanding:
    return Understanding(bookshop, KnowledgeBase.load(FOLDER / "articles"))


class Caller(Conversation):
    """A conversation whose searches are real."""

    understanding: Understanding

    def asks(self, text: str) -> list[str]:
        self.says(text)
        self.event(self.understanding.lookup(self.lookup, 2))
        return [getattr(action, "article", "") or key for action, key in zip(self.last, self.said, strict=False)]


@pytest.fixture
def caller(bookshop: Flowbook, understanding: Understanding):  # type: ignore[no-untyped-def]
    def on_line(language: str) -> Caller:
        call = Caller(bookshop, language)
        call.understanding = understanding
        return call

    return on_line


@pytest.mark.parametrize(
    ("language", "said", "article"),
    [
        ("it", "Buongiorno, vorrei sapere quali sono gli orari di apertura della libreria.", "opening-hours"),
        ("it", "vorrei restituire un libro che ho comprato la settimana scorsa", "returns"),
        ("it", "Quanto costa la spedizione a casa?", "shipping-cost"),
        ("it", "Ho bisogno della fattura per la mia azienda.", "invoice"),
        ("it", "posso annullare un ordine", "cancel-order"),
        ("en", "What time do you open on Saturday?", "opening-hours"),
        ("ko", "영업 시간", "opening-hours"),
        ("ko", "배송비", "shipping-cost"),
        ("ko", "위치", "location"),
    ],
)
def test_questions_are_answered_and_more_help_offered(caller, language: str, said: str, article: str) -> None:  # type: ignore[no-untyped-def]
    assert caller(language).asks(said) == [article, "anything_else"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("it", "Vorrei sapere dov'è il mio ordine."),
        ("it", "il pacco non è arrivato"),
        ("it", "chiamavo per un ordine che ho fatto settimana scorsa"),
        ("en", "where's my parcel"),
        ("en", "has my book been sent"),
        ("ko", "주문 조회"),
    ],
)
def test_orders_are_asked_for(caller, language: str, said: str) -> None:  # type: ignore[no-untyped-def]
    call = caller(language)
    call.asks(said)
    assert call.said == ["ask_ordine"]


def test_an_italian_caller_learns_where_the_order_is(caller) -> None:  # type: ignore[no-untyped-def]
    call = caller("it")
    call.asks("Vorrei sapere dov'è il mio ordine.")
    call.says("Quattro sette uno due nove zero.")
    assert call.texts == ["Ordine quattro sette uno, due nove zero: è giusto?"]
    assert call.says("Sì, certo.") == ["order_shipped", "anything_else"]
    assert call.says("No grazie, è tutto.") == ["goodbye"]
    assert call.hangs_up("bot_ended") == "answered"


def test_an_order_number_in_the_first_sentence_is_not_asked_for(caller) -> None:  # type: ignore[no-untyped-def]
    call = caller("it")
    call.asks("Vorrei sapere dov'è il mio ordine, il numero è quattro sette uno due nove zero.")
    assert call.said == ["confirm_ordine"]


def test_a_question_in_between_is_answered_and_the_number_asked_again(caller) -> None:  # type: ignore[no-untyped-def]
    call = caller("it")
    call.types("1")
    call.asks("Scusi, quali sono gli orari di apertura?")
    assert [(say.article, say.key) for say in call.last if isinstance(say, Say)] == [
        ("opening-hours", ""),
        ("", "ask_ordine"),
    ]
    assert call.state.failures == 0


def test_what_the_shop_does_not_know_is_not_answered(caller) -> None:  # type: ignore[no-untyped-def]
    call = caller("it")
    call.asks("Che tempo farà domani a Parigi?")
    assert call.said == ["not_understood", "how_can_i_help"]


def test_an_order_that_needs_a_person_goes_to_the_orders_queue(caller) -> None:  # type: ignore[no-untyped-def]
    call = caller("it")
    call.types("1")
    call.types("912345")
    assert call.types("1") == ["order_to_check"]
    assert (call.handoff.queue, dict(call.handoff.slots)) == ("ordini", {"ordine": "912345"})


def test_every_phrase_of_the_korean_grammar_leads_somewhere(caller, bookshop: Flowbook) -> None:  # type: ignore[no-untyped-def]
    for phrase in bookshop.grammars["ko"]:
        call = caller("ko")
        call.says(phrase)
        if call.state.phase == "looking":
            call.event(call.understanding.lookup(call.lookup, 2))
        assert "not_understood" not in call.said, phrase


def test_the_flowbook_passes_its_own_tests_which_leave_nothing_out(
    bookshop: Flowbook, understanding: Understanding
) -> None:
    report = run_tests(bookshop, understanding)
    assert not report.failures
    assert report.coverage.percent >= 90, report.coverage.missed


def test_every_call_of_the_sample_companys_tests_becomes_a_test_that_passes(
    bookshop: Flowbook, understanding: Understanding
) -> None:
    """Calls of every kind: answered, handed off, called back, in three languages, with other systems that fail."""
    written = []
    for test in bookshop.tests:
        call = Simulator(
            bookshop, understanding, Opening(**{name: getattr(test, name) for name in Opening.model_fields})
        )
        following = [*test.turns[1:], None]
        for turn, after in zip(test.turns, following, strict=True):
            if turn.kind not in DONE or turn.kind == "finds" or turn.happens == "search_fails":
                continue
            found = after.finds if after is not None and after.finds else ()
            call.take(turn, finds=(found,) if isinstance(found, str) else found)
        written.append(in_yaml(call.as_test(test.name)).removeprefix("tests:\n"))
    again = read_flowbook(SHOP.partition("\ntests:\n")[0] + "\ntests:\n" + "\n".join(written))
    report = run_tests(again, understanding)
    assert report.passed, report.failures
    assert len(report.results) == len(bookshop.tests) > 30
