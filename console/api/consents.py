"""What people were told, agreed to and refused, with its proof: of one interaction, and of a contact."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict

from console.api.recordings import may_listen
from console.auditing import Auditing
from console.guard import Guard, refusal
from console.roles import READERS
from console.sessions import Session
from history import Timeline, UnknownContact, UnknownInteraction
from history.consents.proof import Consent
from history.consents.stored import consents_by, consents_in
from history.redaction import redact_text

Id = Annotated[str, Path(min_length=1, max_length=64)]


class ConsentView(BaseModel):
    """See `history.consents.proof.Consent`. seq, answer_seq: events of the interaction's log."""

    model_config = ConfigDict(from_attributes=True)

    interaction_id: str
    seq: int
    kind: str
    state: str
    at: datetime
    flowbook: str
    revision: str
    text_key: str
    language: str
    told_words: str
    started_ms: int | None
    ended_ms: int | None
    method: str
    answer_seq: int | None
    answer_key: str
    sound_sha512: str


def consents(timeline: Timeline, guard: Guard, auditing: Auditing) -> APIRouter:
    """The routes. A prompt may hold what is known of a person: who may not read the call as it was gets it redacted."""
    router = APIRouter(prefix="/api", tags=["consents"])
    reader = Annotated[Session, Depends(guard.having(*READERS))]
    of_contacts = Annotated[Session, Depends(guard.having("operator", "supervisor", "privacy-officer"))]

    @router.get("/interactions/{interaction_id}/consents")
    async def of_interaction(session: reader, interaction_id: Id, request: Request) -> list[ConsentView]:
        try:
            original = may_listen(session, await timeline.get(interaction_id))
            found = await consents_in(timeline, interaction_id)
        except UnknownInteraction:
            raise refusal(404, "unknown_interaction", f"there is no interaction {interaction_id!r}") from None
        await auditing.write(session, request, "consents.viewed", "interaction", interaction_id, original=original)
        return await _views(found, original)

    @router.get("/contacts/{contact_id}/consents")
    async def of_contact(session: of_contacts, contact_id: Id, request: Request) -> list[ConsentView]:
        try:
            found = await consents_by(timeline, contact_id)
        except UnknownContact:
            raise refusal(404, "unknown_contact", f"there is no contact {contact_id!r}") from None
        original = session.account.has("supervisor", "privacy-officer")
        await auditing.write(session, request, "consents.viewed", "contact", contact_id, original=original)
        return await _views(found, original)

    return router


async def _views(found: list[Consent], original: bool) -> list[ConsentView]:
    views = [ConsentView.model_validate(one) for one in found]
    if not original:
        texts = await asyncio.to_thread(lambda: [redact_text(view.told_words) for view in views])
        for view, text in zip(views, texts, strict=True):
            view.told_words = text
    return views
