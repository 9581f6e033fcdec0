"""What a person may take with them: all that is stored of them, as JSON, as vCons, with the sound."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from sqlalchemy import Connection, select

from history import schema
from history.consents.stored import consents_in
from history.contacts import ContactDetail, Contacts
from history.projections import Media
from history.timeline import Timeline
from history.vcon.exporting import to_bytes
from history.vcon.stored import stored_vcon

READ_ME = """contact.json: who you are here: name, addresses, when you were first and last in touch.
consents.json: what you were told, agreed to and refused: when, with which words, in which conversation.
interactions/ID.json: one conversation: its facts, its transcript, what was understood of it, what you were told and
agreed to, the work behind it, your answers to surveys, every event.
interactions/ID.vcon: the same as a vCon 0.4.0, for other systems.
recordings/: the recordings that are still kept.
"""


async def write_portable(
    timeline: Timeline, contact_id: str, to: Path, sound_of: Callable[[Media], BinaryIO | None]
) -> tuple[ContactDetail, int]:
    """A zip of everything stored of whoever this contact is; who that is, and of how many interactions it was.

    sound_of: opens a recording, None when it is gone; in a thread. One interaction at a time is in memory. Raises
    UnknownContact, HistoryUnavailable, OSError, and what sound_of raises.
    """
    who = await Contacts(timeline).get(contact_id)
    ids = await timeline.read(lambda connection: _interactions(connection, who.ids))
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("README.txt", READ_ME)
        bundle.writestr("contact.json", _json(asdict(who)))
        agreed: list[dict[str, Any]] = []
        for interaction_id in ids:
            bundle.writestr(f"interactions/{interaction_id}.json", _json(await timeline.export(interaction_id)))
            agreed += [asdict(one) for one in await consents_in(timeline, interaction_id)]
            vcon = await stored_vcon(timeline, interaction_id)
            bundle.writestr(f"interactions/{interaction_id}.vcon", to_bytes(vcon))
            for media in (await timeline.get(interaction_id)).media:
                if media.deleted_at is None:
                    await asyncio.to_thread(_put, bundle, media, sound_of)
        bundle.writestr("consents.json", _json(agreed))
    return who, len(ids)


def _put(bundle: zipfile.ZipFile, media: Media, sound_of: Callable[[Media], BinaryIO | None]) -> None:
    sound = sound_of(media)
    if sound is None:
        return
    name = f"recordings/{media.interaction_id}-{media.seq}{PurePosixPath(media.file).suffix}"
    entry = zipfile.ZipInfo(name, time.localtime()[:6])
    with sound, bundle.open(entry, "w") as file:  # stored as it is: Opus gets no smaller
        shutil.copyfileobj(sound, file)


def _interactions(connection: Connection, contact_ids: tuple[str, ...]) -> list[str]:
    row = schema.interaction.c
    return list(connection.scalars(select(row.id).where(row.contact_id.in_(contact_ids)).order_by(row.id)))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n"


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
