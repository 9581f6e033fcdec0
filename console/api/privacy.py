"""The audit log, legal holds and erasure, for privacy officers and for commands of this machine."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from console.guard import refusal
from history import Journal, Media, Timeline, UnknownContact
from history.privacy.audit import Audit
from history.privacy.chain import Act
from history.privacy.erasing import CannotErase, erase_contact
from history.privacy.holds import UnknownHold, holds, lift_hold, set_hold
from history.privacy.retention import Retention, Sweeper

Who = Callable[[Request], Awaitable[str]]
"""Who asks, as they are written down; refuses who may not."""
DeleteFile = Callable[[Media, str, str], Awaitable[None]]
"""Deletes a recording: why, and for whom."""
Id = Annotated[str, Path(min_length=1, max_length=64)]


class AuditRowView(BaseModel):
    """A row; detail: JSON text. hash: over all of it and the hash of the row before."""

    model_config = ConfigDict(from_attributes=True)

    seq: int
    at: str
    actor: str
    role: str
    action: str
    subject_kind: str
    subject_id: str
    origin: str
    detail: str
    prev_hash: str
    hash: str


class VerdictView(BaseModel):
    """rows: how many follow from each other; head: the hash of the last. bad_seq: the first that does not."""

    model_config = ConfigDict(from_attributes=True)

    rows: int
    head: str
    bad_seq: int | None
    why: str


class HoldIn(BaseModel):
    """On what, and why."""

    subject_kind: Literal["interaction", "contact"]
    subject_id: str = Field(min_length=1, max_length=64)
    reason: str = Field(min_length=1, max_length=255)


class HoldView(BaseModel):
    """lifted_at: None while it is in force."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    subject_kind: str
    subject_id: str
    reason: str
    set_by: str
    set_at: datetime
    lifted_by: str
    lifted_at: datetime | None


class HoldMade(BaseModel):
    """The id with which it is lifted."""

    id: str


class SweptView(BaseModel):
    """audio: recordings, as interaction/seq. words: interactions without their words. facts: interactions removed."""

    audio: list[str]
    words: list[str]
    facts: list[str]


async def nothing_recorded(media: Media, why: str, who: str) -> None:
    """Where there is no folder of recordings."""
    raise refusal(409, "no_recordings", f"the file {media.file} cannot be deleted: this server has no recordings")


def privacy(timeline: Timeline, journal: Journal, delete_file: DeleteFile, who: Who, retention: Retention) -> APIRouter:
    """The routes. delete_file: deletes a recording (for whom) and tells the history."""
    router = APIRouter(prefix="/api", tags=["privacy"])
    asking = Annotated[str, Depends(who)]
    audit = Audit(journal, timeline)

    @router.get("/audit")
    async def rows(
        actor: asking,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        before: Annotated[int | None, Query(ge=1)] = None,
        subject: Annotated[str | None, Query(max_length=128)] = None,
    ) -> list[AuditRowView]:
        """The newest first."""
        await audit.write(Act(actor, "privacy-officer", "audit.read", "audit", subject or ""))
        return [AuditRowView.model_validate(row) for row in await audit.rows(limit, before, subject)]

    @router.get("/audit/verification")
    async def verify(
        actor: asking,
        seq: Annotated[int, Query(ge=0)] = 0,
        head: Annotated[str, Query(max_length=64)] = "",
    ) -> VerdictView:
        """Whether the chain is whole; seq, head: a row that was noted elsewhere."""
        return VerdictView.model_validate(await audit.verify(seq=seq, head=head))

    @router.get("/holds")
    async def list_holds(actor: asking, lifted: bool = False) -> list[HoldView]:
        """Those in force; lifted: the others, too."""
        return [HoldView.model_validate(hold) for hold in await holds(timeline, in_force=not lifted)]

    @router.post("/holds", status_code=201)
    async def hold(actor: asking, wanted: HoldIn) -> HoldMade:
        """Nothing of it is deleted from now on."""
        try:
            made = await set_hold(journal, wanted.subject_kind, wanted.subject_id, wanted.reason, actor=actor)
        except ValueError as error:
            raise refusal(422, "bad_hold", str(error)) from None
        return HoldMade(id=made)

    @router.delete("/holds/{hold_id}", status_code=204)
    async def lift(actor: asking, hold_id: Id) -> None:
        try:
            await lift_hold(journal, hold_id, actor=actor)
        except UnknownHold:
            raise refusal(404, "unknown_hold", f"there is no hold {hold_id!r} in force") from None

    @router.post("/retention/sweep")
    async def sweep(actor: asking, dry_run: bool = False) -> SweptView:
        """Deletes what is over by now, as the server does every hour; dry_run: only says what that is."""
        sweeper = Sweeper(timeline, journal, retention, lambda media: delete_file(media, "its time is over", actor))
        found = await (sweeper.look() if dry_run else sweeper.sweep())
        audio = [f"{media.interaction_id}/{media.seq}" for media in found.audio]
        return SweptView(audio=audio, words=list(found.words), facts=list(found.facts))

    @router.post("/contacts/{contact_id}/erasure")
    async def erase(actor: asking, contact_id: Id) -> dict[str, Any]:
        """Erases the person; the answer is the receipt, to be kept and given to them."""

        async def delete(media: Media) -> None:
            await delete_file(media, "their person was erased", actor)

        try:
            return await erase_contact(timeline, journal, contact_id, actor=actor, delete_file=delete)
        except UnknownContact:
            raise refusal(404, "unknown_contact", f"there is no contact {contact_id!r}") from None
        except CannotErase as error:
            raise refusal(409, "cannot_erase", str(error)) from None

    return router
