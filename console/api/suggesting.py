"""Articles for who talks to a caller: what the bot's own search finds for words, each with what would be said."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from console.api.signing_in import Strict
from console.guard import Guard, refusal
from console.rate import RateLimit
from console.sessions import Session
from knowledge import KnowledgeBase

AT_ONCE = 2
"""Searches that run at the same time; each takes some milliseconds of a thread, and calls need the machine as well."""
MOST = 5
"""Articles in an answer."""


class WordsAsked(Strict):
    """text: what a caller said, or an operator looks for. language: in which the article is to be read out."""

    text: str = Field(min_length=1, max_length=500)
    language: str = Field(pattern="^[a-z]{2,3}$")


class SuggestedArticle(BaseModel):
    """A served article in the language asked for. sensitive: the bot leaves it to people. score: 0 to 1."""

    article: str
    version: str
    title: str
    spoken: str
    more: str
    link: str
    sensitive: bool
    score: float


class Suggestions(BaseModel):
    """band: what the bot would do with them: say the first, ask which was meant, or neither. Best first."""

    band: Literal["answer", "choose", "reject"]
    articles: list[SuggestedArticle]


def suggesting(knowledge: Callable[[], KnowledgeBase], guard: Guard, limit: RateLimit) -> APIRouter:
    """The route, for who takes calls or looks after them. knowledge: what is served now. limit: for each account. The
    words come in the body: no log of addresses holds what somebody said."""
    router = APIRouter(prefix="/api", tags=["articles"])
    reader = Annotated[Session, Depends(guard.having("operator", "supervisor", "flow-admin"))]
    few = asyncio.Semaphore(AT_ONCE)

    @router.post("/articles-suggested")
    async def suggested(session: reader, asked: WordsAsked) -> Suggestions:
        if wait_s := limit.use(session.account.id):
            raise refusal(429, "too_many_searches", f"too many searches; try again in {wait_s} s", retry_after_s=wait_s)
        async with few:
            found = await asyncio.to_thread(knowledge().search, asked.text, asked.language, MOST)
        articles = [
            SuggestedArticle(
                article=hit.article, version=hit.version, title=hit.title, spoken=hit.spoken, more=hit.more,
                link=hit.link, sensitive=hit.sensitive, score=round(hit.score, 3),
            )
            for hit in found.candidates
        ]  # fmt: skip
        return Suggestions(band=found.band, articles=articles)

    return router
