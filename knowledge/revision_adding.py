"""The next revision of a document, within the caller's transaction."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from knowledge import revision_tables as t
from knowledge.revision import Act, Conflict, Document, NothingNew, Revision, sha256_of
from knowledge.revision_rows import draft_in, latest_in, log, moment, of


def added(
    connection: Connection,
    document: Document,
    body: bytes,
    what: Act,
    again: int | None,
    who: str,
    at: datetime,
    message: str,
    base: int,
    place: str,
) -> Revision:
    """again: the revision that is rolled back to. base: the latest one that the writer knew of. place: the file that
    it has yet to be written to, '' for none. Raises Conflict and NothingNew."""
    latest, draft = latest_in(connection, document), draft_in(connection, document)
    newest, sha256 = (latest.number if latest else 0), sha256_of(body)
    if base != newest:
        why = f"revision {newest} was published since revision {base}; look at what it changed, then go on from it"
        raise Conflict(document, why, latest, draft)
    if latest and latest.sha256 == sha256 and (latest.what == "withdrawn") == (what == "withdrawn"):
        raise NothingNew(f"{document}: revision {newest} has exactly this content; there is nothing to publish")
    made = Revision(document, newest + 1, sha256, what, again, who, at.astimezone(UTC), message)
    if connection.execute(select(t.body.c.sha256).where(t.body.c.sha256 == sha256)).first() is None:
        connection.execute(insert(t.body).values(sha256=sha256, bytes=body))
    connection.execute(insert(t.revision).values(
        kind=document.kind, name=document.name, number=made.number, sha256=sha256, what=what, of=again, who=who,
        at=moment(at), message=message,
    ))  # fmt: skip
    connection.execute(delete(t.unplaced).where(*of(t.unplaced, document)))
    if place:
        connection.execute(insert(t.unplaced).values(
            kind=document.kind, name=document.name, number=made.number, place=place,
        ))  # fmt: skip
    if draft is not None and draft.body == body:
        connection.execute(delete(t.draft).where(*of(t.draft, document)))
    log(connection, document, who, at, what, made.number, sha256, message)
    return made
