"""Recordings: who may hear them, that they did, deleting them, and pausing the one under way."""

import asyncio
import io
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Annotated, Literal, Protocol

import structlog
from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel

from console.api.signing_in import Strict
from console.api.views import RecordingView
from console.auditing import Auditing
from console.guard import Guard, refusal
from console.sessions import Session
from console.sound_response import sound_response
from history import Entry, InteractionDetail, Journal, Media, Timeline, UnknownInteraction
from history.privacy.holds import hold_on
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
    """Supervisors, privacy officers, and the operator who took the call."""
    return session.account.has("supervisor", "privacy-officer") or session.account.id == detail.interaction.operator


def recordings(
    timeline: Timeline,
    journal: Journal,
    guard: Guard,
    keeping: Keeping,
    running: Callable[[str], RunningCall | None],
    listenings: Listenings,
    auditing: Auditing,
) -> APIRouter:
    """The routes. running: the call with an id, while it talks."""
    router = APIRouter(prefix="/api", tags=["recordings"])
    listener = Annotated[Session, Depends(guard.having("operator", "supervisor", "privacy-officer"))]
    officer = Annotated[Session, Depends(guard.having("privacy-officer"))]

    async def detail_for(session: Session, interaction_id: str) -> InteractionDetail:
        try:
            detail = await timeline.get(interaction_id)
        except UnknownInteraction:
            raise refusal(404, "unknown_interaction", f"there is no interaction {interaction_id!r}") from None
        if not may_listen(session, detail):
            raise refusal(
                403,
                "not_your_call",
                "only supervisors, privacy officers and the operator who took a call hear its recordings",
            )
        return detail

    def one_of(detail: InteractionDetail, seq: int) -> Media:
        media = next((one for one in detail.media if one.seq == seq), None)
        if media is None:
            raise refusal(404, "unknown_recording", f"this interaction has no recording {seq}")
        if media.deleted_at is not None:
            raise refusal(410, "recording_deleted", f"this recording was deleted on {media.deleted_at:%Y-%m-%d}")
        return media

    @router.get("/interactions/{interaction_id}/recordings")
    async def list_recordings(session: listener, interaction_id: InteractionId) -> list[RecordingView]:
        detail = await detail_for(session, interaction_id)
        return [RecordingView.model_validate(media) for media in detail.media]

    @router.get("/interactions/{interaction_id}/recordings/{seq}", response_class=Response)
    async def listen(
        session: listener, interaction_id: InteractionId, seq: Seq, request: Request, download: bool = False
    ) -> Response:
        detail = await detail_for(session, interaction_id)
        media = one_of(detail, seq)
        try:
            sound, size = await asyncio.to_thread(_opened, keeping, media)
        except FileNotFoundError:
            log.error("console.recording_missing", interaction=interaction_id, file=media.file)
            raise refusal(
                404, "recording_missing", f"the file {media.file} is not in the folder of recordings"
            ) from None
        how = "recording.downloaded" if download else "recording.played"
        if listenings.is_new(session.account.id, media, how):
            entry = Entry(how, {"media_seq": seq}, media.started_ms, session.account.id, datetime.now(UTC))
            await auditing.write(session, request, how, "interaction", interaction_id, media_seq=seq)
            await journal.append(interaction_id, [entry])
            listenings.written(session.account.id, media, how)
        name = PurePosixPath(media.file).name
        return sound_response(sound, size, request, name, media.sha512, download=download)

    @router.delete("/interactions/{interaction_id}/recordings/{seq}", status_code=204)
    async def delete(session: officer, interaction_id: InteractionId, seq: Seq, request: Request) -> None:
        media = one_of(await detail_for(session, interaction_id), seq)
        if (reason := await hold_on(timeline, interaction_id)) is not None:
            raise refusal(409, "held", f"a legal hold is in force ({reason}): lift it first")
        await auditing.write(session, request, "recording.deleted", "interaction", interaction_id, media_seq=seq)
        await keeping.delete(media, "an admin deleted it", session.account.id)

    @router.post("/calls/{interaction_id}/recording")
    async def pause_or_resume(session: listener, interaction_id: InteractionId, wish: Wanted) -> RecordingState:
        """Pause what is recorded and written down of a call, or resume it."""
        await detail_for(session, interaction_id)
        call = running(interaction_id)
        if call is None:
            raise refusal(409, "call_over", "this call is not under way on this server")
        return RecordingState(state=await call.operator_wants(wish.wanted, session.account.id))

    return router


def _opened(keeping: Keeping, media: Media) -> tuple[io.BufferedReader, int]:
    """The sound, and how many bytes it has."""
    sound = keeping.open(media)
    return sound, sound.seek(0, io.SEEK_END)
