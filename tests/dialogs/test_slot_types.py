"""Codes, phone numbers, names and addresses as callers say them."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from dialogs.slot_types import AnySlot
from dialogs.slots import Slot

_SLOTS: TypeAdapter[Slot] = TypeAdapter(AnySlot)


def slot(written: dict[str, object]) -> Slot:
    return _SLOTS.validate_python(written)


@pytest.mark.parametrize(
    ("written", "code", "said", "value"),
    [
        ({"type": "plate"}, "it", "A come Ancona B come Bologna centoventitré C D", "AB123CD"),
        ({"type": "plate"}, "it", "la targa è AB 123 CD", "AB123CD"),
        ({"type": "plate"}, "it", "I O centoventitré C D", None),  # no plate has I and O
        ({"type": "plate", "country": "GB"}, "en", "A B one two C D E", "AB12CDE"),
        ({"type": "plate", "country": "KR"}, "ko", "12가 3456", "12가3456"),
        ({"type": "plate", "country": "KR"}, "ko", "백이십삼 나 사오육칠", "123나4567"),
        ({"type": "plate", "country": "KR"}, "ko", "잘 모르겠어요", None),
        ({"type": "codice_fiscale"}, "it", "erre esse esse emme erre a ottantacinque ti dieci a cinque sei due esse",
         "RSSMRA85T10A562S"),
        ({"type": "codice_fiscale"}, "it", "RSSMRA85T10A562S", "RSSMRA85T10A562S"),
        ({"type": "codice_fiscale"}, "it", "RSSMRA85T10A562T", None),  # a wrong check letter
        ({"type": "iban"}, "it", "IT60 X054 2811 1010 0000 0123 456", "IT60X0542811101000000123456"),
        ({"type": "iban"}, "it", "IT61 X054 2811 1010 0000 0123 456", None),
        ({"type": "pattern", "pattern": "[A-Z]{2}[0-9]{4}"}, "it", "A B quarantasette dodici", "AB4712"),
        ({"type": "pattern", "pattern": "[A-Z]{2}[0-9]{4}"}, "en", "my order is A B four seven one two", "AB4712"),
        ({"type": "pattern", "pattern": "W[0-9]{5}"}, "ko", "W 일이삼사오", "W12345"),
        ({"type": "phone"}, "it", "tre quattro sette, uno due tre, quattro cinque sei sette", "+393471234567"),
        ({"type": "phone"}, "it", "zero cinque uno duecentotrentaquattro cinquantasei settantotto", "+390512345678"),
        ({"type": "phone"}, "it", "più quarantaquattro venti settantanove quarantasei zero nove cinque otto",
         "+442079460958"),
        ({"type": "phone", "country": "+82"}, "ko", "공일공 일이삼사 오육칠팔", "+821012345678"),
        ({"type": "phone", "country": "+44"}, "en", "oh two oh seven nine four six oh nine five eight",
         "+442079460958"),
        ({"type": "phone"}, "it", "non me lo ricordo", None),
        ({"type": "name"}, "it", "Mi chiamo Mario Rossi.", "Mario Rossi"),
        ({"type": "name"}, "it", "sono la signora De Luca", "De Luca"),
        ({"type": "name"}, "it", "bianchi", "Bianchi"),
        ({"type": "name"}, "it", "erre o esse esse i", "Rossi"),
        ({"type": "name"}, "it", "quattro sette uno", None),
        ({"type": "name"}, "it", "", None),
        ({"type": "name"}, "en", "Hi, my name is Anna Bell", "Anna Bell"),
        ({"type": "name"}, "ko", "저는 김민수입니다", "김민수"),
        ({"type": "name"}, "ko", "제 이름은 이서연이에요", "이서연"),
        ({"type": "address"}, "it", "via Garibaldi dodici, Bologna", "via Garibaldi 12, Bologna"),
        ({"type": "address"}, "it", "piazza Maggiore", "piazza Maggiore"),
        ({"type": "address"}, "it", "non lo so", None),
        ({"type": "address"}, "en", "12 Baker Street, London", "12 Baker Street, London"),
        ({"type": "address"}, "ko", "세종대로 110", "세종대로 110"),
    ],
)  # fmt: skip
def test_what_is_said_is_understood(written: dict[str, object], code: str, said: str, value: str | None) -> None:
    assert slot(written).hear(said, "", code).value == value


def test_a_code_may_come_in_pieces() -> None:
    code = slot({"type": "codice_fiscale"})
    first = code.hear("erre esse esse emme erre a", "", "it")
    assert (first.value, first.so_far) == (None, "RSSMRA")
    assert code.hear("ottantacinque ti dieci a cinque sei due esse", first.so_far, "it").value == "RSSMRA85T10A562S"
    phone = slot({"type": "phone"})
    piece = phone.hear("tre quattro sette", "", "it")
    assert piece.so_far == "347"
    assert phone.hear("uno due tre quattro cinque sei sette", piece.so_far, "it").value == "+393471234567"


def test_keys() -> None:
    phone = slot({"type": "phone"})
    so_far = ""
    for key in "0512345678":
        so_far = phone.press(key, so_far).so_far
    assert phone.press("#", so_far).value == "+390512345678"
    assert phone.settle(so_far) == "+390512345678"
    pattern = slot({"type": "pattern", "pattern": "[0-9]{3}"})
    assert pattern.press("1", "").so_far == "1"
    assert pattern.press("3", "12").value == "123"


def test_a_number_is_said_in_groups() -> None:
    phone = slot({"type": "phone"})
    assert phone.spoken("+393471234567", "it") == "347 123 4567"
    assert phone.spoken("+442079460958", "it") == "+44 207 946 0958"


@pytest.mark.parametrize("pattern", ["(", "(?=x)", r"(a)\1", ""])
def test_a_pattern_that_re2_does_not_read_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError):
        slot({"type": "pattern", "pattern": pattern})


def test_a_pattern_never_backtracks() -> None:
    assert slot({"type": "pattern", "pattern": "(A+)+B", "max_length": 32}).hear("A" * 31 + "C", "", "it").value is None
