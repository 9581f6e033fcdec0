"""Campaigns for admins: lists of people to be called, who must not be, and what became of it."""

from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from console.guard import Guard, refusal
from console.sessions import Session
from telephony.outbound.campaign import Campaign, CampaignError, Plan, Status
from telephony.outbound.contact_list import BadList
from telephony.outbound.hours import Span, Window
from telephony.outbound.importing import import_list, text_of
from telephony.outbound.numbers import dialled
from telephony.outbound.office import Outbound
from telephony.outbound.reporting import as_csv, bad_rows_csv
from telephony.outbound.spacing import Spacing

log = structlog.get_logger()

Id = Annotated[str, Path(min_length=1, max_length=80)]
_BECOMES: dict[str, Status] = {"start": "running", "resume": "running", "pause": "paused", "stop": "stopped"}


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PlanGiven(_Given):
    """How a new campaign calls; the query of its request. days: of the week, 1 is Monday."""

    name: str = Field(min_length=1, max_length=80)
    flow: str = Field(min_length=1, max_length=64)
    line: str = Field(min_length=1, max_length=64)
    purpose: Literal["marketing", "service"] = "marketing"
    after: time = time(0)
    until: time = time(23, 59)
    days: list[Annotated[int, Field(ge=1, le=7)]] = Field(default=[1, 2, 3, 4, 5, 6, 7], min_length=1)
    first: date | None = None
    last: date | None = None
    tries: int = Field(default=3, ge=1, le=10)
    at_once: int = Field(default=2, ge=1, le=1000)
    on_machine: Literal["hang_up", "leave_message"] = "hang_up"
    ring_s: float = 0.0

    def plan(self) -> Plan:
        """Raises ValueError, CampaignError among them."""
        days = frozenset(day - 1 for day in self.days)
        window = Window(Span(self.after, self.until), days, self.first, self.last)
        return Plan(
            self.flow, self.line, self.purpose, window, Spacing(self.tries), self.at_once, self.on_machine, self.ring_s
        )


class Numbers(_Given):
    numbers: list[Annotated[str, Field(max_length=40)]] = Field(min_length=1, max_length=1000)


class RegisterAnswer(Numbers):
    """What the register of objections said of these numbers. listed: their owners object."""

    checked_at: datetime
    listed: bool


class CampaignView(BaseModel):
    id: str
    name: str
    status: str
    created_at: datetime
    plan: dict[str, Any]
    figures: dict[str, Any]


class BadLineView(BaseModel):
    """A line of a list that nobody can be called from."""

    line: int
    why: str


class CampaignMade(BaseModel):
    """dials: whether the settings let this server call anybody."""

    campaign: CampaignView
    bad_lines: list[BadLineView]
    dials: bool


async def view(outbound: Outbound, one: Campaign) -> CampaignView:
    """How far it is."""
    figures = asdict(await outbound.campaigns.reports.figures(one.id))
    return CampaignView(
        id=one.id, name=one.name, status=one.status, created_at=one.created_at, plan=one.plan.to_json(),
        figures=figures,
    )  # fmt: skip


async def made_from(outbound: Outbound, given: PlanGiven, text: str, account: str) -> CampaignMade:
    """A new campaign from a list as CSV. account: whose it is, for the log. 422 when it cannot be."""
    try:
        one, listed = await import_list(
            outbound.campaigns, outbound.lines(), given.name, given.plan(), text, outbound.settings.country,
            datetime.now(UTC),
        )  # fmt: skip
    except (BadList, ValueError) as error:
        raise refusal(422, "bad_campaign", str(error)) from None
    log.info("console.campaign_made", account=account, campaign=one.name, people=len(listed.contacts))
    bad = [BadLineView(line=row.line, why=row.why) for row in listed.bad[:1000]]
    return CampaignMade(campaign=await view(outbound, one), bad_lines=bad, dials=outbound.dials)


def campaigns(outbound: Outbound, guard: Guard) -> APIRouter:
    """The routes. Every change is logged with who made it; no number is."""
    router = APIRouter(prefix="/api", tags=["campaigns"])
    supervisor = Annotated[Session, Depends(guard.having("supervisor"))]
    lists = outbound.campaigns

    async def known(campaign_id: str) -> Campaign:
        try:
            return await lists.get(campaign_id)
        except CampaignError as error:
            raise refusal(404, "unknown_campaign", str(error)) from None

    def numbers(given: Numbers) -> list[str]:
        try:
            return [dialled(number, outbound.settings.country) for number in given.numbers]
        except ValueError as error:
            raise refusal(422, "bad_number", str(error)) from None

    @router.get("/campaigns")
    async def list_campaigns(session: supervisor) -> list[CampaignView]:
        return [await view(outbound, one) for one in await lists.all()]

    @router.post("/campaigns", status_code=201)
    async def create(session: supervisor, request: Request, given: Annotated[PlanGiven, Query()]) -> CampaignMade:
        """The body is the list itself (text/csv). Answers with the campaign, and the lines that cannot be called."""
        try:
            text = text_of(await request.body())
        except BadList as error:
            raise refusal(422, "bad_campaign", str(error)) from None
        return await made_from(outbound, given, text, session.account.name)

    @router.get("/campaigns/{campaign_id}")
    async def status(session: supervisor, campaign_id: Id) -> CampaignView:
        return await view(outbound, await known(campaign_id))

    @router.post("/campaigns/{campaign_id}/{deed}")
    async def change(
        session: supervisor, campaign_id: Id, deed: Literal["start", "pause", "resume", "stop"]
    ) -> CampaignView:
        one = await known(campaign_id)
        try:
            changed = await lists.change(one.id, _BECOMES[deed])
        except CampaignError as error:
            raise refusal(409, "not_possible", str(error)) from None
        log.info("console.campaign_changed", account=session.account.name, campaign=one.name, deed=deed)
        return await view(outbound, changed)

    @router.get("/campaigns/{campaign_id}/report.csv")
    async def report(session: supervisor, campaign_id: Id) -> Response:
        one = await known(campaign_id)
        log.info("console.campaign_exported", account=session.account.name, campaign=one.name)
        return _csv(as_csv(await lists.reports.contacts(one.id)))

    @router.get("/campaigns/{campaign_id}/bad-lines.csv")
    async def bad_lines(session: supervisor, campaign_id: Id) -> Response:
        return _csv(bad_rows_csv(*await lists.reports.bad_rows((await known(campaign_id)).id)))

    @router.post("/opt-outs")
    async def opt_out(session: supervisor, given: Numbers) -> dict[str, int]:
        added = await outbound.opt_outs.add(numbers(given), "admin", datetime.now(UTC))
        log.info("console.opted_out", account=session.account.name, added=added)
        return {"added": added, "all": await outbound.opt_outs.count()}

    @router.delete("/opt-outs/{number}", status_code=204)
    async def opt_in(session: supervisor, number: Annotated[str, Path(max_length=40)]) -> None:
        if not await outbound.opt_outs.remove(numbers(Numbers(numbers=[number]))[0]):
            raise refusal(404, "not_listed", "this number is not on the list")
        log.info("console.opted_in", account=session.account.name)

    @router.post("/register-answers")
    async def register(session: supervisor, given: RegisterAnswer) -> dict[str, int]:
        if given.checked_at.tzinfo is None:
            raise refusal(422, "bad_time", "checked_at needs a time zone")
        kept = await outbound.opt_outs.checked(numbers(given), given.listed, given.checked_at)
        log.info("console.register_answer", account=session.account.name, numbers=kept, listed=given.listed)
        return {"kept": kept}

    return router


def _csv(text: str) -> Response:
    return Response(text, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": "attachment"})
