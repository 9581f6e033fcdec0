"""What is searched: a document for each interaction, and the words there are, for those who misspell them.

search_document.id: of the time it began and its id, so that the newest are found first and a time is a range. body: the
words, folded; SQLite indexes their stems in `search_fts`, PostgreSQL itself makes a tsvector of them.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    event,
)

from history.schema import DEFAULT_TENANT, key, metadata, words

FTS5 = (
    "CREATE VIRTUAL TABLE search_fts USING fts5(body, facets, content='', tokenize='unicode61 remove_diacritics 2')",
    "CREATE VIRTUAL TABLE search_gram USING fts5(word, tokenize='trigram')",
)
"""SQLite's own indexes; what is in them is in the other tables too. Facets narrow a search: line, channel, contact."""
GIN = "CREATE INDEX ix_search_document_body ON search_document USING gin (to_tsvector('italian', body))"


def _tenant() -> Column[str]:
    return Column("tenant_id", String(64), nullable=False, server_default=DEFAULT_TENANT)


search_document = Table(
    "search_document",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("interaction_id", ForeignKey("interaction.id"), nullable=False),
    _tenant(),
    Column("channel", words(255), nullable=False),
    Column("line", words(255), nullable=False),
    Column("contact_id", key(), nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "interaction_id", unique=True),
)

search_word = Table(
    "search_word",
    metadata,
    Column("word", key(32), primary_key=True),
    _tenant(),
    Column("documents", Integer, nullable=False),
)

for _engine, _statement in (("postgresql", GIN), *(("sqlite", one) for one in FTS5)):
    _made = DDL(_statement)  # type: ignore[no-untyped-call]
    event.listen(search_document, "after_create", _made.execute_if(dialect=_engine))
