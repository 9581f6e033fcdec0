"""Which interactions are to be derived, or derived again. Called in the transaction that gives the reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, and_, or_, select

from history import schema
from history.deriving.facts import Fact
from history.deriving.tables import interaction_fact, to_derive
from history.deriving.upserting import put
from history.ids import new_id
from history.kpis.ahead import SOLVED_AFTER
from history.privacy.tables import emptied

LONGEST_CALL = timedelta(days=1)
"""An interaction that began so long before the time that counts has ended before it."""


def mark(connection: Connection, interaction_ids: Iterable[str]) -> None:
    """These are to be derived."""
    rows = [{"interaction_id": one, "mark": new_id()} for one in dict.fromkeys(interaction_ids)]
    put(connection, to_derive, rows)


def mark_of_contacts(connection: Connection, contact_ids: Iterable[str]) -> None:
    """Who belongs to whom has changed: whether these contacts came back is to be looked at again."""
    row = schema.interaction.c
    ids = list(dict.fromkeys(contact_ids))
    mark(connection, connection.scalars(select(row.id).where(row.contact_id.in_(ids), row.status == "ended")))


def mark_before(connection: Connection, fact: Fact, contact_ids: Iterable[str]) -> None:
    """What this contact was last in touch about: it may not have been solved at once. contact_ids: all of theirs."""
    mark(connection, connection.scalars(before(fact.interaction_id, fact.started_at, contact_ids)))


def before(interaction_id: str, started_at: datetime, contact_ids: Iterable[str]) -> Select[tuple[str]]:
    """The interactions of these contacts that depend on one of theirs that began then."""
    row, since = interaction_fact.c, started_at - SOLVED_AFTER
    return select(row.interaction_id).where(
        row.contact_id.in_(list(contact_ids)),
        row.started_at >= since - LONGEST_CALL,
        row.started_at <= started_at,
        row.ended_at >= since,
        row.interaction_id != interaction_id,
        row.direction == "inbound",
    )


def marked(connection: Connection, limit: int) -> dict[str, str]:
    """interaction → its mark, the oldest interactions first."""
    row = to_derive.c
    found = connection.execute(select(row.interaction_id, row.mark).order_by(row.interaction_id).limit(limit))
    return {one.interaction_id: one.mark for one in found}


def stale(connection: Connection, version: str, after: str, limit: int) -> list[str]:
    """Ended interactions behind `after`, in order of their ids, whose facts are missing or of another version. Facts
    of those that were emptied stay: there is nothing left to make them of."""
    row, fact = schema.interaction.c, interaction_fact.c
    gone = select(emptied.c.interaction_id).where(emptied.c.interaction_id == row.id).exists()
    query = (
        select(row.id)
        .outerjoin(interaction_fact, fact.interaction_id == row.id)
        .where(row.id > after, row.status == "ended")
        .where(or_(fact.version.is_(None), and_(fact.version != version, ~gone)))
        .order_by(row.id)
        .limit(limit)
    )
    return list(connection.scalars(query))


def still_marked(connection: Connection, interaction_ids: Iterable[str]) -> set[str]:
    """Those of them that nobody has derived meanwhile, held until the transaction ends: of two servers that derived the
    same one, the first to come here counts it."""
    row = to_derive.c
    query = select(row.interaction_id).where(row.interaction_id.in_(list(interaction_ids)))
    return set(connection.scalars(query.order_by(row.interaction_id).with_for_update()))


def unmark(connection: Connection, interaction_id: str, known: str) -> None:
    """Done, unless it was marked again meanwhile."""
    row = to_derive.c
    connection.execute(to_derive.delete().where(and_(row.interaction_id == interaction_id, row.mark == known)))
