"""The shared history for who is signed in: calls, and transcripts with their reasons."""

import asyncio
import statistics
from collections.abc import Mapping
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import JSONResponse

from console.accounts import Accounts
from console.api.recordings import may_listen
from console.api.views import (
    CallbackView,
    EventView,
    InteractionDetailView,
    InteractionPage,
    InteractionView,
    RecordingView,
    TurnView,
    WhyView,
)
from console.explaining import as_recognized, why_answers
from console.guard import Guard, refusal
from console.sessions import Session
from history import Interaction, InteractionDetail, Segment, Timeline, UnknownInteraction

log = structlog.get_logger()

InteractionId = Annotated[str, Path(min_length=1, max_length=64)]
Filter = Annotated[str | None, Query(max_length=64)]


def interactions(timeline: Timeline, accounts: Accounts, guard: Guard) -> APIRouter:
    """The routes. Operators and admins may read; a whole export is for admins. Every view and export is logged."""
    router = APIRouter(prefix="/api", tags=["interactions"])
    signed_in = Annotated[Session, Depends(guard.signed_in)]
    admin = Annotated[Session, Depends(guard.admin)]

    async def operator_names() -> Mapping[str, str]:
        return {account.id: account.display_name for account in await accounts.list_accounts()}

    async def detail_of(interaction_id: str) -> InteractionDetail:
        try:
            return await timeline.get(interaction_id)
        except UnknownInteraction:
            raise refusal(404, "unknown_interaction", f"there is no interaction {interaction_id!r}") from None

    @router.get("/interactions")
    async def list_interactions(
        session: signed_in,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: Filter = None,
        line: Filter = None,
        outcome: Filter = None,
    ) -> InteractionPage:
        found = await timeline.list_interactions(limit, before, line=line or None, outcome=outcome or None)
        names = await operator_names()
        details = await asyncio.gather(*(timeline.get(row.id) for row in found))
        views = [_view(detail.interaction, names, detail.transcript) for detail in details]
        return InteractionPage(interactions=views, before=found[-1].id if len(found) == limit else None)

    @router.get("/interactions/{interaction_id}")
    async def get_interaction(session: signed_in, interaction_id: InteractionId) -> InteractionDetailView:
        detail = await detail_of(interaction_id)
        events = await timeline.events(interaction_id)
        reasons, recognized = why_answers(events), as_recognized(events)
        log.info("console.transcript_viewed", account=session.account.name, interaction=interaction_id)
        turns = []
        for segment in detail.transcript:
            turn = TurnView.model_validate(segment)
            turn.heard = recognized.get(segment.seq)
            if segment.seq in reasons:
                turn.why = WhyView.model_validate(reasons[segment.seq])
            turns.append(turn)
        return InteractionDetailView(
            interaction=_view(detail.interaction, await operator_names(), detail.transcript),
            transcript=turns,
            callbacks=[CallbackView.model_validate(callback) for callback in detail.callbacks],
            recordings=[RecordingView.model_validate(one) for one in detail.media if may_listen(session, detail)],
        )

    @router.get("/interactions/{interaction_id}/events")
    async def list_events(
        session: signed_in, interaction_id: InteractionId, after: Annotated[int, Query(ge=0)] = 0
    ) -> list[EventView]:
        return [EventView.model_validate(event) for event in await timeline.events(interaction_id, after)]

    @router.get("/interactions/{interaction_id}/export")
    async def export(session: admin, interaction_id: InteractionId) -> Response:
        detail = await detail_of(interaction_id)
        log.info("console.exported", account=session.account.name, interaction=interaction_id)
        headers = {"Content-Disposition": f'attachment; filename="{_file_name(detail.interaction.id)}.json"'}
        return JSONResponse(await timeline.export(interaction_id), headers=headers)

    return router


def _view(row: Interaction, operator_names: Mapping[str, str], transcript: tuple[Segment, ...]) -> InteractionView:
    view = InteractionView.model_validate(row)
    view.operator_name = operator_names.get(row.operator, row.operator)
    latencies = [segment.latency_ms for segment in transcript if segment.latency_ms is not None]
    view.latency_ms = round(statistics.median(latencies)) if latencies else None
    return view


def _file_name(interaction_id: str) -> str:
    return "".join(c for c in interaction_id if c.isascii() and (c.isalnum() or c in "-_")) or "interaction"
