"""What is done with recordings once an hour: those that another server deleted are destroyed where they lie, those of
before encryption are encrypted."""

from __future__ import annotations

import asyncio

import structlog

from history import Entry, Journal, Media, Timeline
from history.privacy.shredding import PAGE, asked, is_kept, not_encrypted, was_shredded
from telephony.recording.sealing.key_store import KeyDestroyed
from telephony.recording.sealing.sealed_file import NotSealed
from telephony.recording.shelf import Shelf

log = structlog.get_logger()


async def shred_asked(shelf: Shelf, journal: Journal, timeline: Timeline) -> int:
    """Destroy the recordings of this server that the history says are deleted; how many. Raises HistoryUnavailable."""
    done, page = 0, await asked(timeline)
    while page:
        for file in page:
            done += await _shred(shelf, journal, timeline, file)
        page = await asked(timeline, page[-1]) if len(page) == PAGE else []
    return done


async def seal_plain(shelf: Shelf, journal: Journal, timeline: Timeline) -> int:
    """Encrypt what was recorded before recordings were encrypted; how many. One at a time; what cannot be encrypted
    stays as it is, and is told. Raises HistoryUnavailable."""
    done, page = 0, await not_encrypted(timeline)
    while page:
        for media in page:
            done += await _seal(shelf, journal, media)
        last = page[-1]
        page = await not_encrypted(timeline, (last.interaction_id, last.seq)) if len(page) == PAGE else []
    return done


async def _shred(shelf: Shelf, journal: Journal, timeline: Timeline, file: str) -> bool:
    try:
        if not await asyncio.to_thread(shelf.holds, file) or await is_kept(timeline, file):
            return False
        gone = await asyncio.to_thread(shelf.destroy, file)
    except OSError as error:
        log.error("recording.not_shredded", file=file, error=str(error))
        return False
    await was_shredded(journal, file)
    log.info("recording.shredded", file=file, keys=list(gone.key_ids), why="another server deleted it")
    return True


async def _seal(shelf: Shelf, journal: Journal, media: Media) -> bool:
    try:
        key_id = await asyncio.to_thread(shelf.seal, media.file)
        if not key_id:
            return False  # on another server, or nowhere
        told = {"media_seq": media.seq, "key_id": key_id}
        at_ms = media.started_ms + media.duration_ms
        await journal.append(media.interaction_id, [Entry("recording.sealed", told, at_ms, "system")])
        await asyncio.to_thread(shelf.drop_plain, media.file)
    except (OSError, KeyDestroyed, NotSealed) as error:
        log.error("recording.not_sealed", file=media.file, error=str(error))
        return False
    return True
