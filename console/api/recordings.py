"""Recordings: who may hear them, that they did, deleting them, and pausing the one under way."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Literal, Protocol

import structlog
from fastapi import APIRouter, Depends, Path, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel

from console.api.signing_in import Strict
from console.api.views import RecordingView
from console.guard import Guard, refusal
from console.sessions import Session
from history import Entry, InteractionDetail, Journal, Media, Timeline, UnknownInteraction
from telephony.recording.keeping import Keeping

log = structlog.get_logger()

SAME_LISTENING_S = 300.0
"""A player asks for a recording piece by piece: one entry in the history for each person, recording and so long."""
_MOST_LISTENINGS = 1000

InteractionId = Annotated[str, Path(min_length=1, max_length=64)]
Seq = Annotated[int, Path(ge=1)]


class RunningCall(Protocol):
    """What is needed of a call under way; `telephony.call.Call` is one."""

    async def operator_wants(self, wanted: str, who: str) -> str: ...


class Wanted(Strict):
    wanted: Literal["pause", "resume"]


class RecordingState(BaseModel):
    """'off' | 'on' | 'paused' | 'failed'."""

    state: str


class Listenings:
    """Who has just been written down as listening to what. now: a monotonic clock in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._since: dict[tuple[str, str, int, str], float] = {}

    def is_new(self, who: str, media: Media, how: str) -> bool:
        last_s = self._since.get((who, media.interaction_id, media.seq, how))
        return last_s is None or self._now() - last_s >= SAME_LISTENING_S

    def written(self, who: str, media: Media, how: str) -> None:
        self._since.pop((who, media.interaction_id, media.seq, how), None)
        while len(self._since) >= _MOST_LISTENINGS:
            del self._since[next(iter(self._since))]
        self._since[who, media.interaction_id, media.seq, how] = self._now()


def may_listen(session: Session, detail: InteractionDetail) -> bool:
    """Admins, and the operator who took the call."""
    return session.account.role == "admin" or session.account.id == detail.interaction.operator


def recordings(
    timeline: Timeline,
    journal: Journal,
    guard: Guard,
    keeping: Keeping,
    running: Callable[[str], RunningCall | None],
    listenings: Listenings,
) -> APIRouter:
    """The routes. running: the call with an id, while it talks."""
    router = APIRouter(prefix="/api", tags=["recordings"])
    signed_in = Annotated[Session, Depends(guard.signed_in)]
    admin = Annotated[Session, Depends(guard.admin)]

    async def detail_for(session: Session, interaction_id: str) -> InteractionDetail:
        try:
            detail = await timeline.get(interaction_id)
        except UnknownInteraction:
            raise refusal(404, "unknown_interaction", f"there is no interaction {interaction_id!r}") from None
        if not may_listen(session, detail):
            raise refusal(403, "not_your_call", "only admins and the operator who took a call hear its recordings")
        return detail

    def one_of(detail: InteractionDetail, seq: int) -> Media:
        media = next((one for one in detail.media if one.seq == seq), None)
        if media is None:
            raise refusal(404, "unknown_recording", f"this interaction has no recording {seq}")
        if media.deleted_at is not None:
            raise refusal(410, "recording_deleted", f"this recording was deleted on {media.deleted_at:%Y-%m-%d}")
        return media

    @router.get("/interactions/{interaction_id}/recordings")
    async def list_recordings(session: signed_in, interaction_id: InteractionId) -> list[RecordingView]:
        detail = await detail_for(session, interaction_id)
        return [RecordingView.model_validate(media) for media in detail.media]

    @router.get("/interactions/{interaction_id}/recordings/{seq}", response_class=FileResponse)
    async def listen(session: signed_in, interaction_id: InteractionId, seq: Seq, download: bool = False) -> Response:
        detail = await detail_for(session, interaction_id)
        media = one_of(detail, seq)
        try:
            path = await asyncio.to_thread(keeping.readable, media)
        except FileNotFoundError:
            log.error("console.recording_missing", interaction=interaction_id, file=media.file)
            raise refusal(
                404, "recording_missing", f"the file {media.file} is not in the folder of recordings"
            ) from None
        how = "recording.downloaded" if download else "recording.played"
        if listenings.is_new(session.account.id, media, how):
            entry = Entry(how, {"media_seq": seq}, media.started_ms, session.account.id, datetime.now(UTC))
            await journal.append(interaction_id, [entry])
            listenings.written(session.account.id, media, how)
        kind = "attachment" if download else "inline"
        return FileResponse(path, media_type="audio/ogg", filename=path.name, content_disposition_type=kind)

    @router.delete("/interactions/{interaction_id}/recordings/{seq}", status_code=204)
    async def delete(session: admin, interaction_id: InteractionId, seq: Seq) -> None:
        media = one_of(await detail_for(session, interaction_id), seq)
        await keeping.delete(media, "an admin deleted it", session.account.id)

    @router.post("/calls/{interaction_id}/recording")
    async def pause_or_resume(session: signed_in, interaction_id: InteractionId, wish: Wanted) -> RecordingState:
        """Pause what is recorded and written down of a call, or resume it."""
        await detail_for(session, interaction_id)
        call = running(interaction_id)
        if call is None:
            raise refusal(409, "call_over", "this call is not under way on this server")
        return RecordingState(state=await call.operator_wants(wish.wanted, session.account.id))

    return router
