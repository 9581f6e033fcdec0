"""Whether a legal hold is in force."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from history.privacy.tables import legal_hold
from history.schema import interaction


def not_held(interaction_id: ColumnElement[str]) -> ColumnElement[bool]:
    """A condition: no hold is in force on this interaction, nor on its contact."""
    hold, row = legal_hold.c, interaction.c
    theirs = select(row.contact_id).where(row.id == interaction_id, row.contact_id != "").scalar_subquery()
    on_it = or_(
        and_(hold.subject_kind == "interaction", hold.subject_id == interaction_id),
        and_(hold.subject_kind == "contact", hold.subject_id == theirs),
    )
    return ~select(hold.id).where(hold.lifted_at.is_(None), on_it).exists()


def held(connection: Connection, ids: Iterable[str]) -> str | None:
    """The reason of a hold that is in force on one of these interactions or contacts; None without one."""
    hold = legal_hold.c
    query = select(hold.reason).where(hold.lifted_at.is_(None), hold.subject_id.in_(list(ids))).limit(1)
    return connection.execute(query).scalar_one_or_none()
