"""The paths that contacts take across channels: counts between touchpoints, as JSON or CSV."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict

from console.api.webhooks import Who
from console.guard import client, refusal
from history import Journal, Timeline
from history.csv_text import written
from history.journeys.paths import MOST_STEPS, Journeys
from history.privacy.audit import Audit
from history.privacy.chain import Act

USUAL = timedelta(days=30)
MOST_LINKS = 10_000


class LinkView(BaseModel):
    """How many contacts went from one touchpoint to the next. step: 0 for what follows the call, -1 for what comes
    right before it, and so on outwards."""

    model_config = ConfigDict(from_attributes=True)

    step: int
    source: str
    target: str
    contacts: int


class JourneysView(BaseModel):
    """links: the most frequent first. window_days: how long before and after a call something belongs to its path."""

    since: datetime
    until: datetime
    window_days: float
    topic: str
    channel: str
    line: str
    links: list[LinkView]


def journeys(timeline: Timeline, journal: Journal, who: Who) -> APIRouter:
    """The route. Nobody is named in its answers; but a count may be of one contact, so each look is in the audit
    log."""
    router = APIRouter(prefix="/api", tags=["journeys"])
    asking = Annotated[str, Depends(who)]
    audit, paths = Audit(journal, timeline), Journeys(timeline)

    @router.get("/journeys", response_model=JourneysView)
    async def get_journeys(
        actor: asking,
        request: Request,
        since: AwareDatetime | None = None,
        until: AwareDatetime | None = None,
        window_days: Annotated[float, Query(alias="window", gt=0, le=366)] = 7,
        steps: Annotated[int, Query(ge=1, le=MOST_STEPS)] = 2,
        topic: Annotated[str, Query(max_length=64)] = "",
        channel: Annotated[str, Query(max_length=64)] = "",
        line: Annotated[str, Query(max_length=64)] = "",
        limit: Annotated[int, Query(ge=1, le=MOST_LINKS)] = 200,
        form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    ) -> Any:
        """since, until: with a time zone; without them the last 30 days. window: days. topic, channel, line: of
        contacts who were in touch about it, on it."""
        last = until or datetime.now(UTC)
        first = since or last - USUAL
        try:
            found = await paths.links(
                first, last, window=timedelta(days=window_days), steps=steps, topic=topic, channel=channel, line=line
            )
        except ValueError as error:
            raise refusal(422, "bad_journeys", str(error)) from None
        detail = {"since": first.isoformat(), "until": last.isoformat(), "format": form}
        await audit.write(Act(actor, "", "journeys.viewed", "journeys", "", client(request)[:64], detail))
        if form == "csv":
            rows = [(one.step, one.source, one.target, one.contacts) for one in found[:limit]]
            headers = {"Content-Disposition": 'attachment; filename="journeys.csv"'}
            text = written(["step", "source", "target", "contacts"], rows)
            return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
        return JourneysView(
            since=first, until=last, window_days=window_days, topic=topic, channel=channel, line=line,
            links=[LinkView.model_validate(one) for one in found[:limit]],
        )  # fmt: skip

    return router
