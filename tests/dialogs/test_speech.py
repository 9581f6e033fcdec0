"""Short answers as recognizers write them: digits, numbers, yes and no, commands, choices."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.languages import known_languages, language
from dialogs.normalizing import normalise
from dialogs.rendering import render
from dialogs.spoken_choices import (
    hear_closing,
    hear_command,
    hear_named,
    hear_ordinal,
    hear_yes_no,
    hear_yes_no_within,
)
from dialogs.spoken_numbers import hear_digits, hear_number, spell_digits


@pytest.mark.parametrize(
    ("code", "said", "digits"),
    [
        ("it", "quattro sette uno due nove zero", "471290"),
        ("it", "Quattro, sette, uno, due, nove, zero.", "471290"),
        ("it", "doppio zero sette", "007"),
        ("it", "quarantasette dodici novanta", "471290"),
        ("it", "quarantasette, dodici e novanta", "471290"),
        ("it", "quattrocentosettantuno duecentonovanta", "471290"),
        ("it", "quattrocentosettantunomiladuecentonovanta", "471290"),
        ("it", "471290", "471290"),
        ("it", "47 12 90", "471290"),
        ("it", "471-290", "471290"),
        ("it", "471.290.", "471290"),
        ("it", "4, 7, 1, 2, 9, 0", "471290"),
        ("it", "allora, il numero è quattro sette 12 novanta", "471290"),
        ("it", "ventuno ventotto centotto", "2128108"),
        ("it", "zero zero tre", "003"),
        ("it", "ventitré", "23"),
        ("en", "four seven one two nine zero", "471290"),
        ("en", "Forty-seven, twelve, ninety.", "471290"),
        ("en", "double oh seven", "007"),
        ("en", "one hundred and twenty", "120"),
        ("en", "triple five", "555"),
        ("ko", "사칠일이구공", "471290"),
        ("ko", "사 칠 일 이 구 영", "471290"),
        ("ko", "하나 둘 셋 넷", "1234"),
        ("ko", "사십칠 십이 구십", "471290"),
        ("ko", "471290번이요", "471290"),
    ],
)
def test_digits(code: str, said: str, digits: str) -> None:
    assert "".join(hear_digits(said, code).digits) == digits


@pytest.mark.parametrize(
    ("code", "said", "number"),
    [
        ("it", "milleduecento", 1200),
        ("it", "mille due cento", 1200),
        ("it", "duemilacinquecento copie", 2500),
        ("it", "1.200", 1200),
        ("it", "dodici", 12),
        ("it", "uno due zero zero", 1200),
        ("it", "dodici o tredici", None),
        ("it", "12,5", None),
        ("it", "molte", None),
        ("en", "two thousand and five", 2005),
        ("en", "twenty one", 21),
        ("en", "twelve hundred", 1200),
        ("en", "nineteen hundred and five", 1905),
        ("it", "dodici cento", None),
        ("en", "1,200", 1200),
        ("ko", "천이백", 1200),
        ("ko", "삼만 이천오백", 32500),
        ("ko", "열두 권이요", 12),
    ],
)
def test_whole_numbers(code: str, said: str, number: int | None) -> None:
    assert hear_number(said, code) == number


@given(st.integers(0, 999_999))
def test_every_italian_number_is_understood_as_one_word(number: int) -> None:
    assert hear_number(in_italian(number), "it") == number


def in_italian(number: int) -> str:
    """The number in one Italian word, by the rules of the language (not by the code under test)."""
    first = "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici"
    units = [*first.split(), "sedici", "diciassette", "diciotto", "diciannove"]
    tens = ["", "", "venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta"]
    if number < 20:
        return units[number]
    if number < 100:
        ten, unit = divmod(number, 10)
        stem = tens[ten][:-1] if unit in (1, 8) else tens[ten]
        return stem + (units[unit] if unit else "")
    if number < 1000:
        hundred, rest = divmod(number, 100)
        return ("" if hundred == 1 else units[hundred]) + "cento" + (in_italian(rest) if rest else "")
    thousand, rest = divmod(number, 1000)
    return ("mille" if thousand == 1 else in_italian(thousand) + "mila") + (in_italian(rest) if rest else "")


@given(st.text("0123456789", min_size=1, max_size=12), st.sampled_from(known_languages()))
def test_what_is_spelled_is_understood(digits: str, code: str) -> None:
    assert "".join(hear_digits(spell_digits(digits, code), code).digits) == digits


@given(st.text(max_size=200), st.sampled_from(known_languages()))
def test_no_text_breaks_the_ear(text: str, code: str) -> None:
    hear_digits(text, code)
    hear_number(text, code)
    hear_yes_no(text, code, only=False)
    hear_command(text, code)
    hear_ordinal(text, code, 3)
    hear_named(text, code, [("resi",), (text,)])
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("code", "said", "only", "answer"),
    [
        ("it", "Sì.", True, True),
        ("it", "si", True, True),
        ("it", "Sì, grazie.", True, True),
        ("it", "Sì, è giusto", True, True),
        ("it", "va bene", True, True),
        ("it", "No, non è giusto.", True, False),
        ("it", "non è corretto", True, False),
        ("it", "va bene così", True, False),
        ("it", "No grazie, è tutto.", True, False),
        ("it", "Sì, vorrei un reso", True, None),
        ("it", "Sì, vorrei un reso", False, True),
        ("it", "sì no", True, None),
        ("it", "forse", False, None),
        ("en", "Yes, please.", True, True),
        ("en", "No, that is all, thank you.", True, False),
        ("en", "that's right", True, True),
        ("ko", "네", True, True),
        ("ko", "네, 맞아요.", True, True),
        ("ko", "아니요, 괜찮습니다", True, False),
        ("ko", "네 영업 시간이요", True, None),
    ],
)
def test_yes_and_no(code: str, said: str, only: bool, answer: bool | None) -> None:
    assert hear_yes_no(said, code, only=only) is answer


@pytest.mark.parametrize(
    ("code", "said", "command"),
    [
        ("it", "Vorrei parlare con un operatore, per favore.", "operator"),
        ("it", "Operatore!", "operator"),
        ("it", "un operatore grazie", "operator"),
        ("it", "l'operatore di ieri era molto gentile e mi ha spiegato tutto", None),
        ("it", "può ripetere?", "repeat"),
        ("it", "Come, scusi?", "repeat"),
        ("it", "come posso pagare", None),
        ("it", "annulla", "cancel"),
        ("it", "posso annullare un ordine?", None),
        ("en", "Can I speak to a person please?", "operator"),
        ("en", "what time do you open", None),
        ("en", "What?", "repeat"),
        ("en", "cancel my order", None),
        ("en", "never mind", "cancel"),
        ("ko", "상담원", "operator"),
        ("ko", "상담원 연결해 주세요", "operator"),
        ("ko", "다시 말씀해 주세요", "repeat"),
        ("ko", "주문 취소", None),
    ],
)
def test_commands(code: str, said: str, command: str | None) -> None:
    assert hear_command(said, code) == command


def test_choices_by_place_and_by_name() -> None:
    assert hear_ordinal("La seconda, grazie.", "it", 3) == 1
    assert hear_ordinal("l'ultima", "it", 3) == 2
    assert hear_ordinal("the third one", "en", 2) is None
    assert hear_ordinal("두 번째", "ko", 2) == 1
    names = [("i costi di spedizione",), ("i tempi di consegna",)]
    assert hear_named("i costi", "it", names) == 0
    assert hear_named("quando consegnate? la consegna", "it", names) == 1
    assert hear_named("gli orari", "it", names) is None
    assert hear_named("배송비", "ko", [("배송비",), ("배송 기간",)]) == 0


def test_thanks_and_goodbye() -> None:
    assert hear_closing("Grazie mille, arrivederci!", "it")
    assert hear_closing("감사합니다", "ko")
    assert not hear_closing("grazie, ma vorrei un reso", "it")
    assert not hear_closing("", "it")


@pytest.mark.parametrize("code", known_languages())
def test_the_words_of_a_language_are_complete(code: str) -> None:
    words = language(code)
    assert len(words.numbers.digits) == 10
    assert words.commands.keys() == {"operator", "repeat", "correct", "cancel", "opt_out"}
    assert set(words.yes).isdisjoint(words.no)
    assert all(hear_yes_no(phrase, code, only=True) is True for phrase in words.yes)
    assert all(hear_yes_no(phrase, code, only=True) is False for phrase in words.no)
    for name, phrases in words.commands.items():
        heard = {phrase: hear_command(phrase, code, lambda kind: kind != "correct") for phrase in phrases.listed}
        if name != "correct":
            assert set(heard.values()) == {name}
        else:  # "ho sbagliato" cancels where nothing can be corrected
            assert {hear_command(phrase, code) for phrase in phrases.listed} == {"correct"}
            assert set(heard.values()) <= {"cancel", None}


def test_an_unknown_language_is_told() -> None:
    with pytest.raises(LookupError, match="known: en, it, ko"):
        language("fr")


def test_rendering_looks_up_and_nothing_else() -> None:
    assert render("{a} {b.c:digits}.", lambda field: f"<{field.name}|{field.formatter}>") == "<a|> <b.c|digits>."
    assert render("{a}", lambda field: "{b}") == "{b}"


@pytest.mark.parametrize(
    ("said", "code", "meant"),
    [
        ("No grazie tutto!", "it", False),
        ("Ho grazie è tutto", "it", False),
        ("Know that is all thank you.", "en", False),
        ("sì sì grazie molte", "it", True),
        ("che tempo farà domani", "it", None),
        ("no vorrei invece sapere se la libreria è aperta domenica", "it", None),
    ],
)
def test_a_short_answer_misheard_around_its_yes_or_no_still_counts(said: str, code: str, meant: bool | None) -> None:
    assert hear_yes_no_within(said, code) is meant
