"""What becomes of recordings afterwards: those of a dead server are found again, those whose time is over deleted."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import soundfile
import structlog

from history import Entry, HistoryUnavailable, Journal, LostCall, Media, Timeline
from telephony.recording.call_recording import MEDIA_TYPE

log = structlog.get_logger()

EVERY_S = 3600.0
"""How often is looked for recordings whose time is over."""


class Keeping:
    """folder: where recordings lie."""

    def __init__(self, folder: Path, journal: Journal, timeline: Timeline) -> None:
        self._folder, self._journal, self._timeline = folder, journal, timeline

    def path(self, media: Media) -> Path:
        """Its file. Raises FileNotFoundError when it was deleted, or names a place outside the folder."""
        path = (self._folder / media.file).resolve()
        if media.deleted_at is not None or not path.is_relative_to(self._folder.resolve()):
            raise FileNotFoundError(media.file)
        return path

    def readable(self, media: Media) -> Path:
        """The same for reading: raises FileNotFoundError when there is no such file. Blocking."""
        path = self.path(media)
        if not path.is_file():
            raise FileNotFoundError(media.file)
        return path

    async def delete(self, media: Media, why: str, who: str = "system") -> None:
        """The file is gone first, then the history says so: never the other way round. Raises OSError and
        HistoryUnavailable; trying again does no harm."""
        await asyncio.to_thread(self.path(media).unlink, missing_ok=True)
        at_ms = media.started_ms + media.duration_ms
        gone = Entry("recording.deleted", {"media_seq": media.seq, "why": why}, at_ms, actor=who)
        await self._journal.append(media.interaction_id, [gone])
        log.info("recording.deleted", interaction=media.interaction_id, why=why)

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
        """Until cancelled."""
        while True:
            try:
                while await self.delete_due(datetime.now(UTC)):
                    pass
            except HistoryUnavailable as error:
                log.error("recording.history_unavailable", error=str(error))
            await asyncio.sleep(EVERY_S)

    async def adopt(self, lost: Sequence[LostCall]) -> None:
        """Put what was recorded of these calls, whose server died, into their histories."""
        for call in lost:
            under_way: dict[str, Any] | None = None
            for event in await self._timeline.events(call.interaction_id):
                if event.type == "recording.started":
                    under_way = {**event.payload, "at_ms": event.at_ms}
                elif event.type in ("recording.stored", "recording.discarded"):
                    under_way = None
            if under_way:
                await self._adopt(call, under_way)

    async def _adopt(self, call: LostCall, started: dict[str, Any]) -> None:
        path = self._folder / str(started["file"])
        try:
            size, sha512, duration_ms = await asyncio.to_thread(_read, path)
        except (OSError, soundfile.SoundFileError) as error:
            log.warning("recording.lost", interaction=call.interaction_id, error=str(error))
            return
        days = started.get("kept_days")
        after = None if days is None else (datetime.now(UTC) + timedelta(days=days)).isoformat()
        about = {"file": started["file"], "reason": "node_lost", "started_ms": started["at_ms"], "bytes": size}
        about |= {"sha512": sha512, "duration_ms": duration_ms, "media_type": MEDIA_TYPE, "delete_after": after}
        await self._journal.append(call.interaction_id, [Entry("recording.stored", about, call.last_at_ms)])


def _read(path: Path) -> tuple[int, str, int]:
    """Size, checksum and length in ms of a file that may end in the middle of a page."""
    with path.open("rb") as file:
        sha512 = hashlib.file_digest(file, "sha512").hexdigest()
    with soundfile.SoundFile(str(path)) as sound:
        return path.stat().st_size, sha512, sound.frames * 1000 // sound.samplerate
