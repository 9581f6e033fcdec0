import pytest

from knowledge.wording import essence, unaccented


@pytest.mark.parametrize(
    ("said", "language", "kept"),
    [
        ("Buongiorno, vorrei sapere quali sono gli orari di apertura.", "it", "quali sono gli orari di apertura"),
        ("buongiorno eh volevo sapere se spedite all'estero grazie", "it", "spedite all estero"),
        ("pronto sì senta ehm a che ora aprite per favore", "it-IT", "a che ora aprite"),
        ("Hello, could you tell me if you ship abroad, please?", "en", "you ship abroad"),
        ("안녕하세요 영업 시간 알려 주세요", "ko", "영업 시간"),
    ],
)
def test_greetings_fillers_and_courtesies_are_taken_off(said: str, language: str, kept: str) -> None:
    assert essence(said, language) == kept


@pytest.mark.parametrize("said", ["buongiorno", "sì", "grazie mille"])
def test_an_utterance_of_nothing_else_is_kept(said: str) -> None:
    assert essence(said, "it") == said


def test_words_that_only_begin_like_a_filler_stay() -> None:
    assert essence("ehi ma ecologia si scrive con la c", "it") == "ecologia si scrive con la c"


def test_a_language_without_data_is_only_levelled() -> None:
    assert essence("Bonjour, quels SONT vos horaires ?", "fr") == "bonjour quels sont vos horaires"


def test_accents_go_and_hangul_stays() -> None:
    assert unaccented("perché città 영업") == "perche citta 영업"


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("mi serve un libro per per giovedì", "mi serve un libro per giovedì"),
        ("volevo volevo sapere ehm volevo sapere se se siete aperti", "siete aperti"),
        ("quando aprite quando aprite domenica", "quando aprite domenica"),
        ("il numero due due sette", "il numero due sette"),  # whoever needs numbers reads the whole utterance
        ("dove siete e dove parcheggio", "dove siete e dove parcheggio"),
    ],
)
def test_what_is_said_twice_while_thinking_counts_once(said: str, asks: str) -> None:
    assert essence(said, "it") == asks
