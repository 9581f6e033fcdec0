"""Values as they are spoken: what is written out, what is left alone, what is never read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.speaking.saying import said, said_as, spoken_languages
from voice.speaking.saying.numbers import grouped, ordinal


@pytest.mark.parametrize(
    ("code", "written", "spoken"),
    [
        ("it", "Costa € 20,50.", "Costa venti euro e cinquanta centesimi."),
        ("it", "1.200 euro o 1 euro, mai -5 €", "milleduecento euro o un euro, mai meno cinque euro"),
        ("it", "Sconto del 15% e 3,5% extra.", "Sconto del quindici per cento e tre virgola cinque per cento extra."),
        ("it", "dalle 9:00 alle 18.30", "dalle nove alle diciotto e trenta"),
        ("it", "il 03/03, il 1/4/2026, il 1° maggio", "il tre marzo, il primo aprile duemilaventisei, il primo maggio"),
        ("it", "dal 2026-12-25", "dal venticinque dicembre duemilaventisei"),
        ("it", "Chiami lo 051 234 5678.", "Chiami lo zero cinque uno, due tre quattro, cinque sei sette otto."),
        ("it", "+39 347 1234567", "più tre nove, tre quattro sette, uno due tre, quattro cinque sei sette"),
        ("it", "Ordine 471290", "Ordine quattro sette uno, due nove zero"),
        ("it", "Codice AB-1234", "Codice a bi, uno due tre quattro"),
        ("it", "Il dott. Rossi della S.p.A.", "Il dottor Rossi della esse pi a."),
        ("it", "art. 3, n. 5, 2 kg, 1 kg, 20 °C", "articolo tre, numero cinque, due chili, un chilo, venti gradi"),
        ("it", "un SMS o un PDF, non la FIAT", "un esse emme esse o un pi di effe, non la FIAT"),
        ("it", "ventitré: 23; 9-13", "ventitré: ventitré; nove a tredici"),
        ("it", "Scriva a mario.rossi7@esempio.it.", "Scriva a mario punto rossi sette chiocciola esempio punto it."),
        ("it", "Vada su https://www.libreria.it/resi?a=1.", "Vada sul nostro sito."),
        ("it", "Sul sito www.libreria.it trova tutto (libreria.it/faq).", "Sul nostro sito trova tutto."),
        ("it", "Prema 1, o 0.", "Prema uno, o zero."),
        ("en", "£12.50 or $1,200.00", "twelve pounds and fifty pence or one thousand two hundred dollars"),
        ("en", "open from 9:00 to 5 pm", "open from nine ay em to five pee em"),
        ("en", "3 March 2026, March 3rd", "the third of March, twenty twenty-six, the third of March"),
        ("en", "open until 9:30 a.m.", "open until nine thirty ay em."),
        ("en", "the 3rd of March", "the third of March"),
        ("en", "Your order number is 471290.", "Your order number is four seven one, two nine zero."),
        ("it", "Il codice è: 4712.", "Il codice è: quattro sette uno due."),
        ("en", "the 21st of 22 books", "the twenty-first of twenty-two books"),
        ("en", "visit www.example.com/x or write to info@example.com",
         "visit our website or write to info at example dot com"),
        ("en", "Dr. Smith, order no. 471290", "Doctor Smith, order number four seven one, two nine zero"),
        ("ko", "02-1234-5678로 전화하세요", "공 이, 일 이 삼 사, 오 육 칠 팔로 전화하세요"),
        ("ko", "1588-1234로", "일 오 팔 팔, 일 이 삼 사로"),
        ("ko", "2026-12-25에", "이천이십육년 십이월 이십오일에"),
        ("it", "Chiami l'800 123 456", "Chiami l'otto zero zero, uno due tre, quattro cinque sei"),
        ("it", "Legga bit.ly/abc", "Legga il nostro sito"),
        ("it", "Gentile sig.ra/sig. Rossi, 90 km/h", "Gentile signora/signor Rossi, novanta chilometri orari"),
        ("ko", "15,000원, 20% 할인", "만 오천 원, 이십 퍼센트 할인"),
        ("ko", "오후 6시 30분, 책 3권", "오후 여섯 시 삼십분, 책 세 권"),
        ("ko", "2026년 6월 3일", "이천이십육년 유월 삼일"),
        ("ko", "02-123-4567", "공 이, 일 이 삼, 사 오 육 칠"),
    ],
)  # fmt: skip
def test_values_are_written_out(code: str, written: str, spoken: str) -> None:
    assert said(written, code) == spoken
    assert said(spoken, code) == spoken


@pytest.mark.parametrize(
    "text",
    [
        "Buongiorno, come posso aiutarla?",
        "Ordine quattro sette uno, due nove zero: è giusto?",
        "ATTENZIONE",
        "Rossi & figli… già!",
    ],
)
def test_a_text_without_values_stays_as_it_is(text: str) -> None:
    expected = text.replace("&", "e")
    assert said(text, "it") == expected


def test_a_language_without_words_is_left_alone() -> None:
    assert said("20 €", "fr") == "20 €"
    assert spoken_languages() == ("en", "it", "ko")


@given(st.text(max_size=200), st.sampled_from(spoken_languages()))
def test_any_text_can_be_said_and_no_digit_is_left(text: str, code: str) -> None:
    spoken = said(text, code)
    assert not re.search(r"[0-9]", spoken)
    assert "://" not in re.sub(r"[^ -~]", "", spoken) or "://" in text


@given(
    st.lists(
        st.sampled_from(
            ["€ 3,50", "12%", "n. 4", "il 3/4/2026", "alle 9:30", "+39 051 1234567", "AB-12", "a@b.it", "www.x.it",
             "S.p.A.", "5 kg", "1.000", "2,5", "Prema 1", "SMS", "e poi", "£3.20", "9 am", "3rd", "10,000"]
        ),
        max_size=6,
    ),
    st.sampled_from(spoken_languages()),
)  # fmt: skip
def test_what_is_said_is_not_said_again(pieces: list[str], code: str) -> None:
    once = said(", ".join(pieces), code)
    assert said(once, code) == once
    assert not re.search(r"[0-9@€£%]|www", once)


@given(st.text("0123456789", min_size=1, max_size=30))
def test_groups_lose_no_digit(digits: str) -> None:
    groups = grouped(digits)
    assert "".join(groups) == digits
    assert all(len(group) <= 4 for group in groups)
    assert len(digits) < 2 or all(len(group) > 1 for group in groups)


def test_ordinals() -> None:
    assert [ordinal(n, "it") for n in (1, 10, 11, 23, 30)] == [
        "primo", "decimo", "undicesimo", "ventitreesimo", "trentesimo"]  # fmt: skip
    assert [ordinal(n, "en") for n in (1, 12, 20, 22, 101)] == [
        "first", "twelfth", "twentieth", "twenty-second", "one hundred and first"]  # fmt: skip


def test_the_author_may_say_how_a_value_is_read() -> None:
    assert said_as("2024", "digits", "it") == "due zero due quattro"
    assert said_as("051 2345", "telephone", "it") == "zero cinque uno, due tre quattro cinque"
    assert said_as("3/4", "date", "it") == "tre aprile"
    assert said_as("31/2", "date", "it") == "trentuno/due"
    assert said_as("domani", "digits", "it") == "domani"
