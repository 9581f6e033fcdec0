"""Which known word a misspelled one means: near ones by their trigrams, weighed by how alike they are."""

from __future__ import annotations

from dataclasses import replace

from rapidfuzz import fuzz
from sqlalchemy import Connection, select, text

from history.search.asking import Term
from history.search.tables import search_word
from history.search.words import in_vocabulary, stem

LIKENESS = 77.0
"""Of 100, by rapidfuzz' ratio: 'spedizzione' and 'spedizione' have 95, 'ordine' and 'ordinare' 71."""
MOST = 3
_LOOKED_AT = 60
_NEAR_LITE = text("SELECT word FROM search_gram WHERE search_gram MATCH :grams ORDER BY rank LIMIT :most")
_NEAR_PG = text("SELECT word FROM search_word WHERE word % :word ORDER BY similarity(word, :word) DESC LIMIT :most")
_HAS_PG = text("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")


def guessed(connection: Connection, asked: tuple[Term, ...]) -> tuple[Term, ...]:
    """Words that nobody said are given what they may mean; what is known stays what it is."""
    alone = [term.words[0] for term in asked if term.is_word and in_vocabulary(term.words[0])]
    known = set(connection.scalars(select(search_word.c.word).where(search_word.c.word.in_(alone))))
    return tuple(
        replace(term, or_=_near(connection, term.words[0]))
        if term.is_word and term.words[0] in alone and term.words[0] not in known
        else term
        for term in asked
    )


def _near(connection: Connection, word: str) -> tuple[str, ...]:
    if connection.dialect.name == "sqlite":
        grams = " OR ".join(f'"{word[at : at + 3]}"' for at in range(len(word) - 2))
        found = connection.scalars(_NEAR_LITE, {"grams": grams, "most": _LOOKED_AT})
    elif connection.execute(_HAS_PG).first():
        found = connection.scalars(_NEAR_PG, {"word": word, "most": _LOOKED_AT})
    else:
        return ()
    return nearest(word, list(found))


def nearest(word: str, candidates: list[str]) -> tuple[str, ...]:
    """The best of them, one of each stem. Pure."""
    weighed = sorted((-fuzz.ratio(word, one), one) for one in candidates)
    best: dict[str, str] = {}
    for likeness, one in weighed:
        if -likeness >= LIKENESS:
            best.setdefault(stem(one), one)
    return tuple(best.values())[:MOST]
