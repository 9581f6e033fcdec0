"""Erasing a person: their addresses and name, and all that they and others said, with a receipt."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, or_, select

from history import schema
from history.contact_rows import UnknownContact, joined_with
from history.ids import new_id
from history.journal import Journal
from history.privacy import audit
from history.privacy.chain import Act
from history.privacy.emptying import empty
from history.privacy.held import held
from history.privacy.shredded import begun_only, keys_of
from history.projections import Media
from history.timeline import Timeline, plain

SHREDDED = "sound: each recording was encrypted with a key of its own; those of keys_destroyed open nothing any more"
OVERWRITTEN = "words, addresses, names: overwritten in the database, where they had to be searchable"
KEPT = "facts of each interaction: times, line, queue, outcome, numbers of events; rows of the audit log"
ELSEWHERE = (
    "backups of the database, backups of the recordings' keys, lists of campaigns and opt-outs, "
    "systems that were told by webhook"
)


class CannotErase(Exception):
    """Not now; the message says why and what to do."""


async def erase_contact(
    timeline: Timeline,
    journal: Journal,
    contact_id: str,
    *,
    actor: str,
    delete_file: Callable[[Media], Awaitable[None]],
) -> dict[str, Any]:
    """Erase whoever this contact is, after all merges; returns the receipt. Trying again after a failure is harmless.

    delete_file: destroys a recording with its key and tells the history. Raises UnknownContact, CannotErase (a hold is
    in force, a call of theirs is under way) and HistoryUnavailable.
    """
    _, _, files = await timeline.read(lambda connection: _theirs(connection, contact_id))
    for media in files:
        await delete_file(media)
    erasure_id = new_id()

    def apply(connection: Connection, at: datetime) -> dict[str, Any]:
        ids, interactions, left = _theirs(connection, contact_id)
        if left:
            raise CannotErase("a recording was made meanwhile: erase once more")
        for interaction_id in interactions:
            empty(connection, interaction_id, "person", "erased", at)
        contact, point, merge = schema.contact, schema.contact_point, schema.contact_merge
        connection.execute(delete(point).where(point.c.contact_id.in_(ids)))
        connection.execute(delete(merge).where(or_(merge.c.one.in_(ids), merge.c.other.in_(ids))))
        connection.execute(delete(contact).where(contact.c.id.in_(ids)))
        destroyed, elsewhere, left_elsewhere = keys_of(connection, interactions)
        left_elsewhere += begun_only(connection, interactions)
        receipt = {
            "format": "centralino.erasure/1", "id": erasure_id, "at": at.astimezone(UTC).isoformat(), "by": actor,
            "interactions": interactions, "recordings": len(files),
            "keys_destroyed": destroyed, "keys_elsewhere": elsewhere, "recordings_elsewhere": left_elsewhere,
            "shredded": SHREDDED, "overwritten": OVERWRITTEN, "kept": KEPT, "not_covered": ELSEWHERE,
        }  # fmt: skip
        digest = hashlib.sha256(json.dumps(receipt, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
        detail = {"erasure": erasure_id, "interactions": len(interactions), "receipt_sha256": digest}
        row = audit.write(connection, at, Act(actor, "", "contact.erased", "erasure", erasure_id, detail=detail))
        return {**receipt, "receipt_sha256": digest, "audit_seq": row.seq, "audit_hash": row.hash}

    return await journal.change(apply)


def _theirs(connection: Connection, contact_id: str) -> tuple[list[str], list[str], list[Media]]:
    """All contacts that are this person, their interactions, and the recordings that are still there."""
    ids = sorted(joined_with(connection, [contact_id]))
    contact, row, media = schema.contact.c, schema.interaction.c, schema.media
    if not connection.execute(select(contact.id).where(contact.id.in_(ids)).limit(1)).first():
        raise UnknownContact(contact_id)
    found = connection.execute(select(row.id, row.status).where(row.contact_id.in_(ids)).order_by(row.id)).all()
    if any(one.status == "open" for one in found):
        raise CannotErase("a call of theirs is under way: erase when it is over")
    interactions = [one.id for one in found]
    if (reason := held(connection, [*ids, *interactions])) is not None:
        raise CannotErase(f"a legal hold is in force ({reason}): lift it first")
    there = select(media).where(media.c.interaction_id.in_(interactions), media.c.deleted_at.is_(None))
    return ids, interactions, [Media(**plain(one)) for one in connection.execute(there).mappings()]
