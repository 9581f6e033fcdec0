from __future__ import annotations

import pytest

from voice.listening.expecting import Completeness, of_words


@pytest.mark.parametrize(
    ("text", "language", "goes_on"),
    [
        ("Il mio numero è", "it", True),
        ("Vorrei sapere", "it", True),
        ("Quanto costa la spedizione per", "it", True),
        ("Ehm.", "it", True),
        ("Buongiorno.", "it", True),
        ("Buongiorno, vorrei un libro.", "it", False),
        ("Vorrei sapere gli orari...", "it", True),
        ("Quattro, sette,", "it", True),
        ("Sì, certo.", "it", False),
        ("Che ore sono le dodici", "it", False),
        ("I'd like", "en", True),
        ("What time do you open on", "en", True),
        ("What time do you open?", "en", False),
        ("제 번호는", "ko", True),
        ("영업 시간", "ko", False),
        ("Ich möchte und", "de", False),
        ("", "it", False),
    ],
)
def test_words_after_which_a_sentence_goes_on(text: str, language: str, goes_on: bool) -> None:
    assert of_words(text, language) is (Completeness.UNFINISHED if goes_on else Completeness.OPEN)
