from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voice.speaking.played import words_played

FIRST, SECOND = "Siamo aperti dalle nove alle diciannove.", "La domenica siamo chiusi."
TEXT = f"{FIRST} {SECOND}"


def test_a_prompt_played_to_its_end_is_whole() -> None:
    assert words_played(f" {TEXT} ", [(FIRST, 1.0), (SECOND, 1.0)]) == TEXT


def test_nothing_played_is_nothing_said() -> None:
    assert words_played(TEXT, [(FIRST, 0.0), (SECOND, 0.0)]) == ""
    assert words_played("...", []) == ""


def test_a_sentence_that_was_over_is_whole_and_half_of_one_is_half_of_its_words() -> None:
    assert words_played(TEXT, [(FIRST, 1.0), (SECOND, 0.0)]) == FIRST
    assert words_played(TEXT, [(FIRST, 1.0), (SECOND, 0.5)]) == f"{FIRST} La domenica"


def test_a_word_that_was_cut_off_was_not_said() -> None:
    assert words_played("Buongiorno", [("Buongiorno", 0.9)]) == ""


def test_digits_take_the_time_of_their_words() -> None:
    assert words_played("Il numero 471290 arriva domani", [("", 0.4)]) == "Il numero"


def test_where_other_sentences_were_spoken_than_written_the_words_share_the_whole_time() -> None:
    text = "La Portici S.p.A. di Bologna è aperta. Oggi no."
    spoken = ["La Portici esse pi a di Bologna è aperta.", "Oggi no."]
    assert words_played(text, [(spoken[0], 1.0), (spoken[1], 0.0)]).startswith("La Portici S.p.A. di Bologna è")
    assert words_played(text, [(spoken[0], 0.0), (spoken[1], 0.0)]) == ""
    assert words_played(text, [(spoken[0], 1.0), (spoken[1], 1.0)]) == text


@given(st.text(alphabet="ab1 .,!?\n", max_size=80), st.floats(0, 1), st.floats(0, 0.2))
def test_longer_never_means_fewer_words_and_all_are_from_the_text(text: str, share: float, more: float) -> None:
    now = words_played(text, [("tutto", share)]).split()
    later = words_played(text, [("tutto", min(1.0, share + more))]).split()
    assert len(now) <= len(later)
    assert all(word in text for word in now)
