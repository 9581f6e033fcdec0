"""Search in what was said and noted, and notes; for who may read what callers said."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, Field

from console.auditing import Auditing
from console.guard import Guard, refusal
from console.roles import READERS
from console.sessions import Session
from history import Entry, Journal, Timeline, UnknownInteraction
from history.search.searching import MOST, Narrowed, Search

LONGEST_NOTE = 4000


class SnippetView(BaseModel):
    """Words around what was looked for: show them as text. marks: (begin, end) of the words that were meant."""

    seq: int
    speaker: str
    at_ms: int
    text: str
    marks: list[tuple[int, int]]


class HitView(BaseModel):
    id: str
    channel: str
    direction: str
    line: str
    contact_id: str
    subject: str
    outcome: str
    started_at: datetime
    snippets: list[SnippetView]


class SearchPage(BaseModel):
    """before: what to ask for the next page, '' when this is the last. meant: misspelled words, and what was looked for
    in their place."""

    hits: list[HitView]
    before: str
    meant: dict[str, list[str]]


class NoteIn(BaseModel):
    text: str = Field(min_length=1, max_length=LONGEST_NOTE)


def search(timeline: Timeline, journal: Journal, guard: Guard, auditing: Auditing) -> APIRouter:
    """The routes. Every search is in the audit log with who made it and what it showed, not with what was asked."""
    router = APIRouter(prefix="/api", tags=["search"])
    reader = Annotated[Session, Depends(guard.having(*READERS))]
    finding = Search(timeline)

    @router.get("/search")
    async def find(
        session: reader,
        request: Request,
        asked: Annotated[str, Query(alias="q", max_length=1000)],
        channel: Annotated[str, Query(max_length=255)] = "",
        line: Annotated[str, Query(max_length=255)] = "",
        contact: Annotated[str, Query(max_length=64)] = "",
        since: AwareDatetime | None = None,
        until: AwareDatetime | None = None,
        before: Annotated[str, Query(max_length=20)] = "",
        limit: Annotated[int, Query(ge=1, le=MOST)] = 20,
    ) -> SearchPage:
        """q: words that all must be there, "a phrase", begin*; the newest first."""
        try:
            narrowed = Narrowed(channel, line, contact, since, until)
            page = await finding.find(asked, narrowed, before=before, limit=limit)
        except ValueError as error:
            raise refusal(422, "bad_search", str(error)) from None
        shown = [hit.interaction.id for hit in page.hits]
        await auditing.write(session, request, "history.searched", "search", "", shown=shown)
        hits = [
            HitView(
                **{name: getattr(hit.interaction, name) for name in HitView.model_fields if name != "snippets"},
                snippets=[SnippetView(**{**vars(one), "marks": list(one.marks)}) for one in hit.snippets],
            )
            for hit in page.hits
        ]
        return SearchPage(hits=hits, before=page.before, meant={word: list(of) for word, of in page.meant.items()})

    @router.post("/interactions/{interaction_id}/notes", status_code=201)
    async def note(
        session: reader, interaction_id: Annotated[str, Path(min_length=1, max_length=64)], given: NoteIn
    ) -> dict[str, int]:
        """A note on an interaction, for whoever reads it later; it stays, and is found by search."""
        try:
            detail = await timeline.get(interaction_id)
        except UnknownInteraction:
            raise refusal(404, "unknown_interaction", f"there is no interaction {interaction_id!r}") from None
        at_ms = detail.interaction.duration_ms or 0
        entry = Entry("note.added", {"text": given.text}, at_ms, actor=session.account.id)
        return {"seq": await journal.append(interaction_id, [entry])}

    return router
