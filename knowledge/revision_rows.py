"""Between the rows of the revisions' file and what they mean; all within the caller's transaction."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, insert, select

from knowledge import revision_tables as t
from knowledge.revision import Act, AuditEntry, Document, Draft, NoSuchRevision, Revision

_NUMBER = re.compile(r"[0-9]{1,9}")
_HASH = re.compile(r"[0-9a-f]{6,64}")


def of(table: Table, document: Document) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The rows of this document."""
    return table.c.kind == document.kind, table.c.name == document.name


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def draft_in(connection: Connection, document: Document) -> Draft | None:
    row = connection.execute(select(t.draft).where(*of(t.draft, document))).mappings().first()
    return as_draft(row) if row else None


def latest_in(connection: Connection, document: Document) -> Revision | None:
    newest_first = _revisions(document).order_by(t.revision.c.number.desc())
    row = connection.execute(newest_first.limit(1)).mappings().first()
    return as_revision(row) if row else None


def revision_in(connection: Connection, document: Document, wanted: str) -> Revision:
    """By its number, else by the beginning of its hash: the newest with that content. Raises NoSuchRevision."""
    matching: list[ColumnElement[bool]] = []
    if _NUMBER.fullmatch(wanted):
        matching.append(t.revision.c.number == int(wanted))
    if _HASH.fullmatch(wanted):
        matching.append(t.revision.c.sha256.startswith(wanted, autoescape=True))
    for condition in matching:
        newest_first = _revisions(document).where(condition).order_by(t.revision.c.number.desc())
        rows = [as_revision(row) for row in connection.execute(newest_first).mappings()]
        if len({row.sha256 for row in rows}) == 1:
            return rows[0]
    latest = latest_in(connection, document)
    raise NoSuchRevision(document, wanted, latest.number if latest else 0)


def body_in(connection: Connection, sha256: str) -> bytes:
    return bytes(connection.execute(select(t.body.c.bytes).where(t.body.c.sha256 == sha256)).scalar_one())


def log(
    connection: Connection,
    document: Document,
    who: str,
    at: datetime,
    what: str,
    number: int | None,
    sha256: str,
    message: str = "",
) -> None:
    """An audit entry."""
    connection.execute(insert(t.audit).values(
        at=moment(at), who=who, what=what, kind=document.kind, name=document.name, number=number, sha256=sha256,
        message=message,
    ))  # fmt: skip


def as_draft(row: RowMapping) -> Draft:
    return Draft(_document(row), bytes(row["bytes"]), row["base"], row["serial"], row["who"], _at(row))


def as_revision(row: RowMapping) -> Revision:
    return Revision(
        _document(row), row["number"], row["sha256"], cast(Act, row["what"]), row["of"], row["who"], _at(row),
        row["message"],
    )  # fmt: skip


def as_entry(row: RowMapping) -> AuditEntry:
    return AuditEntry(
        row["id"], _at(row), row["who"], row["what"], _document(row), row["number"], row["sha256"], row["message"]
    )


def _revisions(document: Document) -> Select[Any]:
    return select(t.revision).where(*of(t.revision, document))


def _document(row: RowMapping) -> Document:
    return Document(row["kind"], row["name"])


def _at(row: RowMapping) -> datetime:
    return datetime.fromisoformat(row["at"])
