"""Recordings whose keys and files are to be destroyed: asked for in the shared history, done by whichever server has
them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from history import schema
from history.privacy.tables import shredded
from history.projections import MediaGone


def ask_to_shred(connection: Connection, gone: Iterable[MediaGone]) -> None:
    """Before the rows of `gone` are marked as deleted. Done already where the server that says so had the recording."""
    media = schema.media.c
    for one in gone:
        row = connection.execute(
            select(media.file, media.key_id).where(
                media.interaction_id == one.interaction_id, media.seq == one.seq, media.deleted_at.is_(None)
            )
        ).one_or_none()
        if row is None:
            continue
        connection.execute(delete(shredded).where(shredded.c.file == row.file))
        done_at = one.deleted_at if one.here else None
        asked = {"file": row.file, "key_id": row.key_id, "asked_at": one.deleted_at, "done_at": done_at}
        connection.execute(insert(shredded), asked)


def still_to_shred(connection: Connection, after: str = "", limit: int = 500) -> list[str]:
    """Files of recordings that no server has destroyed yet, sorted; after: the last one of the page before."""
    row = shredded.c
    query = select(row.file).where(row.done_at.is_(None), row.file > after).order_by(row.file).limit(limit)
    return list(connection.scalars(query))


def shredded_now(connection: Connection, file: str, at: datetime) -> None:
    """This server had it, and has destroyed it."""
    connection.execute(update(shredded).where(shredded.c.file == file, shredded.c.done_at.is_(None)).values(done_at=at))


def begun_only(connection: Connection, interaction_ids: Iterable[str]) -> int:
    """How many recordings of these interactions began and of how many nothing tells yet what they became: their server
    died, or its disk is slow. When it looks for them it destroys them, if their person is erased by then."""
    row = schema.interaction_event.c
    kinds = ("recording.started", "recording.stored", "recording.discarded")
    query = select(row.type, row.payload).where(row.interaction_id.in_(list(interaction_ids)), row.type.in_(kinds))
    began: set[str] = set()
    over: set[str] = set()
    for kind, payload in connection.execute(query):
        (began if kind == "recording.started" else over).add(str(payload.get("file", "")))
    return len(began - over)


def keys_of(connection: Connection, interaction_ids: Iterable[str]) -> tuple[list[str], list[str], int]:
    """Of the deleted recordings of these interactions: ids of the keys that are destroyed, of those that another
    server has not destroyed yet, and how many recordings are still to be destroyed there."""
    media, row = schema.media.c, shredded.c
    query = (
        select(media.key_id, row.done_at.is_not(None))
        .join_from(schema.media, shredded, row.file == media.file)
        .where(media.interaction_id.in_(list(interaction_ids)), media.deleted_at.is_not(None))
        .order_by(media.interaction_id, media.seq)
    )
    found = connection.execute(query).all()
    destroyed = [key_id for key_id, done in found if done and key_id]
    elsewhere = [key_id for key_id, done in found if not done and key_id]
    return destroyed, elsewhere, sum(1 for _, done in found if not done)
