"""Numbers in words: cardinals by each language's rules, digits one by one in groups."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from voice.speaking.saying.words import Words, words

MOST_DIGITS = 12
"""A longer number is no quantity: its digits are said."""

_IT = "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici"
_IT_UNITS = (*_IT.split(), "diciassette", "diciotto", "diciannove")
_IT_TENS = ("", "", "venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta")
_EN = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_EN_UNITS = (*_EN.split(), "seventeen", "eighteen", "nineteen")
_EN_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_KO_DIGITS = ("", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구")


def _italian(number: int) -> str:
    if number < 20:
        return _IT_UNITS[number]
    if number < 100:
        ten, unit = divmod(number, 10)
        stem = _IT_TENS[ten][:-1] if unit in (1, 8) else _IT_TENS[ten]
        return stem + (_IT_UNITS[unit] if unit else "")
    if number < 1000:
        hundred, rest = divmod(number, 100)
        return ("" if hundred == 1 else _IT_UNITS[hundred]) + "cento" + (_italian(rest) if rest else "")
    if number < 1_000_000:
        thousand, rest = divmod(number, 1000)
        return ("mille" if thousand == 1 else _italian(thousand) + "mila") + (_italian(rest) if rest else "")
    for size, one, many in ((10**9, "un miliardo", "miliardi"), (10**6, "un milione", "milioni")):
        if number >= size:
            count, rest = divmod(number, size)
            head = one if count == 1 else f"{_italian(count)} {many}"
            return f"{head} {_italian(rest)}" if rest else head
    raise AssertionError(number)


def _english(number: int) -> str:
    if number < 20:
        return _EN_UNITS[number]
    if number < 100:
        ten, unit = divmod(number, 10)
        return _EN_TENS[ten] + (f"-{_EN_UNITS[unit]}" if unit else "")
    if number < 1000:
        hundred, rest = divmod(number, 100)
        return f"{_EN_UNITS[hundred]} hundred" + (f" and {_english(rest)}" if rest else "")
    for size, name in ((10**9, "billion"), (10**6, "million"), (1000, "thousand")):
        if number >= size:
            count, rest = divmod(number, size)
            joint = " and " if 0 < rest < 100 else " "
            return f"{_english(count)} {name}" + (joint + _english(rest) if rest else "")
    raise AssertionError(number)


def _korean(number: int) -> str:
    if number == 0:
        return "영"
    groups: list[str] = []
    for name, size in (("억", 10**8), ("만", 10**4), ("", 1)):
        part = number // size % 10**4
        if not part:
            continue
        said = ""
        for place, unit in ((1000, "천"), (100, "백"), (10, "십"), (1, "")):
            digit = part // place % 10
            if digit:
                said += ("" if digit == 1 and unit else _KO_DIGITS[digit]) + unit
        groups.append("만" if name == "만" and part == 1 and not groups else said + name)
    return " ".join(groups)


_CARDINALS: dict[str, Callable[[int], str]] = {"it": _italian, "en": _english, "ko": _korean}


def cardinal(number: int, code: str) -> str:
    """A whole number in words; with more than `MOST_DIGITS` digits they are said one by one."""
    if abs(number) >= 10**MOST_DIGITS:
        return digit_by_digit(str(number).lstrip("-"), code)
    said = _CARDINALS[code](abs(number))
    if code == "it" and said.endswith("tre") and len(said) > len("tre"):
        said = said[:-1] + "é"  # written and stressed so: ventitré
    return f"{words(code).minus} {said}" if number < 0 else said


def counted(number: int, code: str) -> str:
    """A number before a Korean counter, native up to 99; elsewhere the cardinal."""
    said = words(code)
    if said.native_units and 0 < number < 100:
        if number == 20:
            return "스무"
        return said.native_tens[number // 10] + said.native_units[number % 10]
    return cardinal(number, code)


def decimal(number: Decimal, code: str) -> str:
    """A number with decimals: those are said one by one, two that begin with no zero as one number in Italian."""
    said = words(code)
    whole, _, after = f"{abs(number):f}".partition(".")
    sign = f"{said.minus} " if number < 0 else ""
    if not after:
        return sign + cardinal(int(whole), code)
    as_number = code == "it" and len(after) <= 2 and not after.startswith("0")
    tail = cardinal(int(after), code) if as_number else digit_by_digit(after, code)
    return f"{sign}{cardinal(int(whole), code)} {said.point} {tail}"


def ordinal(number: int, code: str) -> str:
    """First, second...; Korean has none here and gives the cardinal."""
    said = words(code)
    if 0 < number <= len(said.ordinals):
        return said.ordinals[number - 1]
    base = cardinal(number, code)
    if code == "it" and number > 0:
        stem = base if number % 10 in (3, 6) and number % 100 not in (13, 16) else base[:-1]
        return stem.replace("tré", "tre") + "esimo"
    if code == "en" and number > 0:
        return _english_ordinal(base)
    return base


def _english_ordinal(base: str) -> str:
    head, separator, last = base.rpartition("-") if "-" in base.split()[-1] else base.rpartition(" ")
    irregular = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth"}
    irregular["twelve"] = "twelfth"
    said = irregular.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return f"{head}{separator}{said}"


def digit_by_digit(digits: str, code: str) -> str:
    """One group of digits: "tre quattro zero"."""
    said: Words = words(code)
    return " ".join(said.digits[int(digit)] for digit in digits if digit.isdecimal())


def grouped(digits: str) -> list[str]:
    """Digits cut into groups that are easily noted: by threes, the last group of two to four."""
    groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        groups[-2:] = [groups[-2] + groups[-1]]
    return groups


def digits_said(digits: str, code: str) -> str:
    """A code, a phone number: digit by digit, a short pause after each group. A '+' at the beginning is said.

    Groups that are written (spaces, hyphens) are kept when none is longer than four digits.
    """
    plus = f"{words(code).plus} " if digits.lstrip().startswith("+") else ""
    written = [
        "".join(c for c in group if c.isdecimal()) for group in digits.replace("-", " ").replace("/", " ").split()
    ]
    written = [group for group in written if group]
    groups = [part for group in written for part in (grouped(group) if len(group) > 4 else [group])]
    if sum(len(group) == 1 for group in groups) > len(groups) // 2:  # "3 4 7 1": no groups at all
        groups = grouped("".join(groups))
    return plus + ", ".join(digit_by_digit(group, code) for group in groups)
