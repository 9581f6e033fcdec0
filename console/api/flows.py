"""Flowbooks for the console: drafts, what is wrong with them, publishing, revisions, rolling back, who did what."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from difflib import unified_diff
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from console.api.flow_answers import told
from console.api.flow_graph import shelved
from console.api.flow_views import (
    AuditView,
    CheckView,
    DifferenceView,
    DiffView,
    DraftGiven,
    FlowbookView,
    PublishedView,
    PublishGiven,
    RevisionView,
    RollBackGiven,
    SavedView,
    TextGiven,
    WholeFlowbookView,
    audit_view,
    draft_view,
    flowbook_view,
    problem_views,
    revision_view,
)
from console.api.guarded_bodies import body_of, described
from console.flow_shelf import FlowShelf, Shelved
from console.guard import refusal
from console.sessions import Session
from dialogs.difference_words import in_words, languages
from dialogs.differences import differences
from dialogs.schema import json_schema
from knowledge.revision import FLOWBOOK, LARGEST_BYTES, Conflict, Document, sha256_of
from knowledge.revision_names import DRAFT, PUBLISHED, body_named

# Dependencies are closures here, so annotations must not be postponed: FastAPI could not look their names up.

PREFIX = "/api/flowbooks"
LARGER = {f"{PREFIX}/": 2 * LARGEST_BYTES}
"""Bodies under this path: a text of the largest size, with JSON's backslashes."""

Name = Annotated[str, Path(max_length=100)]
State = Annotated[str, Query(max_length=64)]


def flows(shelf: FlowShelf, flow_admin: Callable[[Request], Awaitable[Session]]) -> APIRouter:
    """flow_admin: the session of who may edit flowbooks; refuses everybody else."""
    router = APIRouter(prefix=PREFIX, tags=["flowbooks"])
    writer = Annotated[Session, Depends(flow_admin)]
    revisions = shelf.revisions

    async def book(flowbook: Name, session: writer) -> Shelved:
        return await shelved(shelf, flowbook)

    named = Annotated[Shelved, Depends(book)]

    async def about(one: Shelved) -> dict[str, Any]:
        def look() -> dict[str, Any]:
            latest = revisions.latest(_document(one))
            body = one.text.encode() if one.text is not None else b""
            differs = latest is not None and latest.sha256 != sha256_of(body)
            return flowbook_view(one, latest, revisions.draft(_document(one)), differs)

        return await asyncio.to_thread(look)

    @router.get("")
    async def listed(session: writer) -> list[FlowbookView]:
        """Those of the company."""
        async with told(shelf.unusable):
            return [FlowbookView(**await about(one)) for one in await shelf.flowbooks()]

    @router.get("/schema")
    async def schema(session: writer) -> dict[str, Any]:
        """The JSON Schema of flowbooks, for editors."""
        return await asyncio.to_thread(json_schema)

    @router.get("/audit")
    async def whole_audit(
        session: writer,
        before: Annotated[int | None, Query(ge=1)] = None,
        most: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[AuditView]:
        """What was done to all flowbooks, the newest first."""
        async with told(shelf.unusable):
            found = await asyncio.to_thread(lambda: revisions.audit(kind=FLOWBOOK, before=before, most=most))
        return [audit_view(one) for one in found]

    @router.get("/{flowbook}")
    async def read(one: named) -> WholeFlowbookView:
        """The draft when there is one, else what is published."""
        async with told(shelf.unusable):
            whole = await about(one)
            state = DRAFT if whole["draft"] else PUBLISHED
            text = await _text(shelf, one, state) if whole["published"] or whole["draft"] else one.text or ""
            return WholeFlowbookView(**whole, text=text)

    @router.get("/{flowbook}/text")
    async def text(one: named, state: State = PUBLISHED) -> Response:
        """state: draft, published, a revision's number, or the first six digits or more of its hash."""
        async with told(shelf.unusable):
            return Response(await _text(shelf, one, state), media_type="text/yaml")

    @router.put("/{flowbook}/draft", openapi_extra=described(DraftGiven))
    async def save(
        one: named, session: writer, given: Annotated[DraftGiven, Depends(body_of(DraftGiven, flow_admin))]
    ) -> SavedView:
        """409 when somebody else has saved it since it was read. What is wrong with it does not keep it from being
        saved."""
        async with told(shelf.unusable):
            saved = await asyncio.to_thread(
                lambda: revisions.save_draft(
                    _document(one), given.text.encode(), who=session.account.name, at=datetime.now(UTC),
                    base=given.base, seen=given.seen,
                )
            )  # fmt: skip
            latest = await asyncio.to_thread(revisions.latest, _document(one))
            looked = await shelf.look(one.id, given.text, rehearse=False)
        return SavedView(draft=draft_view(saved, latest), problems=problem_views(looked.problems))

    @router.delete("/{flowbook}/draft", status_code=204)
    async def discard(one: named, session: writer, seen: Annotated[int, Query(ge=0)]) -> None:
        async with told(shelf.unusable):
            await asyncio.to_thread(
                lambda: revisions.discard_draft(
                    _document(one), who=session.account.name, at=datetime.now(UTC), seen=seen
                )
            )

    @router.post("/{flowbook}/check", openapi_extra=described(TextGiven))
    async def check(one: named, given: Annotated[TextGiven, Depends(body_of(TextGiven, flow_admin))]) -> CheckView:
        """Everything that is wrong with a text, without saving it."""
        async with told(shelf.unusable):
            looked = await shelf.look(one.id, given.text, rehearse=given.tests)
        problems = problem_views(looked.problems)
        ok = not any(problem.severity == "error" for problem in problems)
        return CheckView(ok=ok, problems=problems, tests=looked.tests)

    @router.get("/{flowbook}/diff")
    async def diff(one: named, before: State = PUBLISHED, after: State = DRAFT, language: State = "it") -> DiffView:
        """What differs between two states, in sentences and line by line."""
        if language not in languages():
            raise refusal(422, "language", f"differences are told in {', '.join(languages())}")
        async with told(shelf.unusable):
            old, new = await _text(shelf, one, before), await _text(shelf, one, after)
        found, lines = await asyncio.to_thread(
            lambda: (differences(old, new), list(unified_diff(old.splitlines(), new.splitlines(), before, after,
                                                              lineterm="")))
        )  # fmt: skip
        views = [
            DifferenceView(what=each.what, at=list(each.at), values=dict(each.values), words=words)
            for each, words in zip(found, in_words(found, language), strict=True)
        ]
        return DiffView(before=before, after=after, differences=views, text=lines)

    @router.post("/{flowbook}/publish", openapi_extra=described(PublishGiven))
    async def publish(
        one: named, session: writer, given: Annotated[PublishGiven, Depends(body_of(PublishGiven, flow_admin))]
    ) -> PublishedView:
        """The draft becomes what new calls use. 409 when the draft is not the one that was read, or another revision
        was published since; 422 (`flowbook_errors`, with `problems`) when it has errors or its tests fail."""
        async with told(shelf.unusable):
            draft = await asyncio.to_thread(revisions.draft, _document(one))
            if draft is None or draft.serial != given.serial:
                why = f"{draft.who} has saved the draft meanwhile" if draft else "there is no draft any more"
                latest = await asyncio.to_thread(revisions.latest, _document(one))
                raise Conflict(_document(one), why, latest, draft)
            made, warnings = await shelf.publish(
                one.id, draft.body.decode(), who=session.account.name, message=given.message, base=draft.base
            )
        return PublishedView(revision=revision_view(made), warnings=problem_views(warnings))

    @router.post("/{flowbook}/rollback", openapi_extra=described(RollBackGiven))
    async def roll_back(
        one: named, session: writer, given: Annotated[RollBackGiven, Depends(body_of(RollBackGiven, flow_admin))]
    ) -> PublishedView:
        """An earlier revision becomes the next one; refused as `publish` is."""
        async with told(shelf.unusable):
            old = await _text(shelf, one, str(given.revision))
            made, warnings = await shelf.publish(
                one.id, old, who=session.account.name, message=given.message, base=given.latest, again=given.revision
            )
        return PublishedView(revision=revision_view(made), warnings=problem_views(warnings))

    @router.get("/{flowbook}/revisions")
    async def all_revisions(
        one: named,
        before: Annotated[int | None, Query(ge=1)] = None,
        most: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[RevisionView]:
        """The newest first. before: only those with lower numbers."""
        async with told(shelf.unusable):
            found = await asyncio.to_thread(lambda: revisions.revisions(_document(one), before=before, most=most))
        return [revision_view(each) for each in found]

    @router.get("/{flowbook}/audit")
    async def audit(
        one: named,
        before: Annotated[int | None, Query(ge=1)] = None,
        most: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[AuditView]:
        """What was done to this flowbook, the newest first. before: the id of an entry."""
        async with told(shelf.unusable):
            found = await asyncio.to_thread(lambda: revisions.audit(_document(one), before=before, most=most))
        return [audit_view(each) for each in found]

    return router


def _document(one: Shelved) -> Document:
    return Document(FLOWBOOK, one.id)


async def _text(shelf: FlowShelf, one: Shelved, state: str) -> str:
    return (await asyncio.to_thread(body_named, shelf.revisions, _document(one), state)).decode()
