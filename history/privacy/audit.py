"""The audit log in the history: written with everything else, in order, and never changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, text

from history.journal import Journal
from history.privacy.chain import Act, AuditRow, Verdict, linked, verified
from history.privacy.tables import audit_log
from history.timeline import Timeline

MOST_LISTED = 500
_PAGE = 1000
_COLUMNS = [column for column in audit_log.c if column.name != "tenant_id"]


def write(connection: Connection, at: datetime, act: Act) -> AuditRow:
    """Add a row to the chain, in the transaction of `connection`."""
    if connection.dialect.name == "postgresql":  # one after the other, from whichever server
        connection.execute(text("LOCK TABLE audit_log IN SHARE ROW EXCLUSIVE MODE"))
    last = connection.execute(select(*_COLUMNS).order_by(audit_log.c.seq.desc()).limit(1)).one_or_none()
    row = linked(act, at.astimezone(UTC).isoformat(timespec="milliseconds"), AuditRow(*last) if last else None)
    connection.execute(insert(audit_log), vars(row))
    return row


class Audit:
    """The log of `journal`; reads through `timeline`. All methods raise HistoryUnavailable."""

    def __init__(self, journal: Journal, timeline: Timeline) -> None:
        self._journal, self._timeline = journal, timeline

    async def write(self, act: Act) -> AuditRow:
        """Written down, on the disk. Do what it tells of afterwards, never before."""
        return await self._journal.change(lambda connection, at: write(connection, at, act))

    async def rows(self, limit: int = 100, before: int | None = None, subject_id: str | None = None) -> list[AuditRow]:
        """The newest first. before: the seq of the last one of the page before."""
        query = select(*_COLUMNS).order_by(audit_log.c.seq.desc()).limit(min(limit, MOST_LISTED))
        if before is not None:
            query = query.where(audit_log.c.seq < before)
        if subject_id is not None:
            query = query.where(audit_log.c.subject_id == subject_id)
        return await self._timeline.read(lambda connection: [AuditRow(*row) for row in connection.execute(query)])

    async def verify(self, *, seq: int = 0, head: str = "") -> Verdict:
        """Reads all of it; see `chain.verified`."""
        return await self._timeline.read(lambda connection: verified(_all(connection), seq=seq, head=head))


def _all(connection: Connection) -> Iterator[AuditRow]:
    after = 0
    while True:
        query = select(*_COLUMNS).where(audit_log.c.seq > after).order_by(audit_log.c.seq).limit(_PAGE)
        page = [AuditRow(*row) for row in connection.execute(query)]
        if not page:
            return
        yield from page
        after = page[-1].seq
