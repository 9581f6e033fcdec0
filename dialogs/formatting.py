"""How a value is said: the named formatters of texts, `{code:digits}`, `{due:date}`, `{amount:money}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from dialogs.languages.values import values
from dialogs.spoken_dates import date_written
from dialogs.spoken_money import Amount, amount_of, money_written
from dialogs.spoken_numbers import spell_digits


def _digits(value: Any, code: str) -> str:
    return spell_digits(str(value), code)


def _letters(value: Any, code: str) -> str:
    """One by one, whatever they are: "A, B, quattro"."""
    return ", ".join(
        spell_digits(char, code) if char.isdecimal() else char.upper() for char in str(value) if char.isalnum()
    )


def _date(value: Any, code: str) -> str:
    return date_written(date.fromisoformat(str(value)[:10]), code)


def _time(value: Any, code: str) -> str:
    written = str(value)
    at = datetime.fromisoformat(written).time() if len(written) > 8 else time.fromisoformat(written)
    return at.strftime("%H:%M")


def _money(value: Any, code: str) -> str:
    """ "20.50 EUR", or a bare number in the language's own currency."""
    number, _, currency = str(value).partition(" ")
    amount = amount_of(Decimal(number), currency or values(code).money.currency)
    return money_written(Amount(amount.value, amount.currency), code)


def _number(value: Any, code: str) -> str:
    number = Decimal(str(value))
    whole = number == number.to_integral_value()
    written = f"{number:,.0f}" if whole else f"{number.normalize():,f}"
    return written.translate(str.maketrans(".,", ",.")) if code == "it" else written


FORMATTERS: Mapping[str, Callable[[Any, str], str]] = {
    "digits": _digits,
    "letters": _letters,
    "date": _date,
    "time": _time,
    "money": _money,
    "number": _number,
}
"""name → function(value, language). Each raises ValueError (or InvalidOperation) for a value that it cannot say."""


def formatted(value: Any, formatter: str, code: str) -> str | None:
    """The value as `formatter` says it, None when it is no such value: other systems send what they like."""
    try:
        return FORMATTERS[formatter](value, code)
    except (ValueError, InvalidOperation, LookupError):
        return None
