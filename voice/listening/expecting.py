"""How much of an answer have the words so far? That decides how long a silence may be before the turn is over."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import resources

from ruamel.yaml import YAML

from voice.listening.recognizer import Recognition


class Completeness(Enum):
    WHOLE = "whole"
    """They answer what was asked and nothing that follows would change it: yes or no, all the digits, one of the
    choices, a command."""
    SURE = "sure"
    """A question for which an article was surely found, whatever may follow."""
    ANSWERABLE = "answerable"
    """They can be answered, but more may follow: an intent, or a question for which an article was probably found."""
    OPEN = "open"
    """Nobody knows."""
    UNFINISHED = "unfinished"
    """Plainly more will follow: 'il mio numero è', half a number, an 'ehm'."""


Judge = Callable[[Recognition], Awaitable[Completeness]]
"""Says what the words so far are worth. Called at each pause of a turn; must be quick (some ten ms)."""


def of_words(text: str, language: str) -> Completeness:
    """What the words alone tell, whatever was asked: UNFINISHED or OPEN.

    A comma or dots at the end count, too: recognizers that write them heard the voice stay up. A language without data
    is never unfinished by its words.
    """
    if re.search(r"(\.\.|…|,|-)\s*$", text):
        return Completeness.UNFINISHED
    words = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.casefold())
    data = _languages().get(language.split("-")[0].lower())
    if not words or data is None:
        return Completeness.OPEN
    if " ".join(words) in data.only or any(tuple(words[-len(end) :]) == end for end in data.last):
        return Completeness.UNFINISHED
    return Completeness.OPEN


@dataclass(frozen=True)
class _Unfinished:
    last: frozenset[tuple[str, ...]]
    only: frozenset[str]


@cache
def _languages() -> Mapping[str, _Unfinished]:
    text = resources.files("voice.listening").joinpath("unfinished.yaml").read_text(encoding="utf-8")
    found = YAML(typ="safe", pure=True).load(text)
    return {
        code: _Unfinished(frozenset(tuple(end.split()) for end in data["last"]), frozenset(data["only"]))
        for code, data in found.items()
    }
