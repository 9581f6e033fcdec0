"""Legal holds: what must not be deleted while a dispute lasts, whatever retention or a person asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert, select, update

from history.ids import new_id
from history.journal import Journal
from history.privacy import audit
from history.privacy.chain import Act
from history.privacy.held import held
from history.privacy.tables import legal_hold
from history.schema import interaction
from history.timeline import Timeline, plain

SubjectKind = Literal["interaction", "contact"]


class UnknownHold(LookupError):
    """There is no such hold that is in force."""


@dataclass(frozen=True)
class Hold:
    """In force while `lifted_at` is None."""

    id: str
    subject_kind: str
    subject_id: str
    reason: str
    set_by: str
    set_at: datetime
    lifted_by: str = ""
    lifted_at: datetime | None = None


async def set_hold(journal: Journal, kind: SubjectKind, subject_id: str, reason: str, *, actor: str) -> str:
    """Nothing of it is deleted from now on; returns the hold's id. Raises ValueError without a reason."""
    if not reason.strip() or len(reason) > 255:
        raise ValueError("a hold needs a reason of at most 255 characters")
    hold_id = new_id()

    def apply(connection: Connection, at: datetime) -> str:
        row = Hold(hold_id, kind, subject_id, reason.strip(), actor, at)
        connection.execute(insert(legal_hold), vars(row))
        audit.write(connection, at, Act(actor, "", "hold.set", kind, subject_id, detail={"hold": hold_id}))
        return hold_id

    return await journal.change(apply)


async def lift_hold(journal: Journal, hold_id: str, *, actor: str) -> None:
    """Raises UnknownHold, also when it was lifted already."""

    def apply(connection: Connection, at: datetime) -> None:
        hold = legal_hold.c
        found = connection.execute(
            select(hold.subject_kind, hold.subject_id).where(hold.id == hold_id, hold.lifted_at.is_(None))
        ).one_or_none()
        if found is None:
            raise UnknownHold(hold_id)
        connection.execute(update(legal_hold).where(hold.id == hold_id).values(lifted_at=at, lifted_by=actor))
        act = Act(actor, "", "hold.lifted", found.subject_kind, found.subject_id, detail={"hold": hold_id})
        audit.write(connection, at, act)

    await journal.change(apply)


async def hold_on(timeline: Timeline, interaction_id: str) -> str | None:
    """The reason of a hold in force on this interaction or on its contact; None without one."""
    row = interaction.c

    def look(connection: Connection) -> str | None:
        contact_id = connection.execute(select(row.contact_id).where(row.id == interaction_id)).scalar_one_or_none()
        return held(connection, [one for one in (interaction_id, contact_id) if one])

    return await timeline.read(look)


async def holds(timeline: Timeline, *, in_force: bool = True) -> list[Hold]:
    """The newest first."""
    query = select(legal_hold).order_by(legal_hold.c.set_at.desc(), legal_hold.c.id)
    if in_force:
        query = query.where(legal_hold.c.lifted_at.is_(None))
    return await timeline.read(lambda connection: [Hold(**plain(row)) for row in connection.execute(query).mappings()])
