"""Articles for the console: read, drafted, checked, taken in, published, rolled back."""

import asyncio
import difflib
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from console.api.article_answers import problems, told
from console.api.article_views import (
    ArticleRevisionView,
    ArticleRowView,
    ArticleView,
    CheckedView,
    ImportView,
    OutcomeView,
    SavedView,
)
from console.article_shelf import ArticleShelf, Outcome
from console.guard import Guard, refusal
from console.sessions import Session
from knowledge.exchange.drafted import LARGEST_IMPORT_BYTES, content_of
from knowledge.exchange.duplicates import duplicates
from knowledge.exchange.forms import Form, Read, read, write

PREFIX = "/api/articles"
LARGER = {f"{PREFIX}/import": LARGEST_IMPORT_BYTES}
State = Annotated[str, Query(pattern=r"^(draft|\d{1,9})?$")]
Name = Annotated[str, Path(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
_MEDIA: dict[Form, str] = {
    "csv": "text/csv", "markdown": "text/markdown", "json-ld": "application/ld+json", "html": "text/html",
    "yaml": "text/yaml",
}  # fmt: skip


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TextGiven(_Given):
    """The YAML of one article."""

    text: str = Field(max_length=200_000)


class DraftGiven(TextGiven):
    """seen: the serial of the draft that was read, 0 when there was none."""

    seen: int = Field(ge=0)


class PublishGiven(_Given):
    ids: list[Annotated[str, Field(max_length=80)]] = Field(min_length=1, max_length=5_000)
    message: str = Field(default="", max_length=500)


class RollBackGiven(_Given):
    revision: int = Field(ge=1)
    message: str = Field(default="", max_length=500)


def articles(shelf: ArticleShelf, guard: Guard) -> APIRouter:
    """The routes, for who writes flowbooks and articles."""
    router = APIRouter(prefix=PREFIX, tags=["articles"])
    writer = Annotated[Session, Depends(guard.having("flow-admin"))]

    @router.get("", response_model=list[ArticleRowView], response_model_exclude_unset=True)
    async def listed(session: writer) -> list[dict[str, Any]]:
        """Served and drafted ones, by id."""

        def look() -> list[dict[str, Any]]:
            drafts = {one.document.name: one for one in shelf.drafts()}
            served = shelf.served()
            rows = {
                name: {"id": name, "content": content_of(one), "served": True} for name, one in served.by_id.items()
            }
            for name, draft in drafts.items():
                row = rows.setdefault(name, {"id": name, "served": False})
                read = shelf.draft_of(name, draft.body.decode())
                mark = {"serial": draft.serial, "who": draft.who, "at": draft.at.isoformat()}
                row["draft"] = {**mark, "content": dict(read.content), "faults": list(read.faults)}
            return [rows[name] for name in sorted(rows)]

        async with told(shelf.unusable):
            return await asyncio.to_thread(look)

    @router.get("/export")
    async def export(session: writer, form: Form = "yaml") -> Response:
        """All that are served, in one of the forms that `import` reads."""
        async with told(shelf.unusable):
            text = await asyncio.to_thread(lambda: write(list(shelf.served().by_id.values()), form))
        return Response(
            text, media_type=f"{_MEDIA[form]}; charset=utf-8", headers={"Content-Disposition": "attachment"}
        )

    @router.get("/audit")
    async def audit(session: writer, most: Annotated[int, Query(ge=1, le=1000)] = 100) -> list[dict[str, str]]:
        """What was done to articles, the newest first."""
        async with told(shelf.unusable):
            rows = await asyncio.to_thread(shelf.audit, "", most)
        names = ("at", "who", "what", "article", "revision", "message")
        return [dict(zip(names, row, strict=True)) for row in rows]

    @router.post("/import", response_model=ImportView)
    async def take_in(
        session: writer,
        request: Request,
        name: Annotated[str, Query(max_length=200)] = "",
        form: Form | None = None,
        language: Annotated[str, Query(pattern="^([a-z]{2,3})?$")] = "",
        keep: bool = False,
    ) -> dict[str, Any]:
        """The body is the file. keep: its questions become drafts; without it this is a preview."""
        data = await request.body()

        def look() -> dict[str, Any]:
            found: Read = read(data, name, form, language or shelf.language)
            served = shelf.served().by_id
            alike = duplicates(found.drafts, served, shelf.embedder)
            if keep:
                shelf.save(found.drafts, session.account.name)
            drafts = [
                {
                    "id": one.id, "place": one.place, "content": dict(one.content), "replaces": one.id in served,
                    "faults": list(one.faults), "notes": list(one.notes),
                    "alike": [asdict(each) for each in alike.get(one.id, ())],
                }
                for one in found.drafts
            ]  # fmt: skip
            return {"form": found.form, "encoding": found.encoding, "kept": keep, "drafts": drafts}

        async with told(shelf.unusable):
            return await asyncio.to_thread(look)

    @router.post("/publish", response_model=OutcomeView)
    async def publish(session: writer, given: PublishGiven) -> dict[str, Any]:
        """All of these drafts, or none: 422 `article_errors` with `problems`."""
        async with told(shelf.unusable):
            return _outcome(await shelf.publish(given.ids, session.account.name, given.message))

    @router.get("/{article}", response_model=ArticleView)
    async def one(article: Name, session: writer) -> dict[str, Any]:
        """What is served, and the draft."""

        def look() -> dict[str, Any]:
            served = shelf.served().by_id.get(article)
            draft = next((one for one in shelf.drafts() if one.document.name == article), None)
            if served is None and draft is None:
                raise refusal(404, "no_such_article", f"there is no article {article!r}")
            view: dict[str, Any] = {"id": article, "served": None, "draft": None}
            if served:
                text = shelf.text(article)
                view["served"] = {"content": content_of(served), "text": text, "version": served.version}
            if draft:
                text = draft.body.decode()
                content = dict(shelf.draft_of(article, text).content)
                view["draft"] = {"content": content, "text": text, "serial": draft.serial, "who": draft.who}
            return view

        async with told(shelf.unusable):
            return await asyncio.to_thread(look)

    @router.post("/{article}/check", response_model=CheckedView)
    async def check(article: Name, session: writer, given: TextGiven) -> dict[str, Any]:
        """Everything that is wrong with a text, without saving it."""
        async with told(shelf.unusable):
            found = problems(await asyncio.to_thread(shelf.look, article, given.text))
        return {"ok": not any(one["severity"] == "error" for one in found), "problems": found}

    @router.put("/{article}/draft", response_model=SavedView)
    async def save(article: Name, session: writer, given: DraftGiven) -> dict[str, Any]:
        """409 when somebody else has saved it since it was read. What is wrong with it does not keep it from being
        saved, unless it is no YAML at all."""
        async with told(shelf.unusable):
            draft = await asyncio.to_thread(shelf.draft_of, article, given.text)
            (saved,) = await asyncio.to_thread(shelf.save, [draft], session.account.name, {article: given.seen})
            found = await asyncio.to_thread(shelf.look, article, saved.body.decode())
        return {"serial": saved.serial, "problems": problems(found)}

    @router.delete("/{article}/draft", status_code=204)
    async def discard(article: Name, session: writer) -> None:
        async with told(shelf.unusable):
            if not await asyncio.to_thread(shelf.discard, article, session.account.name):
                raise refusal(404, "no_draft", f"article {article!r} has no draft")

    @router.get("/{article}/revisions", response_model=list[ArticleRevisionView])
    async def revisions(article: Name, session: writer) -> list[dict[str, Any]]:
        """The newest first."""
        async with told(shelf.unusable):
            return await asyncio.to_thread(shelf.revisions_of, article)

    @router.get("/{article}/text", response_class=PlainTextResponse)
    async def text(article: Name, session: writer, state: State = "") -> Response:
        """state: draft, a revision's number, '' for what is served."""
        async with told(shelf.unusable):
            return Response(await asyncio.to_thread(shelf.text, article, state), media_type="text/yaml")

    @router.get("/{article}/diff", response_class=PlainTextResponse)
    async def diff(article: Name, session: writer, before: State = "", after: State = "draft") -> PlainTextResponse:
        """What differs between two states of it, named as for `text`, line by line (a unified diff)."""

        def look() -> str:
            old, new = (shelf.text(article, state).splitlines(keepends=True) for state in (before, after))
            return "".join(difflib.unified_diff(old, new, before or "served", after or "served"))

        async with told(shelf.unusable):
            return PlainTextResponse(await asyncio.to_thread(look))

    @router.post("/{article}/rollback", response_model=OutcomeView)
    async def roll_back(article: Name, session: writer, given: RollBackGiven) -> dict[str, Any]:
        """An earlier revision becomes the next one."""
        async with told(shelf.unusable):
            return _outcome(await shelf.roll_back(article, given.revision, session.account.name, given.message))

    return router


def _outcome(made: Outcome) -> dict[str, Any]:
    return {
        "revisions": [{"article": one.document.name, "number": one.number} for one in made.revisions],
        "unchanged": list(made.unchanged),
        "warnings": problems(made.warnings),
        "served": made.served,
        "why": list(made.why),
    }
