"""Threads across channels put right by people: joined, begun anew, and taken back."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from console.guard import Guard, refusal
from console.sessions import Session
from history import Journal
from history.thread_decisions import NotTogether, UnknownDecision, begin_thread, join_threads, take_back

log = structlog.get_logger()

Id = Annotated[str, Path(min_length=1, max_length=64)]


class JoinIn(BaseModel):
    """Another interaction of the same contact."""

    other: str = Field(min_length=1, max_length=64)


class DecisionMade(BaseModel):
    """The id with which it is taken back."""

    id: str


def threads(journal: Journal, guard: Guard) -> APIRouter:
    """The routes. Operators and admins may decide; decisions are logged."""
    router = APIRouter(prefix="/api", tags=["threads"])
    operator = Annotated[Session, Depends(guard.having("operator", "supervisor"))]

    @router.post("/interactions/{interaction_id}/thread/join")
    async def join(session: operator, interaction_id: Id, wanted: JoinIn) -> DecisionMade:
        """Its thread and the other's are one."""
        try:
            made = await join_threads(journal, interaction_id, wanted.other, actor=session.account.id)
        except NotTogether as error:
            raise refusal(422, "not_together", str(error)) from None
        log.info("console.threads_joined", account=session.account.name, decision=made)
        return DecisionMade(id=made)

    @router.post("/interactions/{interaction_id}/thread/begin")
    async def begin(session: operator, interaction_id: Id) -> DecisionMade:
        """With it something new begins."""
        try:
            made = await begin_thread(journal, interaction_id, actor=session.account.id)
        except NotTogether as error:
            raise refusal(404, "unknown_interaction", str(error)) from None
        log.info("console.thread_begun", account=session.account.name, decision=made)
        return DecisionMade(id=made)

    @router.delete("/thread-decisions/{decision_id}", status_code=204)
    async def undo(session: operator, decision_id: Id) -> None:
        try:
            await take_back(journal, decision_id, actor=session.account.id)
        except UnknownDecision:
            raise refusal(404, "unknown_decision", f"there is no decision {decision_id!r} that counts") from None
        log.info("console.thread_decision_undone", account=session.account.name, decision=decision_id)

    return router
