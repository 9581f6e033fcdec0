"""What an interaction is about, as keys to compare across channels: subjects, articles, order numbers; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST_KEYS = 12
LONGEST_KEY = 80
_REPLY = re.compile(r"^\s*(re|r|ris|rif|fwd?|i|aw|wg|sv|답장|회신|전달)\s*(\[\d+\])?\s*[:：]\s*", re.IGNORECASE)
_REFERENCE = re.compile(r"(?<![\w@.-])(?=[\w-]*\d)\w[\w-]{2,29}(?![\w@-])")
_YEAR = re.compile(r"(19|20)\d\d")
_MOST_DIGITS = 8
"""Longer numbers without a letter are telephone numbers and cards more often than orders, and say who, not what."""


def key_of(text: str) -> str:
    """One subject, without 'Re:', case and punctuation; '' when nothing is left. A reference ('A-77', 'a 77') is
    written together."""
    while (shorter := _REPLY.sub("", text)) != text:
        text = shorter
    words = re.findall(r"\w+", text.casefold())
    whole = "".join(words)
    if len(whole) <= 30 and len(words) <= 3 and any(c.isdigit() for c in whole) and all(len(w) < 9 for w in words):
        return whole
    return " ".join(words)[:LONGEST_KEY]


def references(text: str) -> list[str]:
    """Numbers of orders and the like in a text: three characters or more, a digit among them; no years, no long
    numbers."""
    found = []
    for match in _REFERENCE.finditer(text):
        token = match[0].replace("-", "").replace("_", "").casefold()
        digits_alone = token.isdigit()
        if len(token) < 3 or (digits_alone and (len(token) > _MOST_DIGITS or _YEAR.fullmatch(token))):
            continue
        found.append(token)
    return found


def subject_keys(subject: str) -> list[str]:
    """Of a subject: itself, and the references in it."""
    return [key for key in (key_of(subject), *references(subject)) if key]


def joined(known: str, keys: Iterable[str]) -> str:
    """Keys as they are stored, one a line, in alphabetical order; the first `MOST_KEYS`."""
    whole = {key[:LONGEST_KEY] for key in (*known.split("\n"), *keys) if key}
    return "\n".join(sorted(whole)[:MOST_KEYS])
