"""What calls did at each step of a flowbook, for its picture in the console."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel

from console.api.flow_answers import told
from console.api.flow_graph import shelved
from console.flow_shelf import FlowShelf, Shelved
from console.guard import refusal
from console.sessions import Session
from history import Timeline
from history.deriving.passages import passages
from knowledge.revision import FLOWBOOK, Document, sha256_of
from knowledge.revision_names import PUBLISHED, body_named

# Dependencies are closures here, so annotations must not be postponed: FastAPI could not look their names up.


class StepPassagesView(BaseModel):
    """passed: calls that came by. ended: that were over there; dropped: of these, callers who hung up before the bot
    said goodbye and with no human on the line. no_match, no_input: each time."""

    passed: int
    ended: int
    dropped: int
    no_match: int
    no_input: int


class PassagesView(BaseModel):
    """revision: the beginning of the text's hash. calls: with this text. steps: by the ids of the graph's nodes."""

    revision: str
    first: date
    last: date
    calls: int
    steps: dict[str, StepPassagesView]


def flow_passages(
    shelf: FlowShelf, timeline: Timeline, flow_admin: Callable[[Request], Awaitable[Session]]
) -> APIRouter:
    """flow_admin: the session of who may edit flowbooks; refuses everybody else."""
    router = APIRouter(prefix="/api/flowbooks", tags=["flowbooks"])
    writer = Annotated[Session, Depends(flow_admin)]

    async def book(flowbook: Annotated[str, Path(max_length=100)], session: writer) -> Shelved:
        return await shelved(shelf, flowbook)

    @router.get("/{flowbook}/passages")
    async def of_steps(
        one: Annotated[Shelved, Depends(book)],
        first: Annotated[date, Query(alias="from")],
        last: Annotated[date, Query(alias="to")],
        state: Annotated[str, Query(max_length=64)] = PUBLISHED,
    ) -> PassagesView:
        """state: published, a revision's number, or six digits or more of its hash. from, to: days, both included."""
        async with told(shelf.unusable):
            body = await asyncio.to_thread(body_named, shelf.revisions, Document(FLOWBOOK, one.id), state)
        revision = sha256_of(body)[:12]
        try:
            found = await passages(timeline, revision, first, last)
        except ValueError as error:
            raise refusal(422, "bad_days", str(error)) from None
        steps = {name: StepPassagesView(**counts) for name, counts in found.steps.items()}
        return PassagesView(revision=revision, first=first, last=last, calls=found.calls, steps=steps)

    return router
