"""Telephone numbers as people write them in a list, made into what can be dialled (E.164)."""

from __future__ import annotations

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

PREMIUM = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST})


def dialled(written: str, country: str = "IT") -> str:
    """'051 123 4567' → '+390511234567': an Italian leading zero is part of the number and stays.

    country: of numbers written without their own (ISO 3166). Raises ValueError that says what is wrong, without the
    number: it goes to logs.
    """
    try:
        number = phonenumbers.parse(written.strip(), country)
    except NumberParseException as error:
        raise ValueError(f"not a telephone number: {_WHY.get(error.error_type, 'not understood')}") from None
    if number.extension:
        raise ValueError("a number with an extension cannot be dialled by itself")
    if not phonenumbers.is_valid_number(number):
        where = phonenumbers.region_code_for_country_code(number.country_code or 0)
        raise ValueError(f"no such number can exist in {where}: check its length and its first digits")
    if phonenumbers.number_type(number) in PREMIUM:
        raise ValueError("a number that costs extra is never dialled")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


_WHY = {
    NumberParseException.INVALID_COUNTRY_CODE: "its country code does not exist",
    NumberParseException.NOT_A_NUMBER: "there are no digits where they are expected",
    NumberParseException.TOO_SHORT_AFTER_IDD: "it ends after the international prefix",
    NumberParseException.TOO_SHORT_NSN: "it is too short",
    NumberParseException.TOO_LONG: "it is too long",
}
