"""What becomes of recordings afterwards: those of a dead server are found again, those whose time is over deleted."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BufferedReader
from typing import Any

import soundfile
import structlog

from history import Entry, HistoryUnavailable, Journal, LostCall, Media, Timeline
from history.lost_calls import ended_as_lost
from history.privacy.shredding import is_erased, unlisted
from telephony.recording.call_recording import MEDIA_TYPE, call_of
from telephony.recording.rounds import seal_plain, shred_asked
from telephony.recording.sealing.key_store import KeyDestroyed
from telephony.recording.sealing.master_key import KeysUnavailable
from telephony.recording.sealing.sealed_file import NotSealed
from telephony.recording.shelf import Shelf

log = structlog.get_logger()

EVERY_S = 3600.0
"""How often is looked for recordings whose time is over."""
LOOKED_BACK = timedelta(days=2)
"""Longer than any call with its unfinished recording."""


@dataclass(frozen=True)
class _Begun:
    """A recording that began. at_ms, ended_at: of the last that the history tells of it. keep False: a caller did not
    want it."""

    file: str
    started_ms: int
    kept_days: int | None
    at_ms: int
    unfinished: bool = False
    reason: str = "node_lost"
    keep: bool = True
    ended_at: datetime | None = None


class Keeping:
    """shelf: where recordings lie."""

    def __init__(self, shelf: Shelf, journal: Journal, timeline: Timeline) -> None:
        self._shelf, self._journal, self._timeline = shelf, journal, timeline

    @property
    def shelf(self) -> Shelf:
        return self._shelf

    def open(self, media: Media) -> BufferedReader:
        """Its sound, to be read and sought. Blocking. Raises FileNotFoundError when it was deleted, is not here, or
        names a place outside the folder; KeyDestroyed, KeysUnavailable, NotSealed."""
        if media.deleted_at is not None:
            raise FileNotFoundError(media.file)
        return self._shelf.open(media.file)

    async def delete(self, media: Media, why: str, who: str = "system") -> None:
        """Key and file are gone first, then the history says so: never the other way round. Raises OSError and
        HistoryUnavailable; trying again does no harm. A recording of another server, which shares the history, is
        destroyed there within the hour (`shred_asked`)."""
        gone = await asyncio.to_thread(self._shelf.destroy, media.file)
        at_ms = media.started_ms + media.duration_ms
        told = {"media_seq": media.seq, "why": why, "here": gone.here}
        await self._journal.append(media.interaction_id, [Entry("recording.deleted", told, at_ms, actor=who)])
        log.info(
            "recording.deleted", interaction=media.interaction_id, why=why, keys=list(gone.key_ids), here=gone.here
        )

    async def delete_due(self, now: datetime) -> int:
        """Those whose `delete_after` is over; how many. What cannot be deleted is told and tried again next time."""
        deleted = 0
        for media in await self._timeline.media_due(now):
            try:
                await self.delete(media, "its time is over")
                deleted += 1
            except OSError as error:
                log.error("recording.not_deleted", file=media.file, error=str(error))
        return deleted

    async def run(self) -> None:
        """Until cancelled. At first all that an earlier server could not finish is found again, then what this one
        could not, an hour later: nobody writes to it any more."""
        before, since, at_start = datetime.now(UTC), None, True
        while True:
            try:
                if at_start:
                    await self.adopt_left()
                    at_start = False
                await self.adopt_unfinished(before, since)
                while await self.delete_due(datetime.now(UTC)):
                    pass
                await shred_asked(self._shelf, self._journal, self._timeline)
                await seal_plain(self._shelf, self._journal, self._timeline)
            except HistoryUnavailable as error:
                log.error("recording.history_unavailable", error=str(error))
            await asyncio.sleep(EVERY_S)
            before = datetime.now(UTC) - timedelta(seconds=EVERY_S)
            since = before - LOOKED_BACK

    async def adopt(self, lost: Sequence[LostCall]) -> None:
        """Put what was recorded of these calls, whose server died, into their histories."""
        for call in lost:
            for found in await self._open_recordings(call.interaction_id):
                await self._adopt(call.interaction_id, found, call.last_at_ms)

    async def adopt_of(self, node: str, now: datetime) -> None:
        """The same for this node's calls of late that another server ended, as their own was dead."""
        since = now - LOOKED_BACK
        await self.adopt(await self._timeline.read(lambda connection: ended_as_lost(connection, node, since)))

    async def adopt_unfinished(self, before: datetime, since: datetime | None = None) -> None:
        """The same for recordings whose end a disk did not take in time; before, since: as of the timeline."""
        for interaction_id in await self._timeline.recordings_unfinished(before, since):
            for found in await self._open_recordings(interaction_id):
                if found.unfinished and await self._is_ours(found.file):
                    await self._adopt(interaction_id, found, found.at_ms)

    async def adopt_left(self) -> None:
        """The same for recordings that this server has the keys of, however long ago their calls were ended as lost and
        whatever this node was called then: what is in no list can neither be swept nor erased."""
        page = await asyncio.to_thread(self._shelf.keys.files)
        while page:
            calls = {file: call for file in page if (call := call_of(file))}
            for file in await unlisted(self._timeline, calls):
                for found in await self._open_recordings(calls[file]):
                    if found.file == file and not found.unfinished:
                        await self._adopt(calls[file], found, found.at_ms)
            page = await asyncio.to_thread(self._shelf.keys.files, page[-1])

    async def _is_ours(self, file: str) -> bool:
        """Where servers share the history, another one may have it, and finds it by itself."""
        try:
            return not self._journal.database.shared or await asyncio.to_thread(self._shelf.holds, file)
        except OSError as error:
            log.error("recording.not_adopted", file=file, error=str(error))
            return False

    async def _open_recordings(self, interaction_id: str) -> list[_Begun]:
        """Those that began and of which nothing tells what they became."""
        begun: dict[str, _Begun] = {}
        for event in await self._timeline.events(interaction_id):
            told = event.payload
            if event.type == "recording.started":
                begun[told["file"]] = _Begun(told["file"], event.at_ms, told.get("kept_days"), event.at_ms)
            elif event.type == "recording.unfinished" and told["file"] in begun:
                begun[told["file"]] = replace(
                    begun[told["file"]], at_ms=event.at_ms, unfinished=True,
                    reason=str(told["reason"]), keep=bool(told.get("keep", True)), ended_at=event.occurred_at,
                )  # fmt: skip
            elif event.type in ("recording.stored", "recording.discarded"):
                begun.pop(told["file"], None)
        return list(begun.values())

    async def _adopt(self, interaction_id: str, found: _Begun, at_ms: int) -> None:
        about: dict[str, Any] = {"file": found.file, "reason": found.reason, "started_ms": found.started_ms}
        try:
            if not found.keep or await is_erased(self._timeline, interaction_id):
                await asyncio.to_thread(self._shelf.destroy, found.file)
                await self._journal.append(interaction_id, [Entry("recording.discarded", about, at_ms)])
                return
            about |= await asyncio.to_thread(_read, self._shelf, found.file)
        except FileNotFoundError:
            log.warning("recording.lost", interaction=interaction_id, file=found.file)
            await self._journal.append(interaction_id, [Entry("recording.discarded", about, at_ms)])
            return
        except OSError as error:
            log.error("recording.not_adopted", interaction=interaction_id, file=found.file, error=str(error))
            return
        ended_at = found.ended_at or datetime.now(UTC)
        after = None if found.kept_days is None else (ended_at + timedelta(days=found.kept_days)).isoformat()
        about |= {"media_type": MEDIA_TYPE, "delete_after": after}
        await self._journal.append(interaction_id, [Entry("recording.stored", about, at_ms)])
        log.info("recording.adopted", interaction=interaction_id, file=found.file)


def _read(shelf: Shelf, file: str) -> dict[str, Any]:
    """Size, checksum, length and key of a recording that may end in the middle of a page. One that cannot be opened or
    played, as its writer died before its first page or its key cannot be used, has none of these; but it is there, and
    must be deleted in its time. Raises OSError."""
    about: dict[str, Any] = {"bytes": 0, "sha512": "", "duration_ms": 0, "key_id": ""}
    try:
        about["key_id"] = shelf.key_id(file)
        with shelf.open(file) as content:
            about["sha512"] = hashlib.file_digest(content, "sha512").hexdigest()
            about["bytes"] = content.seek(0, io.SEEK_END)
            content.seek(0)
            with soundfile.SoundFile(content) as sound:
                return about | {"duration_ms": sound.frames * 1000 // sound.samplerate}
    except (KeysUnavailable, KeyDestroyed, NotSealed) as error:
        log.error("recording.unreadable", file=file, error=str(error))
    except soundfile.SoundFileError:
        pass
    return about
