"""The review of what was not answered, from calls to suggestions."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from knowledge import KnowledgeBase
from knowledge.embedding import shared_embedder
from knowledge.review.calls import (
    Answered,
    Asked,
    Call,
    Declined,
    HandedOver,
    Happened,
    NotUnderstood,
    OperatorSaid,
    WentOn,
)
from knowledge.review.clusters import Matter, matters
from knowledge.review.decisions import as_json, decided, from_json, still_open
from knowledge.review.misses import Miss, misses
from knowledge.review.suggesting import suggest

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def call(*happened: Happened, name: str = "c1", caller: str = "", after_h: float = 0, minutes: float = 2) -> Call:
    return Call(name, MONDAY + timedelta(hours=after_h), "it", caller, int(minutes * 60_000), happened)


def kinds(*calls: Call) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.kind, one.question, one.unhelpful) for one in misses(calls)]


def test_a_question_that_nothing_fitted() -> None:
    (miss,) = misses(
        [
            call(
                Asked(30_000, "fate corsi", "reject", ("events",)),
                NotUnderstood(30_000, "fate corsi"),
                HandedOver(40_000),
                OperatorSaid(60_000, "Sì, ogni martedì sera."),
            )
        ]
    )
    assert (miss.kind, miss.question, miss.handling_ms, miss.operator) == (
        "rejected", "fate corsi", 90_000, ("Sì, ogni martedì sera.",),
    )  # fmt: skip


def test_a_slots_answer_that_was_not_understood_is_no_question() -> None:
    assert kinds(call(Asked(0, "a", "reject"), WentOn(1), NotUnderstood(2, "sette"))) == []


def test_a_no_to_did_you_mean() -> None:
    found = kinds(call(Asked(0, "spedite i quadri", "choose", ("a", "b")), Declined(5, ("a", "b"))))
    assert found == [("declined", "spedite i quadri", ("a", "b"))]


def test_an_answer_that_the_caller_corrects() -> None:
    before = (Asked(0, "quanto costa", "answer", ("cost",)), Answered(0, "cost"))
    meant = Asked(9, "no intendevo all'estero", "answer", ("abroad",), follows_no=True)
    (miss,) = misses([call(*before, meant, Answered(9, "abroad"))])
    assert (miss.kind, miss.question, miss.unhelpful, miss.better) == (
        "corrected", "quanto costa", ("cost",), "abroad",
    )  # fmt: skip
    assert kinds(call(*before, Asked(9, "e all'estero", "answer", ("abroad",)), Answered(9, "abroad"))) == []


def test_a_person_wanted_right_after_an_answer() -> None:
    answered = (Asked(0, "quanto costa", "answer", ("cost",)), Answered(0, "cost"))
    assert kinds(call(*answered, HandedOver(5))) == [("handed_over", "quanto costa", ("cost",))]
    assert kinds(call(*answered, WentOn(3), HandedOver(5))) == []


def test_a_second_call_about_the_same_thing() -> None:
    first = (Asked(0, "quanto costa", "answer", ("cost",)), Answered(0, "cost"))
    second = (Asked(0, "il prezzo della spedizione", "answer", ("cost",)), Answered(0, "cost"))
    both = [call(*first, caller="x"), call(*second, name="c2", caller="x", after_h=3)]
    assert kinds(*both) == [("repeated", "quanto costa", ("cost",))]
    assert kinds(both[0], call(*second, name="c2", caller="x", after_h=30)) == []
    assert kinds(call(*first), call(*second, name="c2", after_h=3)) == []  # withheld numbers are nobody's
    other = (Asked(0, "dove siete", "answer", ("location",)), Answered(0, "location"))
    assert kinds(both[0], call(*other, name="c2", caller="x", after_h=3)) == []


def miss(question: str, name: str, handling_s: int = 60, at_h: int = 0, **more) -> Miss:  # type: ignore[no-untyped-def]
    return Miss("rejected", name, MONDAY + timedelta(hours=at_h), "it", question, handling_s * 1000, **more)


POTTERY = [
    miss("fate corsi di ceramica", "a", 100),
    miss("buongiorno fate corsi di ceramica", "b", 80),
    miss("ci sono corsi di ceramica", "c", 60),
]
PARKING = [miss("si può lasciare il monopattino", "d", 300), miss("dove lascio il monopattino", "e", 200)]


def test_what_asks_the_same_is_one_matter_and_the_costliest_comes_first() -> None:
    found = matters([*POTTERY, *PARKING], shared_embedder())
    assert [(one.calls, one.handling_s, one.cost_s) for one in found] == [(2, 250.0, 500.0), (3, 80.0, 240.0)]
    assert found[1].questions[0] == ("buongiorno fate corsi di ceramica", 2) or found[1].questions[0][1] == 2


def test_the_order_of_the_misses_does_not_matter() -> None:
    for embedder in (shared_embedder(), None):
        expected = matters([*POTTERY, *PARKING], embedder)
        for seed in range(3):
            shuffled = [*POTTERY, *PARKING]
            random.Random(seed).shuffle(shuffled)
            assert matters(shuffled, embedder) == expected


def test_what_was_decided_is_not_shown_again_unless_it_did_not_help() -> None:
    (first, second) = matters([*POTTERY, *PARKING], None)[:2]
    later = miss("fate corsi di ceramica", "z", at_h=5)
    now = MONDAY + timedelta(hours=1)
    for verdict, again in (("approved", [later]), ("dismissed", [])):
        known = decided({}, first, verdict, "ada", now)  # type: ignore[arg-type]
        known = from_json(as_json(decided(known, second, verdict, "ada", now)))  # type: ignore[arg-type]
        assert still_open([*POTTERY, *PARKING, later], known) == again


def only(found: list[Matter]) -> Matter:
    (matter,) = found
    return matter


def test_an_operators_words_become_an_article(bookshop: KnowledgeBase) -> None:
    words = (
        "Buongiorno.",
        "Sì, il corso di ceramica è il martedì alle diciotto. Il suo codice è 123 456 789. Va bene?",
    )
    matter = only(matters([*POTTERY[:2], miss("ci sono corsi di ceramica", "c", operator=words)], shared_embedder()))
    made = suggest(matter, bookshop)
    assert (made.kind, made.article) == ("article", "fate-corsi-di-ceramica")
    assert made.content["spoken"] == {"it": "Sì, il corso di ceramica è il martedì alle diciotto. Il suo codice è …."}
    assert made.test == "ci sono corsi di ceramica"
    assert made.test not in made.phrasings


def test_an_article_that_is_likely_gets_the_phrasings(bookshop: KnowledgeBase) -> None:
    asked = miss("quanto si paga per farsi mandare un libro a casa", "a")
    made = suggest(only(matters([asked], shared_embedder())), bookshop)
    assert (made.kind, made.article) == ("phrasings", "shipping-cost")
    assert made.content["phrasings"]["it"][-1] == asked.question


@pytest.mark.parametrize(
    "question",
    [
        "Che tempo farà domani a Parigi?",
        "Che tempo farà domani a Paride?",  # as it was heard
        "chi ha vinto la partita ieri sera",
        "a che ora parte il treno per Milano",
        "quanto costa un biglietto dell'autobus",
    ],
)
def test_a_question_outside_is_no_phrasing_of_the_article_that_is_least_far(
    bookshop: KnowledgeBase, bookshop_by_spelling: KnowledgeBase, question: str
) -> None:
    for base in (bookshop, bookshop_by_spelling):
        assert base.search(question, "it").band == "reject", "the matter is that nothing fitted"
        made = suggest(only(matters([miss(question, "a")], shared_embedder())), base)
        assert (made.kind, made.article not in base.articles) == ("article", True)
        assert made.content["spoken"] == {"it": ""}, "nobody has answered it: a person writes it or puts it aside"


@pytest.mark.parametrize(
    ("question", "article"),
    [
        ("si può lasciare il monopattino", "parking"),
        ("ho perso lo scontrino", "returns"),
        ("posso parcheggiare lì vicino", "parking"),
    ],
)
def test_a_question_that_the_bot_would_ask_about_is_a_phrasing(
    bookshop: KnowledgeBase, question: str, article: str
) -> None:
    made = suggest(only(matters([miss(question, "a")], shared_embedder())), bookshop)
    assert (made.kind, made.article, made.phrasings) == ("phrasings", article, (question,))


def test_what_callers_then_got_it_from_gets_the_phrasings(bookshop: KnowledgeBase) -> None:
    asked = miss("quanto costa mandarlo", "a", unhelpful=("shipping-cost",), better="shipping-abroad")
    made = suggest(only(matters([asked], shared_embedder())), bookshop)
    assert (made.kind, made.article) == ("phrasings", "shipping-abroad")
