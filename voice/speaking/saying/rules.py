"""What is written out, in which order: patterns of a text, each with the words for a match."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from voice.speaking.saying.calendar import date_said, time_said
from voice.speaking.saying.money import money_said
from voice.speaking.saying.numbers import cardinal, counted, decimal, digit_by_digit, digits_said, ordinal
from voice.speaking.saying.shortened import letters_said
from voice.speaking.saying.words import Words


@dataclass(frozen=True)
class Rule:
    """pattern, flags: for `re`. say: the words for a match; the match itself when it is none after all."""

    pattern: str
    say: Callable[[re.Match[str]], str]
    flags: int = 0


def rules(said: Words) -> tuple[Rule, ...]:
    """A language's rules in the order in which they are applied."""
    return (
        *_money(said),
        *_dates(said),
        *_times(said),
        *_korean(said),
        *_codes(said),
        *_quantities(said),
    )


_NOT_IN_NUMBER = r"(?<![\w.,/-])"


def _number(said: Words) -> str:
    mark, group = (r",", r"\.") if said.decimal_mark == "," else (r"\.", ",")
    # Two digits behind the other mark are decimals too: prices are often written so.
    return rf"(?:\d{{1,3}}(?:{group}\d{{3}})+(?:{mark}\d+)?|\d+(?:{mark}\d+|{group}\d{{1,2}}(?!\d))?)"


def _value(written: str, said: Words) -> Decimal:
    group = "." if said.decimal_mark == "," else ","
    if re.fullmatch(rf"\d+{re.escape(group)}\d{{1,2}}", written):
        return Decimal(written.replace(group, "."))
    return Decimal(written.replace(group, "").replace(said.decimal_mark, "."))


def _either(phrases: tuple[str, ...] | list[str]) -> str:
    return "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))


# ------------------------------------------------------------------------------------------------------------- money
def _money(said: Words) -> tuple[Rule, ...]:
    codes = {written.lower(): currency.code for currency in said.currencies for written in currency.written}
    either = _either([written for currency in said.currencies for written in currency.written])
    number = _number(said)

    def say(match: re.Match[str]) -> str:
        currency = codes[match["currency"].lower()]
        sign = "-" if match["minus"] else ""
        return money_said(Decimal(sign + str(_value(match["number"], said))), currency, said.code)

    word = r"(?!\w)" if said.code != "ko" else ""
    minus = r"(?P<minus>(?<!\w)[-−])?"
    return (
        Rule(rf"{minus}(?<!\w)(?P<currency>{either})\s?(?P<number>{number})(?![\w]|[.,]\d)", say, re.I),
        Rule(
            rf"{minus}{_NOT_IN_NUMBER.replace('-', '')}(?P<number>{number})\s?(?P<currency>{either}){word}", say, re.I
        ),
    )


# ------------------------------------------------------------------------------------------------------------- dates
def _dates(said: Words) -> tuple[Rule, ...]:
    def say(match: re.Match[str]) -> str:
        day, month = int(match["day"]), int(match["month"])
        written = match.groupdict().get("year")
        year = None if written is None else int(written) + (2000 if len(written) == 2 else 0)
        return _dated(day, month, year, match)

    def _dated(day: int, month: int, year: int | None, match: re.Match[str]) -> str:
        try:
            date(2000 if year is None else year, month, day)
        except ValueError:
            return match[0]
        words = date_said(day, month, year, said.code)
        has_article = match.string[: match.start()].lower().endswith("the ")
        return words.removeprefix("the ") if has_article else words

    def named(match: re.Match[str]) -> str:
        month = [name.lower() for name in said.months].index(match["month"].lower()) + 1
        year = match.groupdict().get("year")
        return _dated(int(match["day"]), month, None if year is None else int(year), match)

    months = _either(said.months)
    year = r"(?:,?\s+(?P<year>[12]\d{3})(?![\w/]|[.,]\d))?"
    lead = _either(said.date_words)
    found = [
        Rule(rf"{_NOT_IN_NUMBER}(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)(?![0-9A-Za-z_/-])", say),
        Rule(rf"{_NOT_IN_NUMBER}(?P<day>\d\d?)([/.-])(?P<month>\d\d?)\2(?P<year>\d{{4}}|\d\d)(?![\w/-]|[.,]\d)", say),
        Rule(rf"{_NOT_IN_NUMBER}(?P<day>\d\d)/(?P<month>\d\d)(?![\w/-]|[.,]\d)", say),
    ]
    if said.code == "ko":
        year = r"(?:(?P<year>\d{4})년\s*)?"
        return (*found, Rule(rf"{_NOT_IN_NUMBER}{year}(?P<month>\d\d?)월\s*(?P<day>\d\d?)일", say))
    found.append(
        Rule(
            rf"(?P<lead>\b(?:{lead})['’]?\s*)(?P<day>\d\d?)/(?P<month>\d\d?)(?![\w/-]|[.,]\d)",
            lambda m: _led(m, say),
            re.I,
        )
    )
    found.append(
        Rule(
            rf"{_NOT_IN_NUMBER}(?P<day>\d\d?)(?:st|nd|rd|th|°|º)?\s+(?:of\s+)?(?P<month>{months})\b{year}", named, re.I
        )
    )
    if said.code == "en":
        # Not in lower case: "I may 5 times".
        found.append(Rule(rf"\b(?P<month>{months})\s+(?P<day>\d\d?)(?:st|nd|rd|th)?(?![\w/:]|[.,]\d){year}", named))
    return tuple(found)


def _led(match: re.Match[str], say: Callable[[re.Match[str]], str]) -> str:
    words = say(match)
    if words == match[0]:
        return words
    return match["lead"] + (words.removeprefix("the ") if match["lead"].lower() == "the " else words)


# ------------------------------------------------------------------------------------------------------------- times
def _times(said: Words) -> tuple[Rule, ...]:
    def say(match: re.Match[str]) -> str:
        hour, half = int(match["hour"]), (match.groupdict().get("half") or "").lower().replace(".", "")
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "pm" else 0)
        minute = int(match["minute"] or 0)
        if hour == 24 and minute == 0:
            hour = 0
        if hour > 23 or minute > 59:
            return match[0]
        stop = "." if match[0].endswith(".") and match.end() == len(match.string) else ""  # "a.m." ends the text
        return (match.groupdict().get("lead") or "") + time_said(time(hour, minute), said.code) + stop

    clock = r"(?P<hour>\d\d?):(?P<minute>\d\d)(?::\d\d)?(?![\w:])"
    if said.code == "en":
        half = r"\s?(?P<half>[ap]m\b|[ap]\.m\.)"
        return (
            Rule(rf"{_NOT_IN_NUMBER}(?P<hour>\d\d?)(?:[:.](?P<minute>\d\d))?{half}", say, re.I),
            Rule(rf"{_NOT_IN_NUMBER}{clock}", say),
        )
    found = [Rule(rf"{_NOT_IN_NUMBER}{clock}", say)]
    if said.time_words:
        lead = _either(said.time_words)
        dotted = r"(?P<hour>\d\d?)\.(?P<minute>\d\d)(?![\w]|[.,]\d)"
        found.append(Rule(rf"(?P<lead>\b(?:{lead})['’]?\s*){dotted}", say, re.I))
    return tuple(found)


def _korean(said: Words) -> tuple[Rule, ...]:
    """Hours and counted things take native numbers; other numbers stand before the words that follow them."""
    if not said.counters:
        return ()

    def hour(match: re.Match[str]) -> str:
        number = int(match["hour"])
        return (counted(number, "ko") if 0 < number <= 12 else cardinal(number, "ko")) + " 시"

    def count(match: re.Match[str]) -> str:
        return f"{counted(int(match['number']), 'ko')} {match['counter']}"

    counters = _either(said.counters)
    return (
        Rule(rf"{_NOT_IN_NUMBER}(?P<number>\d\d?)\s?(?P<counter>{counters})", count),
        Rule(rf"{_NOT_IN_NUMBER}(?P<hour>\d\d?)\s?시", hour),
    )


# ------------------------------------------------------------------------------------------------- codes, telephones
def _codes(said: Words) -> tuple[Rule, ...]:
    code = said.code

    def telephone(match: re.Match[str]) -> str:
        written = match["number"].replace("(", " ").replace(")", " ").replace(".", " ")
        digits = sum(char.isdecimal() for char in written)
        return match[0] if digits < 6 else (match.groupdict().get("lead") or "") + digits_said(written, code)

    def named(match: re.Match[str]) -> str:
        return match["lead"] + digits_said(match["number"], code)

    def mixed(match: re.Match[str]) -> str:
        parts: list[str] = []
        for group in match[0].split("-"):
            runs = re.findall(r"[A-Z]+|\d+", group)
            parts.append(" ".join(letters_said(run, code) if run.isalpha() else digits_said(run, code) for run in runs))
        return ", ".join(parts)

    separated = r"\(?\d{1,5}\)?(?:[ /.-]\d{2,5}){1,6}"
    phones = _either(said.phone_words)
    codes, joints = _either(said.code_words), _either(said.code_joints)
    after = "" if code == "ko" else r"(?!\w)"
    # In Korean the next word is written close to the number: "02-1234-5678로".
    end = r"(?![0-9A-Za-z_-]|[.,]\d)" if code == "ko" else r"(?![\w-]|[.,]\d)"
    service = r"1\d{3}-\d{4}" if code == "ko" else r"8(?:00|03|40|41|48|92|95|99)(?:[ /-]\d{2,4}){2,3}"
    return (
        Rule(r"(?<![\w+])(?P<number>\+\d[\d ./()-]{5,18}\d)(?![0-9A-Za-z_])", telephone),
        Rule(rf"{_NOT_IN_NUMBER}(?P<number>{service}){end}", telephone),
        Rule(rf"(?P<lead>(?<!\w)(?:{phones})\b:?\s*)(?P<number>\(?\d[\d ./()-]{{4,16}}\d){end}", telephone, re.I),
        Rule(
            rf"{_NOT_IN_NUMBER}(?P<number>[03(][\d()]{{1,5}}[ /-]{separated}|0\d{{1,4}}[ /.-]\d[\d .-]{{3,10}}\d){end}",
            telephone,
        ),
        Rule(r"(?<![\w-])(?=[A-Z0-9-]*\d)(?=[A-Z0-9-]*[A-Z])[A-Z0-9]+(?:-[A-Z0-9]+)*(?![\w-])", mixed),
        Rule(
            rf"(?P<lead>(?<!\w)(?:{codes}){after}\s*(?:(?:{joints})\s*)?:?\s*)(?P<number>\d{{4,}}|\d+(?:-\d+)+){end}",
            named,
            re.I,
        ),
        Rule(
            rf"{_NOT_IN_NUMBER}(?P<number>0\d+|\d{{7,}}|\d+(?:-\d+){{2,}}){end}",
            lambda m: digits_said(m["number"], code),
        ),
    )


# -------------------------------------------------------------------------------------------------------- quantities
def _quantities(said: Words) -> tuple[Rule, ...]:
    code, number = said.code, _number(said)
    units = _either(list(said.units))

    def amount(written: str) -> str:
        return decimal(_value(written, said), code)

    def unit(match: re.Match[str]) -> str:
        one, many = said.units[match["unit"]]
        return _signed(match, one if match["number"] == "1" else f"{amount(match['number'])} {many}")

    def _signed(match: re.Match[str], words: str) -> str:
        return f"{said.minus} {words}" if match["minus"] else words

    def ordinals(match: re.Match[str]) -> str:
        return ordinal(int(match["number"]), code)

    def ranged(match: re.Match[str]) -> str:
        joint = said.to if code == "ko" else f" {said.to} "
        return f"{cardinal(int(match[1]), code)}{joint}{' ' if code == 'ko' else ''}{cardinal(int(match[2]), code)}"

    minus = r"(?P<minus>(?<![\w.,])[-−])?"
    edge = r"(?!\w)" if code != "ko" else r"(?![A-Za-z])"
    found = [
        Rule(
            rf"{minus}(?<![\w.,])(?P<number>{number})\s?%",
            lambda m: _signed(m, f"{amount(m['number'])} {said.percent}"),
        ),
        Rule(rf"{minus}(?<![\w.,])(?P<number>{number})\s?(?P<unit>{units}){edge}", unit),
    ]
    if said.ordinals:
        suffix = r"(?:st|nd|rd|th)\b" if code == "en" else r"[°ºª](?![\wC])"
        found.append(Rule(rf"(?<![\w.,])(?P<number>\d{{1,4}}){suffix}", ordinals))
    found += [
        Rule(r"(?<![\w.,–-])(\d{1,4})\s?[-–]\s?(\d{1,4})(?![\w–-]|[.,]\d)", ranged),
        Rule(rf"{minus}(?P<number>{number})", lambda m: _spaced(m, _signed(m, amount(m["number"])))),
        Rule(r"\d+", lambda m: _spaced(m, digit_by_digit(m[0], code))),
    ]
    return tuple(found)


def _spaced(match: re.Match[str], words: str) -> str:
    """The words, kept apart from letters that the digits touched ("A4", "MP3"); Korean words may touch."""
    text, start, end = match.string, match.start(), match.end()
    before = " " if start and text[start - 1].isalnum() and not "가" <= text[start - 1] <= "힣" else ""
    after = " " if end < len(text) and text[end].isalnum() and not "가" <= text[end] <= "힣" else ""
    return before + words + after
