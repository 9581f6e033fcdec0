"""Looks for words in everything that was said and noted, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Integer, func, literal, literal_column, select, text

from history import schema
from history.contact_rows import joined_with
from history.events import StoredEvent
from history.projections import Interaction, Segment
from history.search.asking import Marked, Term, fts5, terms, tsquery
from history.search.beginning import begun
from history.search.documents import facet, since
from history.search.guessing import guessed
from history.search.snippets import Snippet, snippets
from history.search.tables import search_document
from history.timeline import Timeline, plain

MOST = 50
NEWEST = 2000
"""Documents that PostgreSQL looks at one by one before it asks its index, which knows no order: a common word is among
them often enough, and of what is not, the index finds few."""


@dataclass(frozen=True)
class Narrowed:
    """What a search is narrowed to; '' for everything. first, until: aware; begun then or later, and before then."""

    channel: str = ""
    line: str = ""
    contact_id: str = ""
    first: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Hit:
    """snippets: the turns and notes that say it best."""

    interaction: Interaction
    snippets: tuple[Snippet, ...]


@dataclass(frozen=True)
class Page:
    """before: what to ask for the next page, '' when this is the last. meant: misspelled words, and what was looked for
    in their place."""

    hits: tuple[Hit, ...]
    before: str
    meant: dict[str, tuple[str, ...]]


class Search:
    """The history that `timeline` reads. Raises HistoryUnavailable."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    async def find(self, asked: str, narrowed: Narrowed = Narrowed(), *, before: str = "", limit: int = 20) -> Page:
        """asked: words that all must be there, "a phrase", begin*. Raises ValueError saying what is wrong with it."""
        wanted = terms(asked)
        if not 1 <= limit <= MOST:
            raise ValueError(f"limit is {limit}; between 1 and {MOST}")
        if before and not (before.isascii() and before.isdigit() and len(before) <= 19):
            raise ValueError("before is what the previous page said")
        for moment in (narrowed.first, narrowed.until):
            if moment is not None and moment.tzinfo is None:
                raise ValueError("first and until need a time zone")

        def read(connection: Connection) -> Page:
            meant = begun(connection, guessed(connection, wanted))
            found = _found(connection, meant, narrowed, int(before) if before else None, limit + 1)
            hits = _hits(connection, [key for key, _ in found[:limit]], Marked.of(meant))
            guesses = {term.words[0]: term.or_ for term in meant if term.or_ and not term.prefix}
            return Page(tuple(hits), str(found[limit - 1][1]) if len(found) > limit else "", guesses)

        return await self._timeline.read(read)


def _found(
    connection: Connection, asked: tuple[Term, ...], narrowed: Narrowed, before: int | None, limit: int
) -> Sequence[tuple[str, int]]:
    contacts = list(joined_with(connection, [narrowed.contact_id])) if narrowed.contact_id else []
    find = _by_fts5 if connection.dialect.name == "sqlite" else _by_tsvector
    return find(connection, asked, narrowed, contacts, before, limit)


def _by_fts5(
    connection: Connection,
    asked: tuple[Term, ...],
    narrowed: Narrowed,
    contacts: list[str],
    before: int | None,
    limit: int,
) -> Sequence[tuple[str, int]]:
    """FTS5 walks its rows backwards, and a range of them: the newest are found without looking at the others."""
    row = search_document.c
    facets = tuple(facet(kind, getattr(narrowed, kind)) for kind in ("channel", "line") if getattr(narrowed, kind))
    match = fts5(asked, facets, tuple(facet("contact_id", one) for one in contacts))
    rowid = literal_column("search_fts.rowid", Integer)
    query = select(row.interaction_id, row.id).select_from(text("search_fts"))
    query = query.join(search_document, row.id == rowid)
    query = query.where(text("search_fts MATCH :match").bindparams(match=match))
    query = query.where(*_in_time(rowid, narrowed, before), *_as_typed(row.body, asked))
    return [(key, number) for key, number in connection.execute(query.order_by(rowid.desc()).limit(limit))]


def _by_tsvector(
    connection: Connection,
    asked: tuple[Term, ...],
    narrowed: Narrowed,
    contacts: list[str],
    before: int | None,
    limit: int,
) -> Sequence[tuple[str, int]]:
    row = search_document.c
    looked_at = select(row.id, row.interaction_id, row.body).where(*_in_time(row.id, narrowed, before))
    looked_at = looked_at.where(
        *(row[kind] == getattr(narrowed, kind) for kind in ("channel", "line") if getattr(narrowed, kind))
    )
    if contacts:
        theirs = select(schema.interaction.c.id).where(schema.interaction.c.contact_id.in_(contacts))
        looked_at = looked_at.where(row.interaction_id.in_(theirs))
    newest = looked_at.order_by(row.id.desc()).limit(NEWEST).subquery()
    first = select(newest.c.interaction_id, newest.c.id).where(*_says(newest.c.body, asked))
    found = connection.execute(first.order_by(newest.c.id.desc()).limit(limit)).all()
    if len(found) < limit:
        every = looked_at.where(*_says(row.body, asked)).cte("every").prefix_with("MATERIALIZED")
        query = select(every.c.interaction_id, every.c.id).order_by(every.c.id.desc()).limit(limit)
        found = connection.execute(query).all()
    return [(key, number) for key, number in found]


def _says(body: ColumnElement[str], asked: tuple[Term, ...]) -> list[ColumnElement[bool]]:
    italian: ColumnElement[str] = literal_column("'italian'")
    vector = func.to_tsvector(italian, body).op("@@", is_comparison=True)(func.to_tsquery(italian, tsquery(asked)))
    # Its dictionary leaves out what is too common, in phrases too.
    phrases = [" ".join(term.words) for term in asked if len(term.words) > 1]
    return [vector, *(_padded(body).like(f"% {phrase} %") for phrase in phrases), *_as_typed(body, asked)]


def _as_typed(body: ColumnElement[str], asked: tuple[Term, ...]) -> list[ColumnElement[bool]]:
    """A prefix is found by stems that may be shorter than it; the words themselves must begin so."""
    return [_padded(body).like(f"% {term.words[0]}%") for term in asked if term.prefix]


def _padded(body: ColumnElement[str]) -> ColumnElement[str]:
    return literal(" ").concat(body).concat(" ")


def _in_time(rowid: ColumnElement[int], narrowed: Narrowed, before: int | None) -> list[ColumnElement[bool]]:
    limits = [rowid >= since(_ms(narrowed.first))] if narrowed.first is not None else []
    limits += [rowid < since(_ms(narrowed.until))] if narrowed.until is not None else []
    limits += [rowid < before] if before is not None else []
    return limits


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _hits(connection: Connection, ids: list[str], marked: Marked) -> list[Hit]:
    row, segment, event = schema.interaction.c, schema.segment.c, schema.interaction_event.c
    rows = {
        found["id"]: Interaction(**plain(found))
        for found in connection.execute(select(schema.interaction).where(row.id.in_(ids))).mappings()
    }
    said: dict[str, list[Segment]] = {}
    query = select(schema.segment).where(segment.interaction_id.in_(ids)).order_by(segment.interaction_id, segment.seq)
    for found in connection.execute(query).mappings():
        said.setdefault(found["interaction_id"], []).append(Segment(**plain(found)))
    noted: dict[str, list[StoredEvent]] = {}
    wanted = select(schema.interaction_event).where(event.interaction_id.in_(ids), event.type == "note.added")
    for found in connection.execute(wanted.order_by(event.interaction_id, event.seq)).mappings():
        noted.setdefault(found["interaction_id"], []).append(StoredEvent(**plain(found)))
    return [
        Hit(rows[key], snippets(rows[key], said.get(key, []), noted.get(key, []), marked)) for key in ids if key in rows
    ]
