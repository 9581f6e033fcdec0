"""What people are in touch about, how urgent, in what mood, for supervisors and flow admins: as JSON or CSV."""

from datetime import date, tzinfo
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict

from console.guard import Guard, refusal
from console.sessions import Session
from history.csv_text import written
from history.deriving.days import moments
from history.deriving.topics import DEFINITION, Topics


class ToldView(BaseModel):
    """topic: '' where the words tell none, '*' for the rarest ones together. urgency: 'low', 'normal', 'high'. mood:
    'angry', 'negative', 'neutral', 'positive'. handed: of the interactions, a human talked to them."""

    model_config = ConfigDict(from_attributes=True)

    topic: str
    urgency: str
    mood: str
    interactions: int
    handed: int


class TopicsView(BaseModel):
    """told: the most frequent topic first. definition: in English."""

    first: date
    last: date
    line: str
    channel: str
    told: list[ToldView]
    definition: str


def topics(found: Topics, guard: Guard, zone: tzinfo) -> APIRouter:
    """The route. Counts alone: nobody is named, and no words are shown. zone: whose days they are."""
    router = APIRouter(prefix="/api", tags=["kpis"])
    reader = Annotated[Session, Depends(guard.having("supervisor", "flow-admin"))]

    @router.get("/topics", response_model=TopicsView)
    async def get_topics(
        session: reader,
        first: Annotated[date, Query(alias="from")],
        last: Annotated[date, Query(alias="to")],
        line: Annotated[str, Query(max_length=64)] = "",
        channel: Annotated[str, Query(max_length=64)] = "",
        form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    ) -> Any:
        """from, to: days, both included. line, channel: '' for all; only calls have a line."""
        try:
            begins, ends = moments(first, last, zone)
        except ValueError as error:
            raise refusal(422, "bad_days", str(error)) from None
        told = await found.told(begins, ends, line=line, channel=channel)
        if form == "csv":
            head = ["topic", "urgency", "mood", "interactions", "handed"]
            rows = [(one.topic, one.urgency, one.mood, one.interactions, one.handed) for one in told]
            headers = {"Content-Disposition": f'attachment; filename="topics-{first}-{last}.csv"'}
            return Response(written(head, rows), media_type="text/csv; charset=utf-8", headers=headers)
        views = [ToldView.model_validate(one) for one in told]
        return TopicsView(first=first, last=last, line=line, channel=channel, told=views, definition=DEFINITION)

    return router
