"""Identifiers are taken out of what people say, however they say it; orders, prices, dates and hours stay."""

from pathlib import Path

import pytest

from centralino.redaction_figures import TranscriptsError, measure, read_marked
from history.redaction import Span, Turn, find, redact_text, redact_turns

TRANSCRIPTS = Path(__file__).parent / "transcripts"


def said(*turns: str) -> list[str]:
    """Turns as 'speaker: text', redacted."""
    return list(redact_turns([tuple(turn.split(": ", 1)) for turn in turns]).texts)


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("il mio numero è tre tre tre, uno due tre, quattro cinque sei sette", "il mio numero è [phone]"),
        ("il mio numero è 333 123 4567 e il pacco non arriva", "il mio numero è [phone] e il pacco non arriva"),
        ("my number is 07700 900123 and the order is late", "my number is [phone] and the order is late"),
        ("my mobile is oh seven seven double oh nine hundred one two three", "my mobile is [phone]"),
        ("carta 4111 1111 1111 1111 scade 12/28", "carta [card] scade 12/28"),
        ("codice fiscale RSSMRA85M10H501S", "codice fiscale [codice_fiscale]"),
        ("R come Roma, doppia esse, M come Milano, R, A, 85, M, 10, H, 501, S", "[codice_fiscale]"),
        ("l'IBAN è IT60 X054 2811 1010 0000 0123 456, grazie", "l'IBAN è [iban], grazie"),
        ("la mail è mario punto rossi chiocciola esempio punto it grazie", "la mail è [email] grazie"),
        ("it's j smith eighty two at example dot co dot uk", "it's [email]"),
    ],
)
def test_identifiers_are_taken_out(text: str, redacted: str) -> None:
    assert redact_text(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "il numero d'ordine è 3331234567",
        "il mio numero d'ordine è 3331234567 e il pacco non arriva",
        "ISBN 9788804668237, costa 19,90 euro",
        "passo il 12/05/2026 alle 18:30",
        "ne prendo due, uno per me e uno per mia sorella che compie diciotto anni",
        "look at example dot com, the shop opens at 10 dot 30",
        "pages 394, 401 and 416 are missing",
        "",
    ],
)
def test_what_identifies_nobody_stays(text: str) -> None:
    assert redact_text(text) == text


def test_a_card_is_found_over_turns_and_where_the_bot_repeats_it() -> None:
    assert said(
        "bot: Mi dica il numero della carta.",
        "caller: quattro uno uno uno",
        "bot: quattro uno uno uno, sì, vada avanti",
        "caller: uno uno uno uno, ehm, uno uno uno uno",
        "bot: poi?",
        "caller: uno uno uno uno e basta",
    ) == [
        "bot: Mi dica il numero della carta.".removeprefix("bot: "),
        "[card]",
        "[card], sì, vada avanti",
        "[card]",
        "poi?",
        "[card] e basta",
    ]


def test_a_correction_is_taken_out_with_what_it_corrects() -> None:
    assert (
        redact_text("tre tre quattro, no scusi, tre tre otto, dodici trentaquattro cinquecentosessantasette")
        == "[phone]"
    )


def test_what_was_asked_tells_a_telephone_from_an_order() -> None:
    assert said("bot: Qual è il numero dell'ordine?", "caller: 0512345678")[1] == "0512345678"
    assert said("bot: Mi lascia un recapito?", "caller: 0512345678")[1] == "[phone]"


def test_spans_tell_turn_place_and_kind() -> None:
    assert find([Turn("caller", "sono al 3331234567")]) == [Span(0, 8, 18, "phone")]


def test_long_texts_take_a_bounded_time() -> None:
    noise = "sette otto e di vi ci a 12 3 no scusi it gb " * 30
    assert len(redact_text(noise)) > 0


@pytest.mark.parametrize("name", ["it_test.txt", "en_test.txt"])
def test_the_set_is_found(name: str) -> None:
    figures = measure(read_marked(TRANSCRIPTS / name))
    assert figures.all.recall >= 0.98, figures.missed
    assert figures.all.precision >= 0.95, figures.wrong


def test_marks_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "marked.txt"
    path.write_text("caller: {shoe|42}\n")
    with pytest.raises(TranscriptsError, match="shoe"):
        read_marked(path)
