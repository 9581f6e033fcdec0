"""Interactions as vCon files, given out and taken in: for privacy officers, and for commands of this machine."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel

from console.api.webhooks import Who
from console.guard import refusal
from history import Entry, Journal, Media, Timeline, UnknownInteraction
from history.privacy.audit import Audit
from history.privacy.chain import Act
from history.redaction import redact_turns
from history.vcon.content import LARGEST_BODY_BYTES
from history.vcon.exporting import to_bytes
from history.vcon.importing import LARGEST_VCON_BYTES, NotAVcon, Read, VconConflict, import_vcon, read_vcon
from history.vcon.stored import stored_vcon
from telephony.recording.shelf import Shelf

log = structlog.get_logger()

MEDIA_TYPE = "application/vcon+json"
LARGER = {"/api/vcons": LARGEST_VCON_BYTES}
"""Paths whose bodies may be larger than usual."""
LARGEST_SOUND_BYTES = LARGEST_BODY_BYTES
"""Of all recordings of one vCon together."""


class VconTaken(BaseModel):
    """new: False when it was there, the same. recordings: how many were inside and are kept now. left_out: parts
    that are not kept: too large for the log, or put by somebody else into one of ours."""

    interaction_id: str
    new: bool
    recordings: int
    left_out: int


def vcons(timeline: Timeline, journal: Journal, who: Who, shelf: Shelf | None) -> APIRouter:
    """The routes. shelf: where recordings lie, None where nothing is recorded. Every export and import is
    logged with who made it."""
    router = APIRouter(prefix="/api", tags=["vcon"])
    asking = Annotated[str, Depends(who)]

    @router.get("/interactions/{interaction_id}/vcon")
    async def export(
        actor: asking,
        interaction_id: Annotated[str, Path(min_length=1, max_length=64)],
        audio: Annotated[bool, Query()] = False,
        redacted: Annotated[bool, Query()] = False,
    ) -> Response:
        """audio: with the recordings inside. redacted: without names, numbers, sound and log."""
        try:
            media = (await timeline.get(interaction_id)).media
        except UnknownInteraction:
            raise refusal(404, "unknown_interaction", f"there is no interaction {interaction_id!r}") from None
        sound: dict[int, bytes] = {}
        if audio and shelf is not None and not redacted:
            try:
                sound = await asyncio.to_thread(_sound, shelf, media)
            except ValueError as error:
                raise refusal(413, "too_large", str(error)) from None
        vcon = await stored_vcon(timeline, interaction_id, audio=sound, redact=_redacted if redacted else None)
        raw = await asyncio.to_thread(to_bytes, vcon)
        detail = {"audio": len(sound), "redacted": redacted}
        act = Act(actor, "privacy-officer", "vcon.exported", "interaction", interaction_id, detail=detail)
        await Audit(journal, timeline).write(act)
        headers = {"Content-Disposition": 'attachment; filename="interaction.vcon"'}
        return Response(raw, media_type=MEDIA_TYPE, headers=headers)

    @router.post("/vcons")
    async def take(actor: asking, request: Request) -> VconTaken:
        """One vCon in the body. 409 when the interaction is there and says something else."""
        raw = await request.body()
        try:
            read = await asyncio.to_thread(read_vcon, raw)
            keys: dict[str, str] = {}
            if shelf is not None:
                keys = await asyncio.to_thread(_keep, shelf, await _belonging(read, journal, timeline))
            new = await import_vcon(read, journal, timeline)
            await _tell_keys(read.interaction_id, keys, journal, timeline)
        except NotAVcon as error:
            raise refusal(422, "not_a_vcon", str(error)) from None
        except VconConflict as error:
            raise refusal(409, "conflict", str(error)) from None
        log.info("vcon.imported", actor=actor, interaction=read.interaction_id, new=new)
        return VconTaken(interaction_id=read.interaction_id, new=new, recordings=len(keys), left_out=read.left_out)

    return router


def _redacted(turns: Sequence[tuple[str, str]]) -> Sequence[str]:
    return redact_turns(turns).texts


def _sound(shelf: Shelf, media: Sequence[Media]) -> dict[int, bytes]:
    """Those that are there. Raises ValueError when they are too large together, and what opening one raises."""
    found: dict[int, bytes] = {}
    left = LARGEST_SOUND_BYTES
    for one in media:
        if one.deleted_at is not None or not _is_sound(one.file):
            continue
        with suppress(FileNotFoundError), shelf.open(one.file) as sound:
            content = sound.read(left + 1)
            left -= len(content)
            if left < 0:
                raise ValueError(f"its recordings are over {LARGEST_SOUND_BYTES} bytes; export it without audio")
            found[one.seq] = content
    return found


async def _belonging(read: Read, journal: Journal, timeline: Timeline) -> Mapping[str, bytes]:
    """The recordings that are to be kept: all of an interaction that is new. Of one that was there, those that it still
    has, which may have been lost, if they are the same; none where several servers share the history: another may have
    them."""
    try:
        there = await timeline.get(read.interaction_id)
    except UnknownInteraction:
        return read.audio
    if journal.database.shared:
        return {}
    left = {media.file: media.sha512 for media in there.media if media.deleted_at is None}
    return {name: sound for name, sound in read.audio.items() if hashlib.sha512(sound).hexdigest() == left.get(name)}


def _keep(shelf: Shelf, audio: Mapping[str, bytes]) -> dict[str, str]:
    """Encrypt recordings where their log says they are, unless something is there; the ids of their keys, by file.
    Raises NotAVcon for a name that leads elsewhere, KeysUnavailable, OSError."""
    keys: dict[str, str] = {}
    for name, raw in audio.items():
        try:
            if not _is_sound(name):
                raise FileNotFoundError(name)
            key_id = shelf.put(name, raw)
        except FileNotFoundError:
            raise NotAVcon(f"the recording {name[:100]!r} is not in the folder of recordings") from None
        if key_id is not None:
            keys[name] = key_id
    return keys


async def _tell_keys(interaction_id: str, keys: Mapping[str, str], journal: Journal, timeline: Timeline) -> None:
    """The log that was taken in knows keys of the server it comes from, if any: here they are others."""
    if not keys:
        return
    media = (await timeline.get(interaction_id)).media
    told = [
        Entry("recording.sealed", {"media_seq": one.seq, "key_id": keys[one.file]}, one.started_ms + one.duration_ms)
        for one in media
        if one.file in keys and one.deleted_at is None
    ]
    if told:
        await journal.append(interaction_id, told)


def _is_sound(name: str) -> bool:
    return PurePosixPath(name).suffix in (".ogg", ".opus", ".wav")
