"""Amounts of money as they are said: "venti euro e cinquanta", "twelve pounds fifty", "만 오천 원", "€ 1.200,50"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from dialogs.languages.values import Values, values
from dialogs.normalizing import normalise
from dialogs.spoken_numbers import hear_numbers

_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "₩": "KRW"}
_WITHOUT_CENTS = ("KRW",)
_LONGEST = 12


@dataclass(frozen=True)
class Amount:
    """value: with two decimals (won: none). currency: ISO 4217."""

    value: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.value} {self.currency}"


def hear_money(text: str, code: str, currency: str = "") -> Amount | None:
    """The one amount that was said, None when there is none.

    currency: the one that is meant when none is said, '' for the language's own.
    """
    words = values(code)
    for sign, code_of_sign in _SIGNS.items():
        spoken = next((word for word, iso in words.money.currencies.items() if iso == code_of_sign), None)
        text = text.replace(sign, f" {spoken} " if spoken else sign)
    said = normalise(text)
    if not words.spaces:
        said = said.replace(" ", "")
    edge = r"\b" if words.spaces else ""
    either = "|".join(sorted(map(re.escape, words.money.currencies), key=len, reverse=True))
    if words.spaces:
        said = re.sub(rf"(?<=\d)(?={either})", " ", said)
    parts = re.split(rf"{edge}({either}){edge}", said, maxsplit=1)
    if len(parts) == 1:
        value = _cents_alone(said, words) or _no_currency(said, words)
        return None if value is None else amount_of(value, currency or words.money.currency)
    before, named, after = (part.strip() for part in parts)
    value = _value(before, after, words)
    return None if value is None else amount_of(value, words.money.currencies[named])


def amount_of(value: Decimal, currency: str) -> Amount:
    """The amount with as many decimals as the currency has."""
    return Amount(value.quantize(Decimal(1) if currency in _WITHOUT_CENTS else Decimal("0.01")), currency)


def _value(before: str, after: str, words: Values) -> Decimal | None:
    """What stands around the currency's name: euros before it, cents after it; or all after it ("€ 20,50")."""
    if not _heard(before, words.code):
        if before and any(word == before.split()[-1] for word in words.money.one):
            whole: Decimal | None = Decimal(1)
        else:
            return _no_currency(after, words)
    else:
        whole = _decimal(before, words)
    if whole is None or whole != whole.to_integral_value():
        return whole
    if any(f" {after} ".startswith(f" {half} ") for half in words.money.half_more):
        return whole + Decimal("0.5")
    if not words.spaces:
        for word in words.money.cents:
            after = after.removesuffix(word)
    cents = _heard(after, words.code)
    if not cents:
        one = _names_cents(after, words) and any(f" {word} " in f" {after} " for word in words.money.one)
        return whole + (Decimal("0.01") if one else 0)
    named = _names_cents(after, words)
    joined = bool(after) and (after[0].isdigit() or after.split()[0] in words.money.joints)
    if len(cents) != 1 or not cents[0].isdecimal() or int(cents[0]) > 99:
        return whole if not (named or joined) else None
    return whole + Decimal(int(cents[0])) / 100


def _cents_alone(said: str, words: Values) -> Decimal | None:
    if not _names_cents(said, words):
        return None
    heard = _heard(said, words.code)
    if not heard and any(f" {word} " in f" {said} " for word in words.money.one):
        return Decimal("0.01")
    return Decimal(int(heard[0])) / 100 if len(heard) == 1 and heard[0].isdecimal() and int(heard[0]) < 100 else None


def _names_cents(said: str, words: Values) -> bool:
    return words.spaces and any(f" {word} " in f" {said} " for word in words.money.cents)


def _no_currency(said: str, words: Values) -> Decimal | None:
    """ "20,50", "venti virgola cinquanta", "venti e cinquanta"."""
    value = _decimal(said, words)
    if value is not None:
        return value
    heard = _heard(said, words.code)
    if len(heard) == 2 and all(number.isdecimal() for number in heard) and 10 <= int(heard[1]) <= 99:
        return Decimal(int(heard[0])) + Decimal(int(heard[1])) / 100
    return None


def _heard(said: str, code: str) -> tuple[str, ...]:
    return hear_numbers(said, code).digits


def _decimal(said: str, words: Values) -> Decimal | None:
    """One number: in digits with its marks, or in words with "virgola"."""
    if words.spaces:
        for point in words.money.point:
            head, found, tail = f" {said} ".partition(f" {point} ")
            if found and (whole := _heard(head, words.code)) and (after := _heard(tail, words.code)):
                decimals = "".join(after)
                if len(whole) == 1 and whole[0].isdecimal() and decimals.isdecimal() and len(decimals) <= 2:
                    return Decimal(f"{whole[0]}.{decimals}")
    heard = _heard(said, words.code)
    if len(heard) != 1 or len(heard[0]) > _LONGEST + 4:
        return None
    return written_number(heard[0])


def written_number(number: str) -> Decimal | None:
    """Digits with points and commas: the last one with one or two digits behind it begins the decimals."""
    match = re.fullmatch(r"(\d+|\d{1,3}(?:[.,]\d{3})+)(?:[.,](\d{1,2}))?", number)
    if match is None:
        return None
    return Decimal(re.sub(r"[.,]", "", match[1]) + (f".{match[2]}" if match[2] else ""))


def money_written(amount: Amount, code: str) -> str:
    """The amount as people write it: "20,50 €", "€20.50", "15,000원"."""
    sign = next((sign for sign, currency in _SIGNS.items() if currency == amount.currency), amount.currency)
    number = f"{amount.value:,f}"
    if code == "it":
        return f"{number.translate(str.maketrans('.,', ',.'))} {sign}"
    return f"{number}원" if amount.currency == "KRW" and code == "ko" else f"{sign}{number}"
