"""Drafts, numbered revisions, rollback and audit of documents: flowbooks, articles, whatever else admins write.

A document has a kind and a name (`Document("flowbook", "libreria")`, `Document("article", "orari")`), at most one
draft, and revisions 1, 2, 3… that are never changed or removed. Publishing makes the next one; rolling back publishes
an old one again, as the next revision. Every such act is in the audit log, with who and when.

Who writes says what they had seen: a draft knows the revision it was begun on (`base`), and Conflict is raised when
another one was published since, or when somebody else has saved the draft in between (`serial`).

A document that is served from a file is published with the `place` of that file, then written there, then `placed`.
After a crash in between, `unplaced` tells what is still to be written, so that file and store never contradict each
other in silence. What stands in a file that somebody edited by hand becomes a revision by `found`.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import delete, func, insert, select

from knowledge import revision_tables as t
from knowledge.revision import (
    AuditEntry,
    Conflict,
    Document,
    Draft,
    NoSuchRevision,
    Revision,
    check_bounds,
    sha256_of,
)
from knowledge.revision_adding import added
from knowledge.revision_file import RevisionFile
from knowledge.revision_rows import (
    as_draft,
    as_entry,
    as_revision,
    body_in,
    draft_in,
    latest_in,
    log,
    moment,
    of,
    revision_in,
)

MOST_LISTED = 1000


class Revisions:
    """The store, in one SQLite file that several processes may use at once.

    Every method is one transaction, blocks for some milliseconds (`asyncio.to_thread` in the server), may be called
    from every thread, and raises RevisionsUnavailable when the file cannot be used; those that write raise ValueError
    for what is too large or has no name. `at` is a moment with its zone.
    """

    def __init__(self, path: Path) -> None:
        """The first use opens or creates the file."""
        self._file = RevisionFile(path)

    # ------------------------------------------------------------------------------------------------------- drafts
    def draft(self, document: Document) -> Draft | None:
        """None when there is none."""
        with self._file.transaction() as connection:
            return draft_in(connection, document)

    def drafts(self, kind: str) -> list[Draft]:
        """All of this kind, by name."""
        wanted = select(t.draft).where(t.draft.c.kind == kind).order_by(t.draft.c.name)
        with self._file.transaction() as connection:
            return [as_draft(row) for row in connection.execute(wanted).mappings()]

    def save_draft(
        self,
        document: Document,
        body: bytes,
        *,
        who: str,
        at: datetime,
        base: int | None = None,
        seen: int | None = None,
    ) -> Draft:
        """base: the revision it is now based on; None: as before, for a new draft the latest. seen: the serial of the
        draft that the writer had read (0: there was none); None: whatever there is. Raises Conflict, NoSuchRevision."""
        check_bounds(document, body, who)
        with self._file.transaction() as connection:
            before, latest = draft_in(connection, document), latest_in(connection, document)
            _as_seen(document, before, latest, seen)
            newest = latest.number if latest else 0
            if base is None:
                base = before.base if before else newest
            elif not 0 <= base <= newest:
                raise NoSuchRevision(document, str(base), newest)
            saved = Draft(document, body, base, before.serial + 1 if before else 1, who, at.astimezone(UTC))
            connection.execute(delete(t.draft).where(*of(t.draft, document)))
            connection.execute(insert(t.draft).values(
                kind=document.kind, name=document.name, bytes=body, base=base, serial=saved.serial, who=who,
                at=moment(at),
            ))  # fmt: skip
            if before is None or before.who != who:  # not an entry for every pause in the typing
                log(connection, document, who, at, "draft", base or None, sha256_of(body))
            return saved

    def discard_draft(self, document: Document, *, who: str, at: datetime, seen: int | None = None) -> bool:
        """Whether there was one. Raises Conflict as `save_draft` does."""
        check_bounds(document, who=who)
        with self._file.transaction() as connection:
            before = draft_in(connection, document)
            _as_seen(document, before, latest_in(connection, document), seen)
            if before is not None:
                connection.execute(delete(t.draft).where(*of(t.draft, document)))
                log(connection, document, who, at, "draft_discarded", before.base or None, sha256_of(before.body))
            return before is not None

    # --------------------------------------------------------------------------------------------------- publishing
    def publish(
        self,
        document: Document,
        body: bytes,
        *,
        who: str,
        at: datetime,
        message: str,
        base: int,
        place: str = "",
    ) -> Revision:
        """The next revision. base: the latest one that the writer knew of, 0 for none. place: the file that the caller
        will write it to, '' for none. A draft with the same content is done with. Raises Conflict when base is not the
        latest, NothingNew when the latest has this content."""
        check_bounds(document, body, who, message)
        with self._file.transaction() as connection:
            return added(connection, document, body, "published", None, who, at, message, base, place)

    def roll_back(
        self,
        document: Document,
        number: int,
        *,
        who: str,
        at: datetime,
        message: str,
        base: int,
        place: str = "",
    ) -> Revision:
        """Revision `number` again, as the next one. Raises as `publish` does, and NoSuchRevision."""
        check_bounds(document, who=who, message=message)
        with self._file.transaction() as connection:
            old = revision_in(connection, document, str(number))
            body = body_in(connection, old.sha256)
            return added(connection, document, body, "rolled_back", old.number, who, at, message, base, place)

    def withdraw(self, document: Document, *, who: str, at: datetime, message: str, base: int) -> Revision:
        """A revision without content: the document is used no more, until it is published or rolled back again."""
        check_bounds(document, who=who, message=message)
        with self._file.transaction() as connection:
            return added(connection, document, b"", "withdrawn", None, who, at, message, base, "")

    def found(self, document: Document, body: bytes, *, at: datetime, who: str = "", message: str = "") -> Revision:
        """The revision of what was found in the file that the document is served from: the latest one, or a new one
        when the file was edited by hand. who: '' for somebody unknown."""
        check_bounds(document, body, who, message)
        with self._file.transaction() as connection:
            latest, sha256 = latest_in(connection, document), sha256_of(body)
            if latest and latest.sha256 == sha256:
                return latest
            if connection.execute(select(t.unplaced).where(*of(t.unplaced, document))).first():
                with suppress(NoSuchRevision):  # another process is about to write the latest one there
                    return revision_in(connection, document, sha256)
            base = latest.number if latest else 0
            return added(connection, document, body, "found", None, who, at, message, base, "")

    def unplaced(self, kind: str) -> list[tuple[Revision, str]]:
        """The latest revisions that are not known to be in their files yet, each with the place of its file."""
        same = [t.unplaced.c[name] == t.revision.c[name] for name in ("kind", "name", "number")]
        wanted = select(t.revision, t.unplaced.c.place).join(t.unplaced, same[0] & same[1] & same[2])
        wanted = wanted.where(t.revision.c.kind == kind).order_by(t.revision.c.name)
        with self._file.transaction() as connection:
            return [(as_revision(row), row["place"]) for row in connection.execute(wanted).mappings()]

    def placed(self, revision: Revision) -> None:
        """It is in its file now."""
        where = (*of(t.unplaced, revision.document), t.unplaced.c.number <= revision.number)
        with self._file.transaction() as connection:
            connection.execute(delete(t.unplaced).where(*where))

    # ------------------------------------------------------------------------------------------------------ reading
    def latest(self, document: Document) -> Revision | None:
        """None when it was never published."""
        with self._file.transaction() as connection:
            return latest_in(connection, document)

    def documents(self, kind: str) -> list[Revision]:
        """The latest revision of every document of this kind, by name; withdrawn ones, too."""
        other = t.revision.alias()
        newest = (
            select(func.max(other.c.number))
            .where(other.c.kind == kind, other.c.name == t.revision.c.name)
            .scalar_subquery()
        )
        wanted = select(t.revision).where(t.revision.c.kind == kind, t.revision.c.number == newest)
        with self._file.transaction() as connection:
            return [as_revision(row) for row in connection.execute(wanted.order_by(t.revision.c.name)).mappings()]

    def revisions(self, document: Document, *, most: int = 100, before: int | None = None) -> list[Revision]:
        """The newest first; before: only those with lower numbers."""
        wanted = select(t.revision).where(*of(t.revision, document)).order_by(t.revision.c.number.desc())
        if before is not None:
            wanted = wanted.where(t.revision.c.number < before)
        with self._file.transaction() as connection:
            return [as_revision(row) for row in connection.execute(wanted.limit(min(most, MOST_LISTED))).mappings()]

    def revision(self, document: Document, wanted: int | str) -> Revision:
        """By its number, or by six digits and more that its hash begins with. Raises NoSuchRevision."""
        with self._file.transaction() as connection:
            return revision_in(connection, document, str(wanted))

    def read(self, document: Document, wanted: int | str) -> bytes:
        """What stands in that revision; b"" in one that withdraws the document. Raises NoSuchRevision."""
        with self._file.transaction() as connection:
            return body_in(connection, revision_in(connection, document, str(wanted)).sha256)

    def audit(
        self, document: Document | None = None, *, kind: str = "", most: int = 100, before: int | None = None
    ) -> list[AuditEntry]:
        """What was done to this document, to all of a kind, or to all; the newest first. before: an entry's id."""
        wanted = select(t.audit).order_by(t.audit.c.id.desc())
        if document is not None:
            wanted = wanted.where(*of(t.audit, document))
        if kind:
            wanted = wanted.where(t.audit.c.kind == kind)
        if before is not None:
            wanted = wanted.where(t.audit.c.id < before)
        with self._file.transaction() as connection:
            return [as_entry(row) for row in connection.execute(wanted.limit(min(most, MOST_LISTED))).mappings()]


def _as_seen(document: Document, draft: Draft | None, latest: Revision | None, seen: int | None) -> None:
    serial = draft.serial if draft else 0
    if seen is None or seen == serial:
        return
    if draft is None:
        raise Conflict(document, "the draft is gone: it was published or discarded meanwhile", latest, None)
    raise Conflict(document, f"{draft.who} has saved the draft meanwhile; take their changes up first", latest, draft)
