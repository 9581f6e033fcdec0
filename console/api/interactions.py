"""The shared history for who is signed in: calls, and transcripts with their reasons."""

import asyncio
import statistics
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
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
    SurveyResponseView,
    TurnView,
    WhyView,
    WrapUpView,
)
from console.auditing import Auditing
from console.explaining import as_recognized, why_answers
from console.guard import Guard, refusal
from console.roles import READERS
from console.sessions import Session
from history import Interaction, InteractionDetail, Segment, Timeline, UnknownInteraction
from history.redaction import redact_text
from history.redaction.events import redacted_log

InteractionId = Annotated[str, Path(min_length=1, max_length=64)]
Filter = Annotated[str | None, Query(max_length=64)]


def interactions(timeline: Timeline, accounts: Accounts, guard: Guard, auditing: Auditing) -> APIRouter:
    """The routes. Who takes calls, writes what the bot says, or watches over either may read; a whole
    export is for privacy officers. Supervisors, privacy officers and the operator who took the call see what was
    said as it was, others without identifiers. Every view and export is in the audit log before it is answered."""
    router = APIRouter(prefix="/api", tags=["interactions"])
    reader = Annotated[Session, Depends(guard.having(*READERS))]
    officer = Annotated[Session, Depends(guard.having("privacy-officer"))]

    async def operator_names() -> Mapping[str, str]:
        return {account.id: account.display_name for account in await accounts.list_accounts()}

    async def detail_of(interaction_id: str) -> InteractionDetail:
        try:
            return await timeline.get(interaction_id)
        except UnknownInteraction:
            raise refusal(404, "unknown_interaction", f"there is no interaction {interaction_id!r}") from None

    @router.get("/interactions")
    async def list_interactions(
        session: reader,
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
    async def get_interaction(
        session: reader, interaction_id: InteractionId, request: Request
    ) -> InteractionDetailView:
        detail = await detail_of(interaction_id)
        events = await timeline.events(interaction_id)
        original = may_listen(session, detail)
        await auditing.write(session, request, "transcript.viewed", "interaction", interaction_id, original=original)
        if not original:
            events = await asyncio.to_thread(redacted_log, events)
            texts = {event.seq: str(event.payload.get("text", "")) for event in events if event.type == "transcript"}
            shown = tuple(replace(one, text=texts.get(one.seq) or redact_text(one.text)) for one in detail.transcript)
            work = tuple(replace(one, note=redact_text(one.note)) for one in detail.wrapups)
            answers = tuple(replace(one, comment=redact_text(one.comment)) for one in detail.surveys)
            detail = replace(detail, transcript=shown, wrapups=work, surveys=answers)
        reasons, recognized = why_answers(events), as_recognized(events)
        turns = []
        for segment in detail.transcript:
            turn = TurnView.model_validate(segment)
            turn.heard = recognized.get(segment.seq)
            if segment.seq in reasons:
                turn.why = WhyView.model_validate(reasons[segment.seq])
            turns.append(turn)
        names = await operator_names()
        wrapups = [WrapUpView.model_validate(done) for done in detail.wrapups]
        for done in wrapups:
            done.operator_name = names.get(done.operator, done.operator)
        return InteractionDetailView(
            interaction=_view(detail.interaction, names, detail.transcript),
            transcript=turns,
            callbacks=[CallbackView.model_validate(callback) for callback in detail.callbacks],
            recordings=[RecordingView.model_validate(one) for one in detail.media if may_listen(session, detail)],
            wrapups=wrapups,
            surveys=[SurveyResponseView.model_validate(answer) for answer in detail.surveys],
        )

    @router.get("/interactions/{interaction_id}/events")
    async def list_events(
        session: reader, interaction_id: InteractionId, request: Request, after: Annotated[int, Query(ge=0)] = 0
    ) -> list[EventView]:
        try:
            detail = await timeline.get(interaction_id)
        except UnknownInteraction:
            return []
        events, original = await timeline.events(interaction_id), may_listen(session, detail)
        await auditing.write(session, request, "events.viewed", "interaction", interaction_id, original=original)
        if not original:
            events = await asyncio.to_thread(redacted_log, events)
        return [EventView.model_validate(event) for event in events if event.seq > after]

    @router.get("/interactions/{interaction_id}/export")
    async def export(session: officer, interaction_id: InteractionId, request: Request) -> Response:
        detail = await detail_of(interaction_id)
        await auditing.write(session, request, "interaction.exported", "interaction", interaction_id)
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
