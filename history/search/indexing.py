"""Puts documents into the index, in place of what was there of their interactions. In the caller's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, bindparam, delete, insert, select, text, update

from history.deriving.upserting import put_missing
from history.search.documents import Document
from history.search.tables import search_document, search_word

AT_ONCE = 500
_FIELDS = ("id", "interaction_id", "channel", "line", "contact_id", "body")
_ADD = text("INSERT INTO search_fts (rowid, body, facets) VALUES (:id, :body, :facets)")
_TAKE = text("INSERT INTO search_fts (search_fts, rowid, body, facets) VALUES ('delete', :id, :body, :facets)")
_ADD_GRAM = text("INSERT INTO search_gram (word) VALUES (:word)")
_TAKE_GRAM = text(
    "DELETE FROM search_gram WHERE rowid IN "
    "(SELECT rowid FROM search_gram WHERE search_gram MATCH :quoted AND word = :word)"
)


def index(connection: Connection, documents: Iterable[tuple[str, Document | None]]) -> None:
    """documents: by interaction; None for one that has nothing to search any more."""
    wanted = dict(documents)
    known = _known(connection, list(wanted))
    gone = [old for key, old in known.items() if not _same(old, wanted[key])]
    new = [one for key, one in wanted.items() if one is not None and not _same(known.get(key), one)]
    lite = connection.dialect.name == "sqlite"
    table = search_document
    if gone:
        if lite:
            connection.execute(_TAKE, [_indexed(old) for old in gone])
        connection.execute(delete(table).where(table.c.id.in_([old.id for old in gone])))
    placed = [_placed(connection, one) for one in new]
    if placed and lite:
        connection.execute(_ADD, [_indexed(one) for one in placed])
    counts: Counter[str] = Counter()
    for one in placed:
        counts.update(one.vocabulary)
    for old in gone:
        counts.subtract(old.vocabulary)
    _count(connection, {word: n for word, n in counts.items() if n}, lite)


def forget(connection: Connection) -> None:
    """Empty the index."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO search_fts (search_fts) VALUES ('delete-all')"))
        connection.execute(text("DELETE FROM search_gram"))
    connection.execute(delete(search_document))
    connection.execute(delete(search_word))


def _same(one: Document | None, other: Document | None) -> bool:
    return one is not None and other is not None and replace(one, id=other.id) == other


def _indexed(one: Document) -> dict[str, object]:
    return {"id": one.id, "body": one.stems, "facets": one.facets}


def _known(connection: Connection, interaction_ids: Sequence[str]) -> dict[str, Document]:
    row = search_document.c
    query = select(*(row[name] for name in _FIELDS)).where(row.interaction_id.in_(interaction_ids))
    return {found.interaction_id: Document(*found) for found in connection.execute(query)}


def _placed(connection: Connection, one: Document) -> Document:
    """Written; of two whose ids are the same by chance the later one takes the next free id."""
    row = search_document.c
    while connection.execute(select(row.id).where(row.id == one.id)).one_or_none() is not None:
        one = replace(one, id=one.id + 1)
    connection.execute(insert(search_document), {name: getattr(one, name) for name in _FIELDS})
    return one


def _count(connection: Connection, changes: dict[str, int], lite: bool) -> None:
    """Words that are in no document any more are gone from here too."""
    row, all_words = search_word.c, sorted(changes)
    for start in range(0, len(all_words), AT_ONCE):
        batch = all_words[start : start + AT_ONCE]
        there = set(connection.scalars(select(row.word).where(row.word.in_(batch))))
        new = [{"word": word} for word in batch if word not in there]
        if new:
            put_missing(connection, search_word, [{**one, "documents": 0} for one in new])
            if lite:
                connection.execute(_ADD_GRAM, new)
        connection.execute(
            update(search_word)
            .where(row.word == bindparam("_word"))
            .values(documents=row.documents + bindparam("_more")),
            [{"_word": word, "_more": changes[word]} for word in batch],
        )
        gone = list(connection.scalars(select(row.word).where(row.word.in_(batch), row.documents <= 0)))
        if gone:
            if lite:
                connection.execute(_TAKE_GRAM, [{"word": word, "quoted": f'"{word}"'} for word in gone])
            connection.execute(delete(search_word).where(row.word.in_(gone)))
