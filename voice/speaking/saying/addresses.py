"""E-mail addresses in words; web addresses never."""

from __future__ import annotations

import re
from functools import cache

from voice.speaking.saying.numbers import digit_by_digit
from voice.speaking.saying.words import words

EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9][A-Za-z0-9._+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")

_DOMAINS = "com|it|eu|org|net|info|kr|uk|us|de|fr|es|ch|io|app|shop|online|biz|gov|edu"
_WITH_A_PATH = "ly|gl|me|be|co|tv|to|cc|gg|ai|dev|info|link"
"""Of short links; without a path they may be something else."""
_URL = (
    r"(?:(?:https?|ftp)://[^\s<>\"'«»]+|www\.[^\s<>\"'«»]+"
    rf"|(?<![\w@.-])(?:[A-Za-z0-9-]+\.)+(?:{_DOMAINS})(?![\w@-]|\.\w)(?:/[^\s<>\"'«»]*)?"
    rf"|(?<![\w@.-])(?:[A-Za-z0-9-]+\.)+(?:{_WITH_A_PATH})/[^\s<>\"'«»]+)"
)
_TRAILING = ".,;:!?)]}…"


def email_said(address: str, code: str) -> str:
    """ "mario punto rossi chiocciola esempio punto it": digits one by one, parts without a vowel letter by letter."""
    said = words(code)
    spoken: list[str] = []
    for part in re.findall(r"[A-Za-z]+|\d+|[@._+-]", address):
        if part.isdigit():
            spoken.append(digit_by_digit(part, code))
        elif part in said.email:
            spoken.append(said.email[part])
        elif re.search(r"[aeiouy]", part, re.I) and len(part) > 1:
            spoken.append(part.lower())
        else:
            spoken.append(" ".join(said.letters[letter] for letter in part.lower()))
    return " ".join(spoken)


@cache
def _url_pattern(code: str) -> re.Pattern[str]:
    before = sorted(words(code).url_before, key=len, reverse=True)
    lead = "|".join(re.escape(phrase) for phrase in before)
    return re.compile(rf"(?P<open>\()?(?:\b(?P<before>{lead})\s+)?(?P<url>{_URL})", re.I)


def without_urls(text: str, code: str) -> str:
    """`text` with "our website" for each web address and the words that lead to it; in parentheses it is dropped."""
    said = words(code)

    def replaced(match: re.Match[str]) -> str:
        url = match["url"]
        rest = url[len(url.rstrip(_TRAILING)) :]
        if match["open"]:
            return rest[1:] if rest.startswith(")") else "(" + said.url_alone + rest
        before = match["before"]
        if before is None:
            return said.url_alone + rest
        phrase = said.url_before[before.lower()]
        return (phrase[0].upper() + phrase[1:] if before[0].isupper() else phrase) + rest

    found = _url_pattern(code).sub(replaced, text)
    if found == text:
        return text
    return re.sub(r" {2,}", " ", re.sub(r" +([.,;:!?)])", r"\1", found))
