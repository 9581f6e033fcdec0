"""The tables of documents that are drafted and published. Times are UTC, as ISO 8601 text."""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    event,
)

SCHEMA_VERSION = 1
"""Kept in SQLite's `user_version`; a file with a higher number was written by a newer Centralino."""

metadata = MetaData()

body = Table(
    "body",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)
"""What was published, each content once however often it was."""

revision = Table(
    "revision",
    metadata,
    Column("kind", String(40), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sha256", ForeignKey("body.sha256"), nullable=False),
    Column("what", String(16), nullable=False),
    Column("of", Integer),
    Column("who", String(100), nullable=False),
    Column("at", String(32), nullable=False),
    Column("message", String(500), nullable=False),
)

unplaced = Table(
    "unplaced",
    metadata,
    Column("kind", String(40), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("place", String(500), nullable=False),
    ForeignKeyConstraint(["kind", "name", "number"], ["revision.kind", "revision.name", "revision.number"]),
)
"""The latest revisions that are not yet in the file they are served from."""

draft = Table(
    "draft",
    metadata,
    Column("kind", String(40), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
    Column("base", Integer, nullable=False),
    Column("serial", Integer, nullable=False),
    Column("who", String(100), nullable=False),
    Column("at", String(32), nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", String(32), nullable=False),
    Column("who", String(100), nullable=False),
    Column("what", String(16), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("name", String(200), nullable=False),
    Column("number", Integer),
    Column("sha256", String(64), nullable=False),
    Column("message", String(500), nullable=False),
)

for _table in (body, revision, audit):
    for _doing in ("UPDATE", "DELETE"):
        event.listen(
            _table,
            "after_create",
            DDL(  # type: ignore[no-untyped-call]
                f"CREATE TRIGGER {_table.name}_no_{_doing.lower()} BEFORE {_doing} ON {_table.name} "
                f"BEGIN SELECT RAISE(ABORT, '{_table.name} is never changed'); END"
            ),
        )
