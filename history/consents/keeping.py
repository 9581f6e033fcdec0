"""Writes rows of `consent` in the transaction of whoever derives, or erases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, insert, select, update

from history import schema
from history.consents.proof import Consent, consents_of
from history.consents.tables import consent
from history.events import StoredEvent
from history.privacy.tables import emptied


def keep(connection: Connection, consents: Mapping[str, Sequence[Consent]]) -> None:
    """These are all there are of each interaction. Of one that was emptied, those that are there stay: its log has
    less to tell than it had."""
    gone = set(connection.scalars(select(emptied.c.interaction_id).where(emptied.c.interaction_id.in_(consents))))
    ids = [one for one in consents if one not in gone]
    connection.execute(delete(consent).where(consent.c.interaction_id.in_(ids)))
    rows = [asdict(row) for one in ids for row in consents[one]]
    if rows:
        connection.execute(insert(consent), rows)


def keep_before_emptying(connection: Connection, interaction_id: str) -> None:
    """Whatever the log still shows is kept, without words; to be called while it has them."""
    event, row = schema.interaction_event, schema.interaction.c
    found = connection.execute(select(event).where(event.c.interaction_id == interaction_id).order_by(event.c.seq))
    names = [name for name in event.c.keys() if name != "tenant_id"]  # noqa: SIM118 - columns, not a dict
    events = [StoredEvent(**{name: one[name] for name in names}) for one in found.mappings()]
    whose = connection.execute(select(row.contact_id).where(row.id == interaction_id)).scalar() or ""
    keep(connection, {interaction_id: consents_of(events, whose)})
    connection.execute(update(consent).where(consent.c.interaction_id == interaction_id).values(told_words=""))


def forget_whose(connection: Connection, interaction_id: str) -> None:
    """That somebody was told, agreed or refused stays; who it was goes."""
    connection.execute(update(consent).where(consent.c.interaction_id == interaction_id).values(contact_id=""))
