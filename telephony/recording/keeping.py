"""What becomes of recordings afterwards: those of a dead server are found again, those whose time is over deleted."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
        """Until cancelled. At first all that an earlier server could not finish is found again, then what this one
        could not, an hour later: nobody writes to it any more."""
        before, since = datetime.now(UTC), None
        while True:
            try:
                await self.adopt_unfinished(before, since)
                while await self.delete_due(datetime.now(UTC)):
                    pass
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

    async def adopt_unfinished(self, before: datetime, since: datetime | None = None) -> None:
        """The same for recordings whose end a disk did not take in time; before, since: as of the timeline."""
        for interaction_id in await self._timeline.recordings_unfinished(before, since):
            for found in await self._open_recordings(interaction_id):
                if found.unfinished:
                    await self._adopt(interaction_id, found, found.at_ms)

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
        path = self._folder / found.file
        about: dict[str, Any] = {"file": found.file, "reason": found.reason, "started_ms": found.started_ms}
        try:
            if not found.keep:
                await asyncio.to_thread(path.unlink, missing_ok=True)
                await self._journal.append(interaction_id, [Entry("recording.discarded", about, at_ms)])
                return
            size, sha512, duration_ms = await asyncio.to_thread(_read, path)
        except FileNotFoundError:
            log.warning("recording.lost", interaction=interaction_id, file=found.file)
            await self._journal.append(interaction_id, [Entry("recording.discarded", about, at_ms)])
            return
        except OSError as error:
            log.error("recording.not_adopted", interaction=interaction_id, file=found.file, error=str(error))
            return
        ended_at = found.ended_at or datetime.now(UTC)
        after = None if found.kept_days is None else (ended_at + timedelta(days=found.kept_days)).isoformat()
        about |= {"bytes": size, "sha512": sha512, "duration_ms": duration_ms}
        about |= {"media_type": MEDIA_TYPE, "delete_after": after}
        await self._journal.append(interaction_id, [Entry("recording.stored", about, at_ms)])
        log.info("recording.adopted", interaction=interaction_id, file=found.file)


def _read(path: Path) -> tuple[int, str, int]:
    """Size, checksum and length in ms of a file that may end in the middle of a page. One that cannot be played, as its
    writer died before its first page, has no length; but it is there, and must be deleted in its time."""
    with path.open("rb") as file:
        sha512 = hashlib.file_digest(file, "sha512").hexdigest()
    size = path.stat().st_size
    try:
        with soundfile.SoundFile(str(path)) as sound:
            return size, sha512, sound.frames * 1000 // sound.samplerate
    except soundfile.SoundFileError:
        return size, sha512, 0
