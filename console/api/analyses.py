"""What was understood of an interaction, with its method and why; for who may read what callers said."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict

from console.auditing import Auditing
from console.guard import Guard
from console.roles import READERS
from console.sessions import Session
from history import Timeline
from history.analyses.stored import analyses_of


class AnalysisView(BaseModel):
    """type: 'topic', 'urgency', 'sentiment' (the caller's, from their words alone), 'summary', 'next_action'. method:
    'lexicon', 'extractive', 'rules', or 'openai:MODEL' where a language model wrote it: text, to be shown as such. why:
    the words it rests on, with the `seq` of their turn; of a model, which turns it was sent."""

    model_config = ConfigDict(from_attributes=True)

    type: str
    version: str
    method: str
    body: dict[str, Any]
    why: dict[str, Any]


def analyses(timeline: Timeline, guard: Guard, auditing: Auditing) -> APIRouter:
    """The route. What is shown holds a caller's words, so each look is in the audit log."""
    router = APIRouter(prefix="/api", tags=["analyses"])
    reader = Annotated[Session, Depends(guard.having(*READERS))]

    @router.get("/interactions/{interaction_id}/analyses")
    async def list_analyses(
        session: reader, interaction_id: Annotated[str, Path(min_length=1, max_length=64)], request: Request
    ) -> list[AnalysisView]:
        found = await analyses_of(timeline, interaction_id)
        await auditing.write(session, request, "analyses.viewed", "interaction", interaction_id)
        return [AnalysisView.model_validate(one) for one in found]

    return router
