"""What people decide of threads, and the reading of a person's: joined, begun anew, and taken back without loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, insert, or_, select, update

from history import schema
from history.contacts import contact
from history.ids import new_id
from history.journal import Journal
from history.threads import WITHIN, Decided, Piece, threads

MOST_PIECES = 5000
"""Of one person's interactions, the latest ones, that are put into threads."""

Kind = Literal["join", "begin"]


class UnknownDecision(LookupError):
    """There is no decision with this id that counts."""


class NotTogether(ValueError):
    """These two interactions cannot be joined; the message says why."""


async def join_threads(journal: Journal, one: str, other: str, *, actor: str) -> str:
    """The threads of these two interactions are one; returns the id with which that is taken back.

    Raises NotTogether: not there, of nobody, or of two people (merge the contacts first); and HistoryUnavailable.
    """
    decision_id = new_id()

    def write(connection: Connection, at: datetime) -> None:
        row = schema.interaction.c
        found = connection.execute(select(row.id, row.contact_id).where(row.id.in_([one, other]))).all()
        if one == other or len(found) != 2:
            raise NotTogether("two different interactions are joined; is one of them not in the history?")
        if not all(owner for _, owner in found):
            raise NotTogether("one of them is of nobody: its number was withheld")
        if found[1].contact_id not in contact(connection, found[0].contact_id).ids:
            raise NotTogether("they are two people's; merge the contacts first")
        _insert(connection, decision_id, "join", one, other, actor, at)

    await journal.change(write)
    return decision_id


async def begin_thread(journal: Journal, interaction_id: str, *, actor: str) -> str:
    """With this interaction something new begins: what came before in its thread is another one. Returns the id with
    which that is taken back. Raises NotTogether when it is not there, and HistoryUnavailable."""
    decision_id = new_id()

    def write(connection: Connection, at: datetime) -> None:
        row = schema.interaction.c
        if connection.execute(select(row.id).where(row.id == interaction_id)).first() is None:
            raise NotTogether(f"there is no interaction {interaction_id!r}")
        _insert(connection, decision_id, "begin", interaction_id, "", actor, at)

    await journal.change(write)
    return decision_id


async def take_back(journal: Journal, decision_id: str, *, actor: str) -> None:
    """It no longer counts. Raises UnknownDecision and HistoryUnavailable."""
    table = schema.thread_decision

    def write(connection: Connection, at: datetime) -> None:
        this = (table.c.id == decision_id, table.c.undone_at.is_(None))
        if not connection.execute(update(table).where(*this).values(undone_at=at, undone_by=actor)).rowcount:
            raise UnknownDecision(decision_id)

    await journal.change(write)


def threads_of(connection: Connection, contact_ids: Iterable[str], within: timedelta = WITHIN) -> Mapping[str, str]:
    """interaction → thread, of a person with these ids."""
    row, decision = schema.interaction.c, schema.thread_decision.c
    ids = list(contact_ids)
    query = select(row.id, row.started_at, row.door, row.thread, row.topics).where(row.contact_id.in_(ids))
    pieces = [
        Piece(
            found.id,
            found.started_at,
            f"{found.door}\n{found.thread}" if found.thread else "",
            frozenset(filter(None, found.topics.split("\n"))),
        )
        for found in connection.execute(query.order_by(row.id.desc()).limit(MOST_PIECES))
    ]
    theirs = select(row.id).where(row.contact_id.in_(ids))
    said = connection.execute(
        select(decision.kind, decision.one, decision.other).where(
            decision.undone_at.is_(None), or_(decision.one.in_(theirs), decision.other.in_(theirs))
        )
    ).all()
    joins = frozenset((one, other) for kind, one, other in said if kind == "join")
    begins = frozenset(one for kind, one, _ in said if kind == "begin")
    return threads(pieces, Decided(joins, begins), within)


def _insert(
    connection: Connection, decision_id: str, kind: Kind, one: str, other: str, actor: str, at: datetime
) -> None:
    row = {"id": decision_id, "kind": kind, "one": one, "other": other, "actor": actor, "decided_at": at}
    connection.execute(insert(schema.thread_decision), row)
