"""Dates and times of day in words."""

from __future__ import annotations

import re
from datetime import date, time

from voice.speaking.saying.numbers import cardinal, counted, ordinal
from voice.speaking.saying.words import words


def date_said(day: int, month: int, year: int | None, code: str) -> str:
    """ "tre marzo duemilaventisei", "the third of March, twenty twenty-six", "이천이십육년 삼월 삼일".

    year None: left out.
    """
    name = words(code).months[month - 1]
    if code == "ko":
        head = "" if year is None else f"{cardinal(year, code)}년 "
        return f"{head}{name} {cardinal(day, code)}일"
    if code == "en":
        said = f"the {ordinal(day, code)} of {name}"
        return said if year is None else f"{said}, {_english_year(year)}"
    said = f"{ordinal(1, code) if day == 1 else cardinal(day, code)} {name}"
    return said if year is None else f"{said} {cardinal(year, code)}"


def whole_date_said(day: date, code: str) -> str:
    """A date with its year."""
    return date_said(day.day, day.month, day.year, code)


def date_read(text: str, code: str) -> str:
    """The date that `text` is in digits (3/3, 03.03.2026, 2026-03-03) in words, '' when it is none."""
    written = re.fullmatch(r"\s*(\d{4})-(\d\d?)-(\d\d?)\s*", text)
    if written:
        year, month, day = map(int, written.groups())
    else:
        written = re.fullmatch(r"\s*(\d\d?)[/. -](\d\d?)(?:[/. -](\d{4}|\d\d))?\s*", text)
        if not written:
            return ""
        day, month, year = int(written[1]), int(written[2]), int(written[3] or -1)
        year += 2000 if 0 <= year < 100 else 0
    try:
        date(2000 if year < 0 else year, month, day)
    except ValueError:
        return ""
    return date_said(day, month, None if year < 0 else year, code)


def _english_year(year: int) -> str:
    century, rest = divmod(year, 100)
    if not 1100 <= year <= 2099 or 2000 <= year <= 2009:
        return cardinal(year, "en")
    if rest == 0:
        return f"{cardinal(century, 'en')} hundred"
    return f"{cardinal(century, 'en')} {'oh ' if rest < 10 else ''}{cardinal(rest, 'en')}"


def time_said(at: time, code: str) -> str:
    """ "quindici e trenta", "three thirty pee em", "오후 세 시 삼십 분"; seconds are not said."""
    hour, minute = at.hour, at.minute
    if code == "ko":
        half = "오전" if hour < 12 else "오후"
        said = f"{half} {counted(hour % 12 or 12, code) if hour else '영'} 시"
        return said + (f" {cardinal(minute, code)} 분" if minute else "")
    if code == "en":
        if minute == 0 and hour % 12 == 0:
            return "twelve noon" if hour else "midnight"
        tail = f" {'oh ' if minute < 10 else ''}{cardinal(minute, code)}" if minute else ""
        return f"{cardinal(hour % 12 or 12, code)}{tail} {'ay' if hour < 12 else 'pee'} em"
    if hour == 0 and minute == 0:
        return "ventiquattro"
    said = "una" if hour == 1 else cardinal(hour, code)
    return f"{said} e {cardinal(minute, code)}" if minute else said
