"""What somebody types into a search, read into terms; nothing in it can break a database's own syntax. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from history.search.words import stem, words

LONGEST = 200
MOST_TERMS = 12
_PIECE = re.compile(r'"([^"]*)"?|(\S+)')


@dataclass(frozen=True)
class Term:
    """words: folded; several are a phrase. prefix: whatever begins so. or_: what else a misspelled word may mean; of a
    prefix, known words that begin so although their stem, which the index holds, is shorter."""

    words: tuple[str, ...]
    prefix: bool = False
    or_: tuple[str, ...] = ()

    @property
    def is_word(self) -> bool:
        return len(self.words) == 1 and not self.prefix


def terms(text: str) -> tuple[Term, ...]:
    """All of them must be in what is found: words, "a phrase", begin*. Raises ValueError when there is nothing to look
    for, or too much."""
    if len(text) > LONGEST:
        raise ValueError(f"a search has at most {LONGEST} characters")
    found = []
    for phrase, piece in _PIECE.findall(text):
        said = tuple(words(phrase or piece))
        if not said:
            continue
        if phrase:
            found.append(Term(said))
        else:
            found += [Term((one,)) for one in said[:-1]]
            found.append(Term(said[-1:], prefix=piece.endswith("*")))
    if not found:
        raise ValueError("there is no word to look for")
    if len(found) > MOST_TERMS:
        raise ValueError(f"a search has at most {MOST_TERMS} words and phrases")
    return tuple(dict.fromkeys(found))


def fts5(asked: tuple[Term, ...], facets: tuple[str, ...] = (), any_of: tuple[str, ...] = ()) -> str:
    """For SQLite's FTS5, whose index holds stems. facets: tokens that all must be there; any_of: one of them."""
    parts = [f"{{body}} : ({_fts5(term)})" for term in asked]
    parts += [f'{{facets}} : "{facet}"' for facet in facets]
    if any_of:
        parts.append("{facets} : (" + " OR ".join(f'"{facet}"' for facet in any_of) + ")")
    return " AND ".join(parts)


def _fts5(term: Term) -> str:
    stems = " ".join(stem(word) for word in term.words)
    any_of = " OR ".join(f'"{one}"' for one in dict.fromkeys([stems, *(stem(word) for word in term.or_)]))
    return f'"{term.words[0]}" * OR {any_of}' if term.prefix else any_of


def tsquery(asked: tuple[Term, ...]) -> str:
    """For PostgreSQL's to_tsquery."""
    return " & ".join(f"({_tsquery(term)})" for term in asked)


def _tsquery(term: Term) -> str:
    if len(term.words) > 1:
        return " <-> ".join(f"'{word}'" for word in term.words)
    any_of = " | ".join(f"'{word}'" for word in (*term.words, *term.or_))
    return f"'{term.words[0]}':* | {any_of}" if term.prefix else any_of


@dataclass(frozen=True)
class Marked:
    """Which words of a text are meant by a search."""

    stems: frozenset[str]
    prefixes: tuple[str, ...] = ()

    @classmethod
    def of(cls, asked: tuple[Term, ...]) -> Marked:
        known = [word for term in asked if not term.prefix for word in (*term.words, *term.or_)]
        return cls(frozenset(map(stem, known)), tuple(term.words[0] for term in asked if term.prefix))

    def hits(self, word: str) -> str:
        """The stem or prefix that a folded word is meant by; '' for none."""
        if stem(word) in self.stems:
            return stem(word)
        return next((prefix for prefix in self.prefixes if word.startswith(prefix)), "")
