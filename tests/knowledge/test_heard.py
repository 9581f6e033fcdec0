"""Words that the recognizer doubted count less, and nothing changes where it doubted none."""

from __future__ import annotations

import pytest

from knowledge import IntentModel
from knowledge.heard import readings
from knowledge.phrases import PhraseIndex

PHRASINGS = {
    "shipping": {"it": ["quanto costa la spedizione", "la spedizione è gratis", "quanto si paga di corriere"]},
    "hours": {"it": ["a che ora aprite", "siete aperti di domenica", "che orari fate"]},
    "returns": {"it": ["come restituisco un libro", "posso rendere un libro", "vorrei fare un reso"]},
}


@pytest.mark.parametrize(
    ("asked", "unsure", "read"),
    [
        ("quanto costa la spedizione", (), [("quanto costa la spedizione", 1.0)]),
        ("quanto costa la spedizione", [("domenica", 0.1)], [("quanto costa la spedizione", 1.0)]),
        (
            "quanto costa la stazione",
            [("Stazione", 0.25)],
            [("quanto costa la stazione", 0.25), ("quanto costa la", 0.75)],
        ),
        ("la stazione", [("stazione", 0.25)], [("la stazione", 1.0)]),
        ("apre la stazione lunga", [("apre", 0.1), ("stazione", 0.1), ("lunga", 0.1)], [("apre la stazione lunga", 1)]),
        ("uno due tre", [("tre", 7.0)], [("uno due tre", 1.0), ("uno due", 0.0)]),
    ],
)
def test_a_question_is_read_without_its_doubted_words_too(
    asked: str, unsure: list[tuple[str, float]], read: list[tuple[str, float]]
) -> None:
    assert readings(asked, unsure) == read


def test_a_doubted_word_hides_less_of_what_the_others_ask() -> None:
    index, model = PhraseIndex(PHRASINGS, None), IntentModel.train(PHRASINGS, None)
    heard, doubted = "quanto costa la spedizione domenica aperti", [("domenica", 0.2), ("aperti", 0.3)]
    for rank in (index.rank, model.rank):
        without, used = rank(heard, "it"), rank(heard, "it", doubted)
        assert used[0][0] == "shipping"
        assert used[0][1] > dict(without)["shipping"]


def test_without_doubts_or_with_doubts_about_other_words_nothing_changes() -> None:
    index, model = PhraseIndex(PHRASINGS, None), IntentModel.train(PHRASINGS, None)
    for asked in ("quanto costa spedire", "posso rendere un libro", "siete aperti oggi", "non ho capito"):
        for rank in (index.rank, model.rank):
            assert rank(asked, "it") == rank(asked, "it", ()) == rank(asked, "it", [("pesce", 0.1)])
