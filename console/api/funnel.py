"""How far the bot's sessions come, for supervisors and flow admins: as JSON or CSV."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from console.guard import Guard, refusal
from console.sessions import Session
from history.csv_text import written
from history.deriving.report import KpiReport
from history.kpis.funnel import STAGES


class StageView(BaseModel):
    """sessions: that came so far; each stage is a part of the one before. passed: of these, they ended here with
    people, or with the promise of a call-back; lost: ended here otherwise. definition: in English."""

    stage: str
    sessions: int
    passed: int
    lost: int
    definition: str


class FunnelView(BaseModel):
    first: date
    last: date
    line: str
    stages: list[StageView]


def funnel(report: KpiReport, guard: Guard) -> APIRouter:
    """The route. Nothing here is about one operator, or one contact."""
    router = APIRouter(prefix="/api", tags=["kpis"])
    reader = Annotated[Session, Depends(guard.having("supervisor", "flow-admin"))]

    @router.get("/funnel", response_model=FunnelView)
    async def get_funnel(
        session: reader,
        first: Annotated[date, Query(alias="from")],
        last: Annotated[date, Query(alias="to")],
        line: Annotated[str, Query(max_length=64)] = "",
        form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    ) -> Any:
        """from, to: days, both included. line: '' for all."""
        try:
            found = await report.funnel(first, last, line=line)
        except ValueError as error:
            raise refusal(422, "bad_days", str(error)) from None
        if form == "csv":
            head = ["stage", "sessions", "passed_to_people", "lost", "definition"]
            rows = [(one.name, one.sessions, one.passed, one.lost, STAGES[one.name]) for one in found]
            headers = {"Content-Disposition": f'attachment; filename="funnel-{first}-{last}.csv"'}
            return Response(written(head, rows), media_type="text/csv; charset=utf-8", headers=headers)
        stages = [
            StageView(
                stage=one.name, sessions=one.sessions, passed=one.passed, lost=one.lost, definition=STAGES[one.name]
            )
            for one in found
        ]
        return FunnelView(first=first, last=last, line=line, stages=stages)

    return router
