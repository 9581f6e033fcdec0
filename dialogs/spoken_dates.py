"""Dates as they are said: "il tre marzo", "domani", "lunedì prossimo", "03/03", "삼월 삼일"."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from dialogs.languages.values import Values, values
from dialogs.normalizing import normalise, without_points
from dialogs.spoken_numbers import ending_number, hear_numbers

_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s?[-/.]\s?(\d\d?)\s?[-/.]\s?(\d\d?)(?!\d)")
_DAY_FIRST = re.compile(r"(?<!\d)(\d\d?)\s?[-/.]\s?(\d\d?)(?:\s?[-/.]\s?(\d{4}|\d\d))?(?!\d)")
_YEARS_AHEAD = 20
"""A year of two digits is at most this far ahead; else it is of the century before."""


def hear_date(text: str, code: str, today: date, past: bool = False) -> date | None:
    """The one date that was said, None when there is none. A date without year is the next from today on.

    past: it is the last one up to today (a purchase, a birth). "lunedì" and "lunedì prossimo" are the first Monday
    after today, "lunedì della prossima settimana" is that of the next week. In digits the day comes first, unless
    the year does.
    """
    if written := _YEAR_FIRST.search(text):
        return _date(int(written[1]), int(written[2]), int(written[3]))
    if written := _DAY_FIRST.search(text):
        year = None if written[3] is None else _whole_year(int(written[3]), today)
        return _dated(int(written[1]), int(written[2]), year, today, past)
    words = values(code)
    said = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", normalise(text))
    if not words.spaces:
        return _without_spaces(said.replace(" ", ""), words, today, past)
    named = _in_month(said, words, today, past)
    return named[0] if named else _relative(said, words, today, past)


# ------------------------------------------------------------------------------------------------ languages with spaces
def _in_month(said: str, words: Values, today: date, past: bool) -> tuple[date | None] | None:
    """A day of a named month; None when no month is named."""
    tokens = said.split()
    at = next((place for place, token in enumerate(tokens) if token in words.dates.months), None)
    if at is None:
        return None
    month = words.dates.months[tokens[at]]
    before, after = (_numbers(" ".join(part), words) for part in (tokens[:at], tokens[at + 1 :]))
    if before:
        day, rest = before[-1], after
    elif after:
        day, rest = after[0], after[1:]
    else:
        return (None,)
    year = _year(rest, today) if rest else None
    return (None,) if rest and year is None else (_dated(day, month, year, today, past),)


def _relative(said: str, words: Values, today: date, past: bool) -> date | None:
    dates = words.dates
    padded = f" {said} "
    if (span := _span(said.split(), words, today)) is not None:  # before "today": "a week from today"
        return span
    for phrase, days in dates.days.items():
        if f" {phrase} " in padded:
            return today + timedelta(days)
    numbers = _numbers(said, words)
    weekday = next((day for name, day in dates.weekdays.items() if f" {name} " in padded), None)
    if weekday is not None and not numbers:
        is_last = any(f" {word} " in padded for word in dates.last)
        is_next_week = any(f" {phrase} " in padded for phrase in dates.next_week)
        return _weekday(weekday, today, is_last, is_next_week)
    if len(numbers) == 1 and len(said.split()) <= _DAY_ALONE_WORDS:
        return _day_alone(numbers[0], today, past)
    if len(numbers) >= 2 and len(said.split()) <= len(numbers) + 1:  # "tre zero tre", "ventuno dodici duemilaventisei"
        match [number for number in numbers if number]:
            case [day, month]:
                return _dated(day, month, None, today, past)
            case [day, month, year]:
                return _dated(day, month, _whole_year(year, today), today, past)
    return None


_DAY_ALONE_WORDS = 4
"""'il quindici', 'on the twenty first': longer utterances with a number alone are about something else."""


def _span(tokens: Sequence[str], words: Values, today: date) -> date | None:
    """ "tra tre giorni", "two weeks ago"."""
    dates = words.dates
    for at, token in enumerate(tokens):
        if token not in dates.spans:
            continue
        ahead = [place for place, word in enumerate(tokens[:at]) if word in dates.ahead]
        behind = " ".join(tokens[at + 1 :])
        back = any(behind == word or behind.startswith(f"{word} ") for word in dates.back_after)
        if not (ahead or back or any(behind.startswith(word) for word in dates.ahead_after)):
            continue
        counted = tokens[ahead[-1] + 1 if ahead else 0 : at]
        numbers = _numbers(" ".join(counted), words)
        if not numbers and any(word in words.money.one for word in counted):
            numbers = [1]
        return _counted(today, *dates.spans[token], -numbers[-1] if back else numbers[-1]) if numbers else None
    return None


def _numbers(said: str, words: Values) -> list[int]:
    cardinals = " ".join(words.dates.ordinals.get(token, token) for token in said.split())
    heard = (without_points(number) for number in hear_numbers(cardinals, words.code).digits)
    return [int(number) for number in heard if len(number) <= 4]


def _year(numbers: Sequence[int], today: date) -> int | None:
    """From the numbers behind the month: 2026, 26, [20, 26], [19, 0, 5], [19, 100]."""
    match list(numbers):
        case [year]:
            return _whole_year(year, today)
        case [century, 100] if 10 <= century <= 21:
            return century * 100
        case [century, rest] | [century, 0, rest] if 10 <= century <= 21 and rest < 100:
            return century * 100 + rest
    return None


# --------------------------------------------------------------------------------------------- languages without spaces
def _without_spaces(said: str, words: Values, today: date, past: bool) -> date | None:
    dates = words.dates
    weekday = None
    for name, day in dates.weekdays.items():
        if name in said:
            weekday, said = day, said.replace(name, "")
    for name, month in dates.months.items():  # forms that are no number and the word for month
        said = said.replace(name, f"{month}월")
    match = re.search(r"(?:([^년]+)년)?([^년월]{1,4})월(.+)일", said)
    if match:
        year, month_said, day_said = (ending_number(part, words.code) if part else None for part in match.groups())
        if month_said is None or day_said is None or (match[1] and year is None):
            return None
        return _dated(day_said, month_said, None if year is None else _whole_year(year, today), today, past)
    spans = "|".join(sorted(dates.spans, key=len, reverse=True))
    ends = "|".join((*dates.ahead_after, *dates.back_after))
    match = re.search(rf"(.+?)({spans})({ends})", said)
    if match and (count := ending_number(match[1], words.code)) is not None:
        return _counted(today, *dates.spans[match[2]], -count if match[3] in dates.back_after else count)
    for phrase, days in dates.days.items():
        if phrase in said:
            return today + timedelta(days)
    if weekday is not None:
        is_last, is_next = (any(word in said for word in listed) for listed in (dates.last, dates.next_week))
        return _weekday(weekday, today, is_last, is_next)
    match = re.search(r"^(.{1,4})일", said)
    number = ending_number(match[1], words.code) if match else None
    return None if number is None else _day_alone(number, today, past)


# ------------------------------------------------------------------------------------------------------------- calendar
def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _whole_year(year: int, today: date) -> int:
    if year >= 100:
        return year
    whole = today.year // 100 * 100 + year
    return whole if whole <= today.year + _YEARS_AHEAD else whole - 100


def _dated(day: int, month: int, year: int | None, today: date, past: bool) -> date | None:
    if year is not None:
        return _date(year, month, day)
    years = range(today.year, today.year - 9, -1) if past else range(today.year, today.year + 9)
    for candidate in years:  # the 29th of February may be years away
        found = _date(candidate, month, day)
        if found is not None and (found <= today if past else found >= today):
            return found
    return None


def _day_alone(day: int, today: date, past: bool) -> date | None:
    if not 1 <= day <= 31:
        return None
    for months in range(3):
        first = _shifted(today.replace(day=1), "months", -months if past else months)
        found = _date(first.year, first.month, day)
        if found is not None and (found <= today if past else found >= today):
            return found
    return None


def _weekday(weekday: int, today: date, is_last: bool, is_next_week: bool) -> date:
    if is_next_week:
        return today + timedelta(7 - today.weekday() + weekday)
    if is_last:
        return today - timedelta((today.weekday() - weekday - 1) % 7 + 1)
    return today + timedelta((weekday - today.weekday() - 1) % 7 + 1)


def _counted(today: date, unit: str, size: int, count: int) -> date | None:
    """As `_shifted`; None for a day that no calendar has ("fra un miliardo di giorni": something else was said)."""
    try:
        return _shifted(today, unit, size, count)
    except (OverflowError, ValueError):
        return None


def _shifted(day: date, unit: str, size: int, count: int = 1) -> date:
    """`count` times `size` days or months later; a day that the month lacks becomes its last."""
    if unit == "days":
        return day + timedelta(size * count)
    months = day.year * 12 + day.month - 1 + size * count
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def date_written(day: date, code: str) -> str:
    """The date as people write it, with the month's name where the language has one: "3 marzo 2026"."""
    months: Mapping[str, int] = values(code).dates.months
    if not values(code).spaces:
        return f"{day.year}년 {day.month}월 {day.day}일"
    name = next(name for name, month in months.items() if month == day.month)
    return f"{day.day} {name.capitalize() if code == 'en' else name} {day.year}"
