"""What callers asked and were not answered, for who writes articles: seen, answered, put aside."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from console.api.article_answers import told
from console.api.article_views import ApprovedView, DismissedView, MattersView, UnansweredView
from console.article_shelf import Changes, ReviewDesk
from console.guard import Guard
from console.sessions import Session

Id = Annotated[str, Path(pattern="^[0-9a-f]{8}$")]
Days = Annotated[int, Query(ge=1, le=366)]


class ChangesGiven(BaseModel):
    """See `console.article_shelf.Changes`."""

    model_config = ConfigDict(extra="forbid")

    article: str = Field(default="", max_length=80)
    phrasings: list[Annotated[str, Field(min_length=1, max_length=300)]] = Field(default=[], max_length=20)
    spoken: str = Field(default="", max_length=1000)
    more: str = Field(default="", max_length=1000)
    title: str = Field(default="", max_length=300)


def review(desk: ReviewDesk, unusable: tuple[type[Exception], ...], guard: Guard) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/api/review", tags=["review"])
    writer = Annotated[Session, Depends(guard.having("flow-admin"))]

    @router.get("", response_model=MattersView, response_model_exclude_unset=True)
    async def listed(
        session: writer, days: Days = 30, most: Annotated[int, Query(ge=1, le=1000)] = 50
    ) -> dict[str, Any]:
        """The costliest first, each with what would answer it."""
        async with told(unusable):
            return await desk.matters(days, most)

    @router.get("/{matter}", response_model=UnansweredView)
    async def one(matter: Id, session: writer, days: Days = 30) -> dict[str, Any]:
        """With every question and its call, and the article as it would be."""
        async with told(unusable):
            return await desk.matter(matter, days)

    @router.post("/{matter}/approve", response_model=ApprovedView)
    async def approve(matter: Id, session: writer, given: ChangesGiven, days: Days = 30) -> dict[str, Any]:
        """What is suggested, with the changes, is published; its question becomes a test."""
        changes = Changes(given.article, tuple(given.phrasings), given.spoken, given.more, given.title)
        async with told(unusable):
            return await desk.approve(matter, days, session.account.name, changes)

    @router.post("/{matter}/dismiss", response_model=DismissedView)
    async def dismiss(matter: Id, session: writer, days: Days = 30) -> dict[str, Any]:
        """It is not shown again."""
        async with told(unusable):
            return await desk.dismiss(matter, days, session.account.name)

    return router
