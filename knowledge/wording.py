"""The part of an utterance that asks something: greetings, fillers and courtesies taken off, spelling levelled."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

from ruamel.yaml import YAML

_SAID_TWICE = re.compile(r"\b([^\W\d]+(?: [^\W\d]+)?)(?: \1\b)+")
_NOT_A_WORD = re.compile(r"[^\w]+|_+")


def level(text: str) -> str:
    """Lower case, no punctuation, single spaces: what a recognizer might have written."""
    return " ".join(_NOT_A_WORD.sub(" ", unicodedata.normalize("NFKC", text).casefold()).split())


def unaccented(text: str) -> str:
    """'perché' → 'perche'; Hangul syllables stay whole."""
    bare = "".join(sign for sign in unicodedata.normalize("NFD", text) if unicodedata.category(sign) != "Mn")
    return unicodedata.normalize("NFC", bare)


def essence(text: str, language: str) -> str:
    """`text` levelled, without the openers, fillers and closers of `language` ('it', 'it-IT'; see wording.yaml).

    One or two words that are said again at once ("per per", "volevo sapere volevo sapere") count once. An utterance of
    nothing else ('buongiorno') is kept whole. A language without data is only levelled.
    """
    whole = _SAID_TWICE.sub(r"\1", level(text))
    patterns = _patterns().get(language.split("-")[0].lower())
    if patterns is None:
        return whole
    left, before = whole, None
    while left != before:
        before = left
        for pattern in patterns:
            left = " ".join(pattern.sub(" ", left).split())
    return left or whole


@cache
def _patterns() -> dict[str, tuple[re.Pattern[str], ...]]:
    data = YAML(typ="safe").load(files(__package__).joinpath("wording.yaml").read_text("utf-8"))
    return {
        language: tuple(_pattern(place, found) for place, found in lists.items()) for language, lists in data.items()
    }


def _pattern(place: str, phrases: list[str]) -> re.Pattern[str]:
    longest_first = sorted({level(phrase) for phrase in phrases}, key=lambda phrase: (-len(phrase), phrase))
    body = "|".join(re.escape(phrase) for phrase in longest_first)
    shape = {"openers": rf"^(?:{body})\b", "fillers": rf"\b(?:{body})\b", "closers": rf"\b(?:{body})$"}[place]
    return re.compile(shape)
