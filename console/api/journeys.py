"""The paths that contacts take across channels: counts between touchpoints, as JSON or CSV."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict

from console.api.webhooks import Who
from console.guard import client, refusal
from history import Journal, Timeline
from history.csv_text import written
from history.deriving.days import moments
from history.journeys.paths import MOST_STEPS, Journeys, Link
from history.privacy.audit import Audit
from history.privacy.chain import Act

USUAL = timedelta(days=30)
MOST_LINKS = 10_000


class TouchpointView(BaseModel):
    """channel: '' for nothing, before a path's first touchpoint and behind its last. outcome: of calls."""

    model_config = ConfigDict(from_attributes=True)

    channel: str
    topic: str
    outcome: str


class LinkView(BaseModel):
    """How many contacts went from one touchpoint to the next. step: 0 for what follows the call, -1 for what comes
    right before it, and so on outwards. source, target: the same as `came_from` and `went_to` in one line."""

    step: int
    source: str
    target: str
    came_from: TouchpointView
    went_to: TouchpointView
    contacts: int

    @classmethod
    def of(cls, link: Link) -> Self:
        return cls(
            step=link.step, source=str(link.source), target=str(link.target), contacts=link.contacts,
            came_from=TouchpointView.model_validate(link.source), went_to=TouchpointView.model_validate(link.target),
        )  # fmt: skip


class JourneysView(BaseModel):
    """links: the most frequent first; left_off: how many rarer ones there are besides. window_days: how long before and
    after a call something belongs to its path."""

    since: datetime
    until: datetime
    window_days: float
    topic: str
    channel: str
    line: str
    links: list[LinkView]
    left_off: int


def journeys(timeline: Timeline, journal: Journal, who: Who, zone: tzinfo = UTC) -> APIRouter:
    """The route. Nobody is named in its answers; but a count may be of one contact, so each look is in the audit
    log. zone: whose days they are."""
    router = APIRouter(prefix="/api", tags=["journeys"])
    asking = Annotated[str, Depends(who)]
    audit, paths = Audit(journal, timeline), Journeys(timeline)

    @router.get("/journeys", response_model=JourneysView)
    async def get_journeys(
        actor: asking,
        request: Request,
        since: AwareDatetime | None = None,
        until: AwareDatetime | None = None,
        first_day: Annotated[date | None, Query(alias="from")] = None,
        last_day: Annotated[date | None, Query(alias="to")] = None,
        window_days: Annotated[float, Query(alias="window", gt=0, le=366)] = 7,
        steps: Annotated[int, Query(ge=1, le=MOST_STEPS)] = 2,
        topic: Annotated[str, Query(max_length=64)] = "",
        channel: Annotated[str, Query(max_length=64)] = "",
        line: Annotated[str, Query(max_length=64)] = "",
        ends: bool = False,
        limit: Annotated[int, Query(ge=1, le=MOST_LINKS)] = 200,
        form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    ) -> Any:
        """since, until: with a time zone; or from, to: days, both included; without them the last 30 days. window:
        days. topic, channel, line: of contacts who were in touch about it, on it. ends: also where paths begin and end,
        as links from and to nothing."""
        last = until or datetime.now(UTC)
        first = since or last - USUAL
        try:
            if first_day or last_day:
                if not (first_day and last_day):
                    raise ValueError("from and to go together")
                first, last = moments(first_day, last_day, zone)
            found = await paths.links(
                first, last, window=timedelta(days=window_days), steps=steps, topic=topic, channel=channel, line=line,
                ends=ends,
            )  # fmt: skip
        except ValueError as error:
            raise refusal(422, "bad_journeys", str(error)) from None
        detail = {"since": first.isoformat(), "until": last.isoformat(), "format": form}
        await audit.write(Act(actor, "", "journeys.viewed", "journeys", "", client(request)[:64], detail))
        if form == "csv":
            rows = [(one.step, str(one.source), str(one.target), one.contacts) for one in found[:limit]]
            headers = {"Content-Disposition": 'attachment; filename="journeys.csv"'}
            text = written(["step", "source", "target", "contacts"], rows)
            return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
        return JourneysView(
            since=first, until=last, window_days=window_days, topic=topic, channel=channel, line=line,
            links=[LinkView.of(one) for one in found[:limit]], left_off=max(0, len(found) - limit),
        )  # fmt: skip

    return router
