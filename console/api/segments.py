"""Contacts whom a rule picks: who they are, as a list, and as a campaign that calls them."""

import asyncio
import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from console.api.campaigns import CampaignMade, PlanGiven, made_from
from console.api.webhooks import Who
from console.guard import client, refusal
from history import Journal, Timeline
from history.csv_text import written
from history.journeys.named import NAME, BadRule
from history.journeys.segments import After, Picked, Rule, TooMany, everybody, how_many, picked
from history.privacy.audit import Audit
from history.privacy.chain import Act
from telephony.outbound.office import Outbound

Rules = Callable[[], Mapping[str, Rule | BadRule]]
"""The company's rules as they are now; blocks."""
Name = Annotated[str, Path(pattern=NAME)]


class SegmentView(BaseModel):
    """A rule by its name. fault: why its file cannot be used; then there is no rule."""

    name: str
    title: str
    rule: Rule | None
    fault: str


class MemberView(BaseModel):
    """A contact, by the id that stands for them. number: '' where none is known. times, last: when they were in touch
    as the rule says."""

    model_config = ConfigDict(from_attributes=True)

    contact_id: str
    name: str
    number: str
    times: int
    last: datetime


class SegmentPage(BaseModel):
    """at: the moment for which it was decided; next pages are of the same. contacts: how many there are in all, None
    on later pages. next: what to ask for the next page, '' when this is the last."""

    name: str
    at: datetime
    contacts: int | None
    members: list[MemberView]
    next: str


class SegmentCampaign(PlanGiven):
    """How a campaign of a segment calls. slots: what the flow says to everybody, by its slots."""

    slots: dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=300)]] = Field(
        default={}, max_length=30
    )


def segments(timeline: Timeline, journal: Journal, rules: Rules, outbound: Outbound | None, who: Who) -> APIRouter:
    """The routes. Every look at who is in a segment, and every list of them, is in the audit log before it is given."""
    router = APIRouter(prefix="/api", tags=["segments"])
    asking = Annotated[str, Depends(who)]
    audit = Audit(journal, timeline)

    async def known(name: str) -> Rule:
        rule = (await asyncio.to_thread(rules)).get(name)
        if rule is None:
            raise refusal(404, "unknown_segment", f"there is no segments/{name}.toml in the company's folder")
        if isinstance(rule, BadRule):
            raise refusal(409, "bad_segment", str(rule))
        return rule

    async def noted(actor: str, request: Request, action: str, name: str, **detail: Any) -> None:
        await audit.write(Act(actor, "supervisor", action, "segment", name, client(request)[:64], detail))

    async def all_of(rule: Rule, now: datetime) -> list[Picked]:
        try:
            return await everybody(timeline, rule, now)
        except TooMany as error:
            raise refusal(422, "segment_too_large", str(error)) from None

    async def exported(actor: str, request: Request, name: str, rule: Rule) -> Response:
        found = await all_of(rule, datetime.now(UTC))
        listed = [one for one in found if one.number]
        how = rule.model_dump(mode="json", exclude_defaults=True)
        await noted(actor, request, "segment.exported", name, contacts=len(found), numbers=len(listed), rule=how)
        headers = {
            "Content-Disposition": f'attachment; filename="segment{name and "-" + name}.csv"',
            "X-Contacts": str(len(found)),
            "X-Numbers": str(len(listed)),
        }
        return Response(as_list(listed), media_type="text/csv; charset=utf-8", headers=headers)

    @router.get("/segments")
    async def list_segments(actor: asking) -> list[SegmentView]:
        """The rules, not who they pick."""
        return [
            SegmentView(name=name, title="", rule=None, fault=str(rule))
            if isinstance(rule, BadRule)
            else SegmentView(name=name, title=rule.title, rule=rule, fault="")
            for name, rule in (await asyncio.to_thread(rules)).items()
        ]

    @router.post("/segments/export", response_class=Response)
    async def export(actor: asking, request: Request, rule: Rule) -> Response:
        """Whom a rule picks that has no name yet, as `format=csv` of one that has."""
        return await exported(actor, request, "", rule)

    @router.get("/segments/{name}", response_model=SegmentPage)
    async def members(
        actor: asking,
        request: Request,
        name: Name,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        after: Annotated[str, Query(max_length=120)] = "",
        form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    ) -> Any:
        """Who was in touch most often first. format=csv: all who have a number, as a campaign's list takes them."""
        rule = await known(name)
        if form == "csv":
            return await exported(actor, request, name, rule)
        at, behind = _cursor(after) if after else (datetime.now(UTC), None)
        found = await picked(timeline, rule, at, limit, behind)
        total = None if after else await how_many(timeline, rule, at)
        await noted(actor, request, "segment.viewed", name, shown=[one.contact_id for one in found])
        last = found[-1] if len(found) == limit else None
        return SegmentPage(
            name=name, at=at, contacts=total, members=[MemberView.model_validate(one) for one in found],
            next=f"{at.timestamp():.6f}~{last.times}~{last.contact_id}" if last else "",
        )  # fmt: skip

    if outbound is not None:

        @router.post("/segments/{name}/campaign", status_code=201)
        async def to_campaign(actor: asking, request: Request, name: Name, given: SegmentCampaign) -> CampaignMade:
            """A campaign that calls those of the segment who have a number; it calls nobody before it is started.
            Opt-outs, consents, hours and the register of objections count as for every list."""
            found = await all_of(await known(name), datetime.now(UTC))
            listed = [one for one in found if one.number]
            await noted(actor, request, "segment.called", name, campaign=given.name, numbers=len(listed))
            return await made_from(outbound, given, _with_slots(listed, given.slots), actor)

    return router


def as_list(listed: Sequence[Picked]) -> str:
    """CSV for `campaigns import` and for spreadsheets: numbers begin with 00, as a plus would begin a formula."""
    return written(["number", "name"], [("00" + one.number.removeprefix("+"), one.name) for one in listed])


def _with_slots(listed: Sequence[Picked], slots: Mapping[str, str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["number", "name", *slots])
    # A name may hold what nobody could say, and would lose its row: it is only shown to operators.
    printable = ["".join(sign for sign in one.name if sign.isprintable()) for one in listed]
    writer.writerows([one.number, name, *slots.values()] for one, name in zip(listed, printable, strict=True))
    return out.getvalue()


def _cursor(after: str) -> tuple[datetime, After]:
    try:
        at, times, contact_id = after.split("~", 2)
        return datetime.fromtimestamp(float(at), UTC), After(int(times), contact_id)
    except (ValueError, OverflowError, OSError):
        raise refusal(422, "bad_page", "`after` is the `next` of the page before") from None
