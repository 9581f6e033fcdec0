from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voice.speaking.sentences import LONGEST, clean, sentences


def test_sentences_end_at_full_stops_questions_and_lines() -> None:
    text = "Buongiorno! Come posso aiutarla? Dica pure.\nUn attimo"
    assert sentences(text) == ("Buongiorno!", "Come posso aiutarla?", "Dica pure.", "Un attimo")


def test_stops_inside_numbers_addresses_and_abbreviations_end_nothing() -> None:
    text = "Costa 3.50 euro, scriva a info@example.it o al sig. Rossi. Grazie."
    assert sentences(text) == ("Costa 3.50 euro, scriva a info@example.it o al sig. Rossi.", "Grazie.")


def test_korean_sentences() -> None:
    assert sentences("안녕하세요. 무엇을 도와드릴까요?") == ("안녕하세요.", "무엇을 도와드릴까요?")


def test_a_long_sentence_is_cut_at_commas_and_no_piece_is_too_long() -> None:
    text = ", ".join(["una clausola di media lunghezza"] * 30) + "."
    pieces = sentences(text)
    assert all(len(piece) <= LONGEST for piece in pieces)
    assert all(piece.endswith((",", ".")) for piece in pieces)
    assert " ".join(pieces) == text


def test_what_cannot_be_spoken_is_left_out() -> None:
    assert sentences(" ... \n — !") == ()
    assert sentences("") == ()
    assert clean("prima\x00 dopo\t\x1b") == "prima dopo"


@given(st.text(max_size=700))
def test_no_letter_is_lost_and_no_piece_is_too_long(text: str) -> None:
    pieces = sentences(text)
    assert [c for piece in pieces for c in piece if c.isalnum()] == [c for c in clean(text) if c.isalnum()]
    assert all(0 < len(piece) <= LONGEST for piece in pieces)
