"""Texts as words: without case and accents, and for SQLite by their stems, as PostgreSQL does it by itself. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

WORD = re.compile(r"[^\W_]+")
STEMS_VERSION = 1
"""Raise it with `stem`: the index is then made anew."""

_VERBS = re.compile(r"(?:are|ere|ire|at[oaie]|it[oaie]|ut[oaie]|ando|endo)$")
_VOWELS = "aeiouy"
_SHORTEST_STEM = 4


def folded(text: str) -> str:
    """Without case and accents. As long as the text where every letter folds to one, which `spans` makes sure of."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not _is_mark(letter))


def _is_mark(letter: str) -> bool:
    return unicodedata.combining(letter) != 0


def words(text: str) -> list[str]:
    """The words of a text, folded, in order."""
    return WORD.findall(folded(text))


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """(begin, end, folded word) of every word in `text`."""
    for found in WORD.finditer(text):
        yield found.start(), found.end(), folded(found.group())


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """What the forms of an Italian or English word share, roughly: 'ordine', 'ordini', 'ordinato' are 'ordin', 'orders'
    is 'order'. word: folded. Words with digits stay what they are."""
    if len(word) < _SHORTEST_STEM or not word.isalpha():
        return word
    cut = _VERBS.sub("", word)
    if len(cut) >= _SHORTEST_STEM and cut != word:
        return cut
    if word.endswith("s") and not word.endswith("ss") and len(word) > _SHORTEST_STEM:
        word = word[:-1]
    bare = word.rstrip(_VOWELS)
    if len(bare) < _SHORTEST_STEM:
        bare = word[:-1] if word[-1] in _VOWELS else word
    return bare.removesuffix("h") if len(bare) > _SHORTEST_STEM else bare


def in_vocabulary(word: str) -> bool:
    """Whether a misspelled word may have meant it: numbers and very short words are not guessed at."""
    return 3 <= len(word) <= 32 and word.isalpha()
