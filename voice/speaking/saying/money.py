"""Amounts of money in words."""

from __future__ import annotations

from decimal import Decimal

from voice.speaking.saying.numbers import cardinal
from voice.speaking.saying.words import words


def money_said(amount: Decimal, currency: str, code: str) -> str:
    """ "venti euro e cinquanta centesimi", "twelve pounds and fifty pence", "만 오천 원".

    Parts below a hundredth are dropped. Raises LookupError for a currency without words.
    """
    said = words(code).currency(currency)
    hundredths = int(abs(amount) * 100)
    whole, cents = divmod(hundredths, 100)
    if not said.cents:
        cents = 0
    parts: list[str] = []
    if whole or not cents:
        # "un milione di euro"
        joint = " di" if code == "it" and whole >= 1_000_000 and whole % 1_000_000 == 0 else ""
        parts.append(said.one if whole == 1 else f"{cardinal(whole, code)}{joint} {said.many}")
    if cents:
        parts.append(said.cent if cents == 1 else f"{cardinal(cents, code)} {said.cents}")
    joined = (" " if code == "ko" else f" {words(code).joint} ").join(parts)
    return f"{words(code).minus} {joined}" if amount < 0 else joined
