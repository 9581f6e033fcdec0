"""What a server asks the shared history about the recordings in its folder: what to destroy, what to encrypt."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, and_, or_, select

from history import schema
from history.journal import Journal
from history.privacy.shredded import shredded_now, still_to_shred
from history.privacy.tables import emptied
from history.projections import Media
from history.timeline import Timeline, plain

PAGE = 200


async def asked(timeline: Timeline, after: str = "") -> list[str]:
    """Files of deleted recordings that no server has destroyed yet, `PAGE` at most, sorted; after: the last of the page
    before."""
    return await timeline.read(lambda connection: still_to_shred(connection, after, PAGE))


async def is_kept(timeline: Timeline, file: str) -> bool:
    """Whether a recording in this file is not deleted: it was taken in again meanwhile."""
    row = schema.media.c
    query = select(row.seq).where(row.file == file, row.deleted_at.is_(None)).limit(1)
    return await timeline.read(lambda connection: connection.execute(query).first() is not None)


async def was_shredded(journal: Journal, file: str) -> None:
    """This server had it, and has destroyed it."""
    await journal.change(lambda connection, at: shredded_now(connection, file, at))


async def unlisted(timeline: Timeline, files: Mapping[str, str]) -> list[str]:
    """Of recordings (file → interaction) those that no row tells of, though their interactions are over."""

    def look(connection: Connection) -> list[str]:
        row, media = schema.interaction.c, schema.media.c
        ids = set(files.values())
        over = set(connection.scalars(select(row.id).where(row.id.in_(ids), row.status == "ended")))
        told = set(connection.scalars(select(media.file).where(media.interaction_id.in_(ids))))
        return [file for file, interaction_id in files.items() if interaction_id in over and file not in told]

    return await timeline.read(look)


async def is_erased(timeline: Timeline, interaction_id: str) -> bool:
    """Whether its person was erased: nothing of theirs is kept any more."""
    row = emptied.c
    query = select(row.what).where(row.interaction_id == interaction_id, row.what == "person")
    return await timeline.read(lambda connection: connection.execute(query).first() is not None)


async def not_encrypted(timeline: Timeline, after: tuple[str, int] = ("", 0)) -> list[Media]:
    """Recordings without a key, `PAGE` at most, by interaction and seq; after: those of the last of the page before."""
    return await timeline.read(lambda connection: _not_encrypted(connection, *after))


def _not_encrypted(connection: Connection, interaction_id: str, seq: int) -> list[Media]:
    row = schema.media.c
    query = select(schema.media).where(row.deleted_at.is_(None), row.key_id == "")
    behind = or_(row.interaction_id > interaction_id, and_(row.interaction_id == interaction_id, row.seq > seq))
    query = query.where(behind).order_by(row.interaction_id, row.seq).limit(PAGE)
    return [Media(**plain(one)) for one in connection.execute(query).mappings()]
