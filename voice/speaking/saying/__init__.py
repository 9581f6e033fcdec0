"""A text as it is spoken: numbers, money, dates, times, codes and addresses in words; URLs never read out.

What no rule knows stays as it is, and a text with nothing to write out is given back unchanged. The rules are read
from left to right in a fixed order (addresses, abbreviations, money, dates, times, phone numbers, codes, numbers); what
one of them wrote holds no digit or symbol, so that no later one can read it again. docs/speech-values.md lists them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from voice.speaking.saying.addresses import EMAIL, email_said, without_urls
from voice.speaking.saying.calendar import date_read
from voice.speaking.saying.numbers import digits_said
from voice.speaking.saying.rules import Rule, rules
from voice.speaking.saying.shortened import expanded
from voice.speaking.saying.words import spoken_languages, words

_VALUE = re.compile(r"[0-9@€£$₩%&°º²]|://|www\.|\.\w|[A-Z]{2}|\w\.")

__all__ = ["said", "said_as", "spoken_languages"]


def said(text: str, language: str) -> str:
    """`text` ready to be spoken in `language`; unchanged for a language without words (see `spoken_languages`)."""
    if language not in spoken_languages() or not _VALUE.search(text):
        return text
    text = without_urls(text, language)
    text = EMAIL.sub(lambda match: email_said(match[0], language), text)
    text = expanded(text, language)
    for pattern, say in _rules(language):
        text = pattern.sub(say, text)
    return text


def said_as(text: str, reading: str, language: str) -> str:
    """`text` read as the author says: 'digits' (one after the other, by threes), 'telephone' (in the groups that are
    written) or 'date' (day and month first, or year-month-day). What is none of that is said as `said` would.
    """
    if language not in spoken_languages():
        return text
    if reading == "date":
        return date_read(text, language) or said(text, language)
    digits = "".join(char for char in text if char.isdecimal())
    if not digits or not digits.isascii() or any(char.isalpha() for char in text):
        return said(text, language)
    return digits_said(digits if reading == "digits" else text, language)


@cache
def _rules(language: str) -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]:
    found: tuple[Rule, ...] = rules(words(language))
    return tuple((re.compile(rule.pattern, rule.flags), rule.say) for rule in found)
