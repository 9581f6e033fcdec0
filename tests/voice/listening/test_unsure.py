"""Which words are told to be doubtful."""

from __future__ import annotations

from voice.listening.recognizer import Word
from voice.listening.unsure import unsure_words


def words(*said: tuple[str, float]) -> list[Word]:
    return [Word(text, 0, 0, confidence) for text, confidence in said]


def test_words_below_the_limit_are_told_once_and_as_sure_as_the_surer_time() -> None:
    said = words(("quanto", 1.0), ("stazione", 0.41), ("la", 0.3), ("la", 0.95), ("stazione", 0.5), ("oggi", 0.7))
    assert unsure_words(said) == (("stazione", 0.5),)


def test_an_engine_without_words_doubts_none_and_a_long_utterance_is_bounded() -> None:
    assert unsure_words(()) == ()
    assert len(unsure_words(words(*((f"w{place}", 0.1) for place in range(500))))) == 40
