"""Contacts for who is signed in: who calls, their story across channels, and merges that can be taken back."""

from datetime import datetime, timedelta
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from console.auditing import Auditing
from console.guard import Guard, refusal
from console.sessions import Session
from history import Contacts, Journal, Stories, Story, Timeline, UnknownContact, UnknownInteraction, UnknownMerge
from history.identity.points import named
from history.threads import WITHIN

log = structlog.get_logger()

Id = Annotated[str, Path(min_length=1, max_length=64)]
Filter = Annotated[str | None, Query(max_length=255)]


class _View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class PointView(_View):
    """An address: 'known' to be theirs, or 'maybe'."""

    kind: str
    value: str
    confidence: str
    verified_at: datetime | None


class MergeView(_View):
    """undone_at: None while it counts."""

    id: str
    one: str
    other: str
    actor: str
    reason: str
    merged_at: datetime
    undone_at: datetime | None
    undone_by: str


class ContactView(_View):
    """One person; `id` stands for all of `ids`."""

    id: str
    ids: list[str]
    name: str
    points: list[PointView]
    merges: list[MergeView]
    first_seen: datetime
    last_seen: datetime


class StepView(_View):
    """One interaction of a story. thread: its source's; thread_id: the one it belongs to across channels."""

    id: str
    channel: str
    direction: str
    status: str
    line: str
    subject: str
    thread: str
    queue: str
    article: str
    outcome: str
    started_at: datetime
    duration_ms: int | None
    thread_id: str = ""


class MatterView(_View):
    """Something that waits."""

    kind: str
    subject: str
    since: datetime
    interaction_id: str


class ThreadView(_View):
    """Interactions that belong together, on whatever channels; called after the earliest one."""

    id: str
    subject: str
    channels: list[str]
    interactions: int
    began_at: datetime
    latest_at: datetime


class MayBeView(_View):
    """Somebody who told an address of this contact's as theirs."""

    contact_id: str
    name: str


class StoryView(_View):
    """What who takes a call wants to see at once."""

    contact: ContactView
    latest: list[StepView]
    open: list[MatterView]
    threads: list[ThreadView]
    running: list[StepView]
    may_be: list[MayBeView]


class StoryPage(BaseModel):
    """before: for the next page; None on the last one."""

    interactions: list[StepView]
    before: str | None


class SuggestionView(_View):
    """Who may be the same person."""

    contact_id: str
    score: float
    why: list[str]


class MergeIn(BaseModel):
    """With whom, and why."""

    other: str = Field(min_length=1, max_length=64)
    reason: str = Field(default="", max_length=255)


class MergeMade(BaseModel):
    """The id with which it is undone."""

    id: str


def contacts(
    timeline: Timeline, journal: Journal, guard: Guard, auditing: Auditing, within: timedelta = WITHIN
) -> APIRouter:
    """The routes. Operators and admins may read, merge and unmerge; looks at contacts and merges are logged."""
    router = APIRouter(prefix="/api", tags=["contacts"])
    reader = Annotated[Session, Depends(guard.having("operator", "supervisor", "privacy-officer"))]
    people, stories = Contacts(timeline), Stories(timeline, within)

    def unknown(error: UnknownContact) -> Exception:
        return refusal(404, "unknown_contact", f"there is no contact {str(error)!r}")

    @router.get("/contacts")
    async def find(
        session: reader,
        request: Request,
        value: Annotated[str, Query(min_length=1, max_length=255)],
        kind: Annotated[str, Query(pattern="^(tel|email|chat|social|ext)$")] = "tel",
    ) -> ContactView:
        """Who is known by an address, written in any form."""
        point = named(kind, value)
        found = await people.at(point) if point else None
        if found is None:
            raise refusal(404, "unknown_contact", "nobody is known by this address")
        await auditing.write(session, request, "contact.viewed", "contact", found.id)
        return ContactView.model_validate(found)

    @router.get("/contacts/{contact_id}")
    async def get(session: reader, contact_id: Id, request: Request) -> StoryView:
        try:
            found = await stories.story(contact_id)
        except UnknownContact as error:
            raise unknown(error) from None
        await auditing.write(session, request, "contact.viewed", "contact", found.contact.id)
        return _story(found)

    @router.get("/interactions/{interaction_id}/contact")
    async def of_interaction(session: reader, interaction_id: Id, request: Request) -> StoryView:
        """The story of who this call or message is of, in one request: what pops up when it is offered."""
        try:
            contact_id = (await timeline.get(interaction_id)).interaction.contact_id
            found = await stories.story(contact_id)
        except UnknownInteraction:
            raise refusal(404, "unknown_interaction", f"there is no interaction {interaction_id!r}") from None
        except UnknownContact:
            raise refusal(404, "unknown_contact", "it is of nobody: its number was withheld") from None
        await auditing.write(session, request, "contact.viewed", "contact", found.contact.id)
        return _story(found)

    @router.get("/contacts/{contact_id}/interactions")
    async def story(
        session: reader,
        contact_id: Id,
        request: Request,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: Filter = None,
        channel: Filter = None,
        thread: Filter = None,
        thread_id: Filter = None,
        since: AwareDatetime | None = None,
        until: AwareDatetime | None = None,
    ) -> StoryPage:
        try:
            found = await stories.interactions(
                contact_id, limit, before,
                channel=channel, thread=thread, thread_id=thread_id, since=since, until=until,
            )  # fmt: skip
            thread_of = await stories.thread_of(contact_id)
        except UnknownContact as error:
            raise unknown(error) from None
        await auditing.write(session, request, "contact.viewed", "contact", contact_id)
        views = [StepView.model_validate(row) for row in found]
        for step in views:
            step.thread_id = thread_of.get(step.id, step.id)
        return StoryPage(interactions=views, before=found[-1].id if len(found) == limit else None)

    @router.get("/contacts/{contact_id}/suggestions")
    async def suggestions(session: reader, contact_id: Id) -> list[SuggestionView]:
        try:
            found = await people.suggestions(contact_id)
        except UnknownContact as error:
            raise unknown(error) from None
        return [SuggestionView.model_validate(one) for one in found]

    @router.post("/contacts/{contact_id}/merges")
    async def merge(session: reader, contact_id: Id, wanted: MergeIn) -> MergeMade:
        try:
            made = await journal.merge_contacts(
                contact_id, wanted.other, actor=session.account.id, reason=wanted.reason
            )
        except UnknownContact as error:
            raise unknown(error) from None
        except ValueError as error:
            raise refusal(422, "not_two", str(error)) from None
        log.info("console.contacts_merged", account=session.account.name, merge=made)
        return MergeMade(id=made)

    @router.delete("/contact-merges/{merge_id}", status_code=204)
    async def unmerge(session: reader, merge_id: Id) -> None:
        try:
            await journal.unmerge_contacts(merge_id, actor=session.account.id)
        except UnknownMerge:
            raise refusal(404, "unknown_merge", f"there is no merge {merge_id!r} that counts") from None
        log.info("console.contacts_unmerged", account=session.account.name, merge=merge_id)

    return router


def _story(found: Story) -> StoryView:
    view = StoryView.model_validate(found)
    for step in (*view.latest, *view.running):
        step.thread_id = found.thread_of.get(step.id, step.id)
    return view
