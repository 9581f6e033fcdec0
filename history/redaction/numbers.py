"""Whether digits are a card's or a telephone's number."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

from history.redaction.cues import Cue

_CARD = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:\d{15}|\d{18})"
    r"|(?:50|5[6-8])\d{14}"
)
"""Lengths and first digits of the networks in use (ISO/IEC 7812)."""
_DATE = re.compile(r"[0-3]\d[01]\d(?:19|20)\d\d(?:[0-2]\d[0-5]\d)?")
"""A day, perhaps with its hour."""
_SHORTEST_PHONE = 7
_SHORTEST_BARE = 9
"""Where only "il numero" was spoken of."""
_NEAR = ("+39", "+44")


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_card(digits: str, cue: Cue | None) -> bool:
    """With right check digit; one that was misheard only where a card was spoken of."""
    if cue == "card" and digits.isdecimal() and 13 <= len(digits) <= 19:
        return True
    return cue != "other" and bool(_CARD.fullmatch(digits)) and luhn(digits)


def is_phone(digits: str, cue: Cue | None, *, written: bool) -> bool:
    """A number that can be dialled. cue 'phone' or 'number' lets it be shorter or misheard; 'other' asks for a
    country's prefix.

    written: with the hyphens or brackets of a telephone number, as North American ones must be when nothing else
    tells what they are.
    """
    abroad = digits.startswith(("+", "00"))
    if abroad and 9 <= len(digits.lstrip("+0")) <= 15:
        whole = "+" + digits.lstrip("+0")
        surely = cue == "phone" or digits[0] == "+" or whole[:3] in _NEAR
        return _possible(whole) if surely else _valid(whole, None)
    if not digits.isdecimal() or cue in ("other", "card", "iban", "card_code"):
        return False
    shortest = {"phone": _SHORTEST_PHONE, "number": _SHORTEST_BARE}.get(cue or "", 99)
    if shortest <= len(digits) <= 13 and len(set(digits)) > 1:
        return True
    if _DATE.fullmatch(digits):
        return False
    if re.fullmatch(r"3\d{9}|0\d{8,10}|39(?:3\d{9}|0\d{8,9})", digits):
        bare = digits[2:] if len(digits) > 11 else digits
        if _valid(bare, "IT"):
            return True
    if re.fullmatch(r"07\d{9}", digits) or (re.fullmatch(r"0\d{9,10}", digits) and _valid(digits, "GB")):
        return True
    return written and len(digits) in (10, 11) and _valid(digits, "US")


def _possible(number: str) -> bool:
    try:
        return bool(phonenumbers.is_possible_number(phonenumbers.parse(number)))
    except phonenumbers.NumberParseException:
        return False


@lru_cache(maxsize=4096)
def _valid(number: str, region: str | None) -> bool:
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(number, region)))
    except phonenumbers.NumberParseException:
        return False
