"""Which known words begin as somebody typed (`operat*`), where the index, which holds stems, would not show it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, select, text

from history.search.asking import Term
from history.search.tables import search_word
from history.search.words import stem

MOST = 5000
"""Words that are looked at; the stems among them that are shorter than what was typed are a handful."""
_PG = text(
    "SELECT min(word) FROM (SELECT word, (ts_lexize('italian_stem', word))[1] AS stem FROM search_word"
    " WHERE word >= :first AND word < :behind LIMIT :most) AS begun WHERE NOT starts_with(stem, :first) GROUP BY stem"
)


def begun(connection: Connection, asked: tuple[Term, ...]) -> tuple[Term, ...]:
    """A prefix is given one word of each stem that is shorter than it: "operatore" has the stem "oper", and whoever
    looks for `operat*` means it."""
    return tuple(replace(term, or_=_shorter(connection, term.words[0])) if term.prefix else term for term in asked)


def _shorter(connection: Connection, prefix: str) -> tuple[str, ...]:
    behind = prefix + "\U0010ffff"
    if connection.dialect.name == "postgresql":
        return tuple(sorted(connection.scalars(_PG, {"first": prefix, "behind": behind, "most": MOST})))
    row = search_word.c
    words = connection.scalars(select(row.word).where(row.word >= prefix, row.word < behind).limit(MOST))
    one_of_each = {stem(word): word for word in words}
    return tuple(sorted(word for root, word in one_of_each.items() if not root.startswith(prefix)))
