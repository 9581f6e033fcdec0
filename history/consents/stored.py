"""Reads what people were told, agreed to and refused."""

from __future__ import annotations

from sqlalchemy import Connection, select

from history import schema
from history.consents.proof import Consent, consents_of
from history.consents.tables import consent
from history.contact_rows import UnknownContact, joined_with
from history.timeline import Timeline, plain


async def consents_in(timeline: Timeline, interaction_id: str) -> list[Consent]:
    """Of one interaction; before they are derived, a moment after its end, from its log as it is. Raises
    UnknownInteraction, HistoryUnavailable."""
    row = (await timeline.get(interaction_id)).interaction
    query = select(consent).where(consent.c.interaction_id == interaction_id).order_by(consent.c.seq)
    stored = await timeline.read(lambda c: [Consent(**plain(found)) for found in c.execute(query).mappings()])
    return stored or list(consents_of(await timeline.events(interaction_id), row.contact_id))


async def consents_by(timeline: Timeline, contact_id: str, limit: int = 1000) -> list[Consent]:
    """Of whoever this contact is after all merges, in interactions that are over, the newest first. Raises
    UnknownContact, HistoryUnavailable."""

    def read(connection: Connection) -> list[Consent]:
        ids = list(joined_with(connection, [contact_id]))
        there = schema.contact.c.id
        if not connection.execute(select(there).where(there.in_(ids)).limit(1)).first():
            raise UnknownContact(contact_id)
        query = select(consent).where(consent.c.contact_id.in_(ids))
        query = query.order_by(consent.c.at.desc(), consent.c.interaction_id.desc(), consent.c.seq.desc()).limit(limit)
        return [Consent(**plain(found)) for found in connection.execute(query).mappings()]

    return await timeline.read(read)
