"""What would make an article better for callers, though it can be used as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.articles import Article

FEWEST_PHRASINGS = 3
"""Phrasings in a language below which a warning is due: with one or two, every third caller is misunderstood."""
LONGEST_SPOKEN_WORDS = 30
"""A spoken answer above this is warned of. The aim is 25: a caller remembers no more."""
LONGEST_SPOKEN_LETTERS = 250
"""The same, in languages that write few spaces: about as long as 30 Italian words with a fifth to spare."""
MOST_SENTENCES = 2
_SENTENCE_END = re.compile(r"[^\W\d_]{2,}[)\"'»”]*[.!?…]+(?=\s|$)|[^\W_][.!?…]+$|[。！？]")
_BARE_ADDRESS = re.compile(
    r"\S+@\S+\.\w+|\b[\w-]{2,}\.(?:it|com|org|net|eu|info|io|kr|co|de|fr|es|uk|gov|shop)\b(?!\s*\d)", re.I
)


def sentences(text: str) -> int:
    """How many sentences it has, 1 at least. Dots in numbers and after single letters ('S.p.A.') end none."""
    return max(1, len(_SENTENCE_END.findall(text)))


def advice(article: Article) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """(place in the article, rule, message) for everything to be better done."""
    for language, spoken in article.spoken.items():
        count = len(article.phrasings.get(language, ()))
        if count < FEWEST_PHRASINGS:
            why = f"{count} phrasings in {language!r}; write {FEWEST_PHRASINGS} at the very least, better 5 to 10"
            yield ("phrasings", language), "few-phrasings", why
        here = ("spoken", language)
        if (words := len(spoken.split())) > LONGEST_SPOKEN_WORDS or len(spoken) > LONGEST_SPOKEN_LETTERS:
            why = f"spoken.{language} has {words} words; say the main thing in 25 and put the rest into `more`"
            yield here, "long-answer", why
        if (count := sentences(spoken)) > MOST_SENTENCES:
            why = f"spoken.{language} has {count} sentences; keep {MOST_SENTENCES} and put the rest into `more`"
            yield here, "long-answer", why
    for name, texts in (("spoken", article.spoken), ("more", article.more)):
        for language, text in texts.items():
            if found := _BARE_ADDRESS.search(text):
                why = f"{name}.{language} reads out {found.group()!r}; nobody can write that down: put it into `link`"
                yield (name, language), "address-read-out", why
