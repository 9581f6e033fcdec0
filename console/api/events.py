"""Other channels write into the history: CloudEvents 1.0, or what a known system sends, each with its source's key."""

import asyncio
from typing import Annotated, Literal

import structlog
from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from console.api_tokens import bearer
from console.event_sources import EventSource, EventSources
from console.guard import refusal
from history import Journal
from history.ingestion.envelope import MAX_BATCH, EventConflict, Received, received
from history.ingestion.formats import FORMATS

log = structlog.get_logger()

LARGEST_BATCH_BYTES = 1024 * 1024
LARGER = dict.fromkeys(("/api/events", *(f"/api/events/{name}" for name in FORMATS)), LARGEST_BATCH_BYTES)
"""Paths whose bodies may be larger than usual; who sends is asked before a body is read."""


class ReceiptView(BaseModel):
    """What became of one event. duplicate: it was there, the same; conflict: it was there with another body, and what
    was there stays."""

    source: str
    id: str
    interaction_id: str
    status: Literal["stored", "duplicate", "conflict"]


class ReceiptsView(BaseModel):
    """In the order of the events."""

    events: list[ReceiptView]


def events(journal: Journal, sources: EventSources) -> APIRouter:
    """`POST /api/events` and `POST /api/events/{form}`: 200 when all are stored or were there, 409 when one of them was
    there with another body (the others are stored), 400 when one is malformed (nothing is stored)."""
    router = APIRouter(prefix="/api/events", tags=["events"])

    async def sender(request: Request) -> EventSource:
        if (key := bearer(request.headers)) is None:
            raise refusal(401, "not_signed_in", "send a source's key as 'Authorization: Bearer …'; "
                                                "centralino history source-add makes one")  # fmt: skip
        if (source := await sources.find(key)) is None:
            raise refusal(401, "bad_key", "this source's key is unknown or revoked")
        return source

    source_of = Annotated[EventSource, Depends(sender)]

    @router.post("", response_model=ReceiptsView)
    async def receive(request: Request, source: source_of) -> JSONResponse:
        if "ce-specversion" in request.headers:
            raise refusal(415, "binary_mode", "send the event structured: application/cloudevents+json")
        return await taken(await request.body(), "cloudevents", source)

    @router.post("/{form}", response_model=ReceiptsView)
    async def receive_form(
        request: Request, source: source_of, form: Annotated[str, Path(max_length=40)]
    ) -> JSONResponse:
        if form not in FORMATS:
            raise refusal(404, "unknown_form", f"there is no form {form!r}; known are {', '.join(sorted(FORMATS))}")
        return await taken(await request.body(), form, source)

    async def taken(body: bytes, form: str, source: EventSource) -> JSONResponse:
        try:
            found = await asyncio.to_thread(_read, body, form, source.name)
            for event in found:
                if not source.may_send(event.source):
                    raise refusal(
                        403, "foreign_source",
                        f"this key writes events whose source is {source.name!r} or begins with '{source.name}/', "
                        f"not {event.source!r}",
                    )  # fmt: skip
            results = await journal.receive(found, trusted=source.verifies)
        except ValueError as error:
            raise refusal(400, "malformed", str(error)) from error
        views = [
            ReceiptView(source=e.source, id=e.id, interaction_id=e.interaction_id, status=_status(result))
            for e, result in zip(found, results, strict=True)
        ]
        conflicts = [view for view in views if view.status == "conflict"]
        log.info("events.received", source=source.name, events=len(views))
        if conflicts:  # not their ids: some are addresses
            log.error("events.conflict", source=source.name, events=len(conflicts))
        return JSONResponse(ReceiptsView(events=views).model_dump(), 409 if conflicts else 200)

    return router


def _status(result: bool | EventConflict) -> Literal["stored", "duplicate", "conflict"]:
    if isinstance(result, EventConflict):
        return "conflict"
    return "stored" if result else "duplicate"


def _read(body: bytes, form: str, source: str) -> list[Received]:
    """Raises ValueError naming the event."""
    found = []
    documents = FORMATS[form](body, source)
    if len(documents) > MAX_BATCH:
        raise ValueError(f"{len(documents)} events in one request; at most {MAX_BATCH}")
    for number, document in enumerate(documents, start=1):
        try:
            found.append(received(document))
        except ValueError as error:
            raise ValueError(f"event {number}: {error}") from error
    return found
