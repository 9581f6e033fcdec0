"""The held-out questions: floors clearly below what docs/knowledge.md reports, so that only a real loss breaks them."""

from pathlib import Path

from knowledge import KnowledgeBase
from knowledge.evaluate import evaluate, read_questions
from knowledge.phrases import generic_outside
from knowledge.wording import essence

QUESTIONS = read_questions(Path(__file__).parent / "questions_it.yaml")


def test_the_questions_are_held_out(bookshop: KnowledgeBase) -> None:
    asked = [question for question, _ in QUESTIONS.inside] + list(QUESTIONS.outside)
    assert (len(QUESTIONS.inside), len(QUESTIONS.outside)) == (60, 30)
    known = {essence(line, "it") for line in bookshop.phrasings()["it"] + generic_outside()["it"]}
    assert not [question for question in asked if essence(question, "it") in known]


def test_the_search_keeps_its_measured_quality(bookshop: KnowledgeBase) -> None:
    report = evaluate(bookshop, QUESTIONS)
    assert report.right_at_once >= 36
    assert report.right_at_once + report.right_among_offered >= 53
    assert report.wrong_at_once <= 3
    assert report.outside_rejected >= 23
    assert report.outside_answered <= 2


def test_misheard_questions_are_asked_again_rather_than_answered_wrong(bookshop: KnowledgeBase) -> None:
    report = evaluate(bookshop, QUESTIONS.misheard())
    assert report.right_at_once + report.right_among_offered >= 40
    assert report.wrong_at_once <= 4
    assert report.outside_answered <= 3


def test_spelling_alone_offers_the_right_article(bookshop_by_spelling: KnowledgeBase) -> None:
    report = evaluate(bookshop_by_spelling, QUESTIONS)
    assert report.right_at_once + report.right_among_offered >= 39
    assert report.wrong_at_once <= 2
