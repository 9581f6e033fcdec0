"""Near-misses of recognizers, as Whisper and Vosk wrote them, and words that must stay."""

from __future__ import annotations

import pytest

from voice.listening.hinted import HintedRecognizer
from voice.listening.hints import Change, Hints
from voice.listening.phonetics import SOUNDS, alike
from voice.listening.recognizer import Recognition, Word

ITALIAN = Hints(
    "it-IT",
    [
        "quanto costa la spedizione", "vorrei restituire un libro", "si può pagare in più rate", "posso fare un ordine",
        "entrare con la carrozzina", "mi serve la fattura", "ho perso la password", "la tessera con i punti",
        "quanto tempo per il rimborso",
    ],
    ["Portici, libreria di Bologna: reso entro trenta giorni."],
)  # fmt: skip
ENGLISH = Hints("en", ["how much is delivery", "I need an invoice", "is there wheelchair access", "gift voucher"])
KOREAN = Hints("ko", ["영업 시간이 어떻게 되나요", "전화번호", "영수증", "환불 하고 싶어요"])


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("Quanto mi costa la sedizione?", "Quanto mi costa la spedizione?"),
        ("avrei bisogno della fatura.", "avrei bisogno della fattura."),
        ("e può entrare con la carrocina", "e può entrare con la carrozzina"),
        ("Ma il rinborso dopo quanti giorni arriva?", "Ma il rimborso dopo quanti giorni arriva?"),
        ("è possibile pagare in piùrate.", "è possibile pagare in più rate."),
        ("la di spedizione no, la spedi zione", "la di spedizione no, la spedizione"),
        ("Passuord dimenticata", "Password dimenticata"),
    ],
)
def test_near_misses_of_expected_words(heard: str, meant: str) -> None:
    assert ITALIAN.correct(heard).text == meant


@pytest.mark.parametrize(
    "said",
    [
        "la prima stazione dopo la stagione della passione",  # Common words, however like an expected one.
        "vorrei dei libri e degli ordini",  # Other forms of expected words.
        "portici bologna reso",  # Words of the company's own.
        "si contesta la sedazione del paziente",  # Not near enough, or as near to several.
        "4 7 1 2 9 0",
        "",
    ],
)
def test_right_words_stay(said: str) -> None:
    assert ITALIAN.correct(said).text == said


def test_what_was_changed_is_told_with_its_score() -> None:
    assert ITALIAN.correct("la sedizione").changes == (Change("sedizione", "spedizione", 0.9),)


def test_english_and_korean() -> None:
    assert ENGLISH.correct("I need an invoise for the deliverry").text == "I need an invoice for the delivery"
    assert ENGLISH.correct("where is the vouchers").text == "where is the vouchers"
    assert KOREAN.correct("영수쯩 주세요").text == "영수증 주세요"
    assert KOREAN.correct("전화 번오").text == "전화번호"
    assert KOREAN.correct("날씨가 좋네요").text == "날씨가 좋네요"


def test_a_word_that_the_recognizer_is_sure_of_stays() -> None:
    heard = "la sedizione"
    sure, unsure = ([Word("la", 0, 200, 1.0), Word("sedizione", 200, 900, confidence)] for confidence in (0.98, 0.6))
    assert ITALIAN.correct(heard, sure).text == heard
    assert ITALIAN.correct(heard, unsure).text == "la spedizione"


def test_a_language_without_phonetics_is_left_alone() -> None:
    assert Hints("de", ["Rechnung"]).correct("Rechnug").changes == ()


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("it", "fattura", "fatura"), ("it", "chiesa", "kiesa"), ("it", "perché", "perke"), ("en", "knight", "night")],
)
def test_the_same_sounds(language: str, one: str, other: str) -> None:
    assert SOUNDS[language](one) == SOUNDS[language](other)


def test_likeness() -> None:
    assert alike("pane", "bane") > alike("pane", "rane") > alike("pane", "fiore")
    assert alike("pane", "pane") == 1.0
    assert alike("", "pane") == 0.0


class Scripted:
    """A recognizer that says what it is told to."""

    engine, rate_hz, streaming = "scripted", 16000, False

    def __init__(self, text: str) -> None:
        self._text = text

    async def accept(self, pcm: bytes) -> None: ...

    async def partial(self) -> Recognition:
        return Recognition(self._text, is_final=False)

    async def look(self, pcm: bytes = b"") -> Recognition:
        return Recognition(self._text, is_final=False, confidence=0.7)

    async def final(self, pcm: bytes = b"") -> Recognition:
        return Recognition(self._text, is_final=True, confidence=0.7)

    async def expect(self, phrases: object) -> None: ...

    async def close(self) -> None: ...


async def test_a_recognizer_with_hints_tells_what_it_heard_too() -> None:
    recognizer = HintedRecognizer(Scripted("la sedizione"), ITALIAN)
    assert await recognizer.look() == Recognition("la spedizione", False, 0.7, heard="la sedizione")
    assert await recognizer.final() == Recognition("la spedizione", True, 0.7, heard="la sedizione")
    assert (await recognizer.partial()).text == "la sedizione"
    right = HintedRecognizer(Scripted("la spedizione"), ITALIAN)
    assert await right.final() == Recognition("la spedizione", True, 0.7)
