"""Times of day as they are said: "alle tre e mezza", "half past three", "quindici e trenta", "오후 세 시 반"."""

from __future__ import annotations

import re
from datetime import time

from dialogs.languages.values import Times, Values, values
from dialogs.normalizing import normalise
from dialogs.spoken_numbers import ending_number, hear_numbers

_CLOCK = re.compile(r"(?<!\d)(\d\d?)\s?[:.h]\s?(\d\d)(?!\d)")


def hear_time(text: str, code: str, earliest: time | None = None, latest: time | None = None) -> time | None:
    """The one time of day that was said, None when there is none or several.

    earliest, latest: what may be meant. "alle tre" is 03:00, unless only 15:00 lies between them; a part of the day
    that was said ("di mattina", "p.m.") decides.
    """
    words = values(code)
    times = words.times
    said = normalise(_CLOCK.sub(r" \1:\2 ", text.casefold()))
    said = re.sub(r"(?<=\d)[.,](?=\d)", " ", said)
    said = re.sub(r"(?<=\d)(?=[^\W\d])", " ", said)
    if not words.spaces:
        said = said.replace(" ", "") if not _CLOCK.search(text) else said
    said, part = _part_of_day(said, times, words.spaces)
    found = _spaced(said, words) if words.spaces else _unspaced(text, said, words)
    if found is None:
        return None
    hour, minute = found
    if part == "morning" and hour == 12:
        hour = 0
    elif part == "afternoon" and hour < 12:
        hour += 12
    elif part == "night":
        hour = 0 if hour == 12 else hour + 12 if 9 <= hour < 12 else hour
    if hour == 24 and minute == 0:
        hour = 0
    if not (0 <= hour <= 23 and 0 <= minute <= 59):
        return None
    if not part and hour < 12 and (earliest or latest):
        later = time(hour + 12, minute)
        if not _within(time(hour, minute), earliest, latest) and _within(later, earliest, latest):
            return later
    return time(hour, minute)


def _within(at: time, earliest: time | None, latest: time | None) -> bool:
    return (earliest is None or at >= earliest) and (latest is None or at <= latest)


def _taken(said: str, phrases: tuple[str, ...], spaces: bool) -> str | None:
    """`said` without the first of `phrases` that is in it; None when none is."""
    for phrase in phrases:
        if spaces and f" {phrase} " in f" {said} ":
            return " ".join(f" {said} ".replace(f" {phrase} ", " ", 1).split())
        if not spaces and phrase in said:
            return said.replace(phrase, "", 1)
    return None


def _part_of_day(said: str, times: Times, spaces: bool) -> tuple[str, str]:
    for part, phrases in (("afternoon", times.afternoon), ("night", times.night), ("morning", times.morning)):
        rest = _taken(said, phrases, spaces)
        if rest is not None:
            return rest, part
    return said, ""


# ------------------------------------------------------------------------------------------------ languages with spaces
def _spaced(said: str, words: Values) -> tuple[int, int] | None:
    times = words.times
    said = _taken(said, times.oclock, True) or said
    tokens = said.split()
    leads = [at for at, token in enumerate(tokens) if token in times.leads]
    if leads:
        if _numbers(" ".join(tokens[leads[0] : leads[-1]]), words):
            return None  # "dalle nove alle dieci": two times
        tokens = tokens[leads[-1] + 1 :]
    said = " ".join(tokens)
    for named, hour in ((times.noon, 12), (times.midnight, 0)):
        rest = _taken(said, named, True)
        if rest is not None:
            minutes = _numbers(_with_fractions(rest, times), words)
            return (hour, minutes[0] if minutes else 0) if len(minutes) < 2 else None
    for sign, phrases in ((1, times.past), (-1, times.to)):
        at = next((place for place, token in enumerate(tokens) if token in phrases), None)
        if at is not None:
            minutes, hours = (
                _numbers(_with_fractions(" ".join(part), times), words) for part in (tokens[:at], tokens[at + 1 :])
            )
            if len(minutes) != 1 or len(hours) != 1 or (sign < 0 and minutes[0] % 5):
                return None
            return _moved(hours[0], sign * minutes[0])
    at = next((place for place, token in enumerate(tokens) if token in times.minus), None)
    if at is not None:
        hours, minutes = (
            _numbers(_with_fractions(" ".join(part), times), words) for part in (tokens[:at], tokens[at + 1 :])
        )
        return _moved(hours[0], -minutes[0]) if len(hours) == len(minutes) == 1 else None
    match _numbers(_with_fractions(said, times), words):
        case [whole] if 100 <= whole <= 2359 and whole % 100 < 60 and re.search(r"\d{3}", said):  # written "1530"
            return divmod(whole, 100)
        case [hour]:
            return hour, 0
        case [hour, 100]:  # fifteen hundred
            return hour, 0
        case [30, hour] if tokens and tokens[0] in times.halves:  # "half three"
            return hour, 30
        case [hour, minute] | [hour, 0, minute]:
            return hour, minute
    return None


def _moved(hour: int, minutes: int) -> tuple[int, int] | None:
    if not (0 <= hour <= 24 and abs(minutes) < 60):
        return None
    if minutes < 0 and hour == 1:  # "ten to one" is 12:50, not 0:50
        hour = 13
    return divmod((hour * 60 + minutes) % 1440, 60)


def _with_fractions(said: str, times: Times) -> str:
    padded = f" {said} "
    for minutes, phrases in ((45, times.three_quarters), (15, times.quarters), (30, times.halves)):
        for phrase in phrases:
            padded = padded.replace(f" {phrase} ", f" {minutes} ")
    return padded.strip()


def _numbers(said: str, words: Values) -> list[int]:
    """Numbers between the words for "and": "venti e cinque" is 20 and 5 here, not 25."""
    joints = "|".join(words.times.joints)
    parts = re.split(rf"\b(?:{joints})\b", said) if joints else [said]
    heard = [number for part in parts for number in hear_numbers(part, words.code).digits]
    return [int(number) for number in heard if number.isdecimal() and len(number) <= 4]


# --------------------------------------------------------------------------------------------- languages without spaces
def _unspaced(text: str, said: str, words: Values) -> tuple[int, int] | None:
    times = words.times
    clock = _CLOCK.search(text)
    if clock:
        return int(clock[1]), int(clock[2])
    if _taken(said, times.noon, False) is not None:
        return 12, 0
    if _taken(said, times.midnight, False) is not None:
        return 0, 0
    match = re.search(r"(.{1,8}?)시(?!간)(.*)", said)
    if match is None:
        return None
    hour = ending_number(match[1], words.code)
    if hour is None:
        return None
    rest = match[2]
    if any(rest.startswith(half) for half in times.halves):
        return hour, 30
    minutes = re.match(r"(.{1,5}?)분(.*)", rest)
    if minutes is None:
        return hour, 0
    minute = ending_number(minutes[1], words.code)
    if minute is None:
        return None
    return _moved(hour, -minute) if any(minutes[2].startswith(word) for word in times.before) else (hour, minute)
