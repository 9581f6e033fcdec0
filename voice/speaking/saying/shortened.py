"""Abbreviations and acronyms written out."""

from __future__ import annotations

import re
from functools import cache

from voice.speaking.saying.words import Words, words

_ACRONYM = re.compile(r"(?<![\w-])(?:[A-Z]\.){2,}[A-Z]?(?!\w)|(?<![\w-])[A-Z]{2,5}(?![\w-])")


def letters_said(letters: str, code: str) -> str:
    """Latin letters by their names: "esse emme esse"; other characters are dropped."""
    names = words(code).letters
    return " ".join(names[letter] for letter in letters.lower() if letter in names)


@cache
def _abbreviations(code: str) -> re.Pattern[str] | None:
    known = sorted(words(code).abbreviations, key=len, reverse=True)
    if not known:
        return None
    either = "|".join(re.escape(short) for short in known)
    return re.compile(rf"(?<![\w.])(?:{either})(?!\w)", re.I)


@cache
def _before_digits(code: str) -> re.Pattern[str]:
    either = "|".join(re.escape(short) for short in sorted(words(code).before_digits, key=len, reverse=True))
    return re.compile(rf"(?<!\w)({either})\s*(?=\d)", re.I)


def expanded(text: str, code: str) -> str:
    """`text` with abbreviations as whole words, acronyms letter by letter; a full stop that ends the text stays."""
    said = words(code)
    pattern = _abbreviations(code)
    if pattern is not None:
        text = pattern.sub(lambda match: _one(match, said), text)
    numbered = {short.lower(): long for short, long in said.before_digits.items()}
    text = _before_digits(code).sub(lambda match: numbered[match[1].lower()] + " ", text)
    for short, long in said.said_as.items():
        text = re.sub(rf"(?<!\w){re.escape(short)}(?!\w)", long, text)
    return _ACRONYM.sub(lambda match: _acronym(match, said), text)


def _one(match: re.Match[str], said: Words) -> str:
    short = match[0]
    long = said.abbreviations[short.lower()]
    if short[0].isupper() and _begins_sentence(match.string, match.start()):
        long = long[0].upper() + long[1:]
    return long + (_stop(match) if short.endswith(".") else "")


def _stop(match: re.Match[str]) -> str:
    """A full stop, when the abbreviation's own also ends the text."""
    return "." if not match.string[match.end() :].strip() else ""


def _begins_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip()
    return not before or before[-1] in ".!?:"


def _acronym(match: re.Match[str], said: Words) -> str:
    written = match[0]
    if "." in written:
        return letters_said(written, said.code) + (_stop(match) if written.endswith(".") else "")
    if written in said.spelled or not re.search(r"[AEIOUY]", written):
        return letters_said(written, said.code)
    return written
