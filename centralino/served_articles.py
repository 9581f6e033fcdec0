"""The running server's articles and their review, for the console: what is published is taken up by new calls."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from centralino.article_publishing import ArticlePublishing, Published, drafted
from centralino.company_file import CompanyFile
from centralino.reloading import Reloading
from centralino.review_reading import read_calls
from centralino.review_telling import told_matter
from centralino.reviewing import Reviewing
from centralino.settings import SettingsError
from console.article_shelf import Changes, Outcome
from history import Timeline
from knowledge.embedding import shared_embedder
from knowledge.exchange.drafted import Drafted
from knowledge.review.calls import Call
from knowledge.revisions import Revisions


class ServedArticles:
    """`console.article_shelf.ArticleShelf` of the company that `reloading` serves."""

    unusable: tuple[type[Exception], ...] = (SettingsError, OSError)

    def __init__(self, publishing: ArticlePublishing, reloading: Reloading) -> None:
        self._publishing, self._reloading = publishing, reloading
        self.language = CompanyFile(publishing.company / "company.toml").described.lines[0].language
        self.embedder = shared_embedder()
        self.served, self.drafts, self.text = publishing.served, publishing.drafts, publishing.text
        self.look, self.save, self.discard = publishing.look, publishing.save, publishing.discard
        self.revisions_of, self.audit = publishing.revisions_of, publishing.audit

    def draft_of(self, name: str, text: str) -> Drafted:
        return drafted(text, name)

    async def publish(self, names: Sequence[str], who: str, message: str) -> Outcome:
        return await self._taken_up(await asyncio.to_thread(self._publishing.publish, names, who, message))

    async def roll_back(self, name: str, number: int, who: str, message: str) -> Outcome:
        return await self._taken_up(await asyncio.to_thread(self._publishing.roll_back, name, number, who, message))

    async def _taken_up(self, made: Published) -> Outcome:
        now = await self._reloading.reload("articles were published") if made.revisions else self._reloading.outcome
        return Outcome(made.revisions, made.unchanged, made.warnings, now.ok, now.errors)


class ServedReview:
    """`console.article_shelf.ReviewDesk`."""

    def __init__(self, publishing: ArticlePublishing, timeline: Timeline, reloading: Reloading) -> None:
        self._timeline, self._reloading = timeline, reloading
        self._reviewing = Reviewing(publishing, shared_embedder())

    async def _calls(self, days: int) -> list[Call]:
        return await read_calls(self._timeline, datetime.now(UTC) - timedelta(days=days))

    async def matters(self, days: int, most: int) -> dict[str, Any]:
        calls = await self._calls(days)

        def look() -> dict[str, Any]:
            base, found = self._reloading.company.knowledge, self._reviewing.open_matters(calls)
            rows = [told_matter(one, self._reviewing.suggestion(one, base)) for one in found[:most]]
            return {"calls": len(calls), "all": len(found), "matters": rows}

        return await asyncio.to_thread(look)

    async def matter(self, name: str, days: int) -> dict[str, Any]:
        calls = await self._calls(days)

        def look() -> dict[str, Any]:
            found = self._reviewing.matter(calls, name)
            suggestion = self._reviewing.suggestion(found, self._reloading.company.knowledge)
            return told_matter(found, suggestion, whole=True)

        return await asyncio.to_thread(look)

    async def approve(self, name: str, days: int, who: str, changes: Changes) -> dict[str, Any]:
        calls = await self._calls(days)
        done = await asyncio.to_thread(self._reviewing.approve, calls, name, who, changes)
        now = await self._reloading.reload("a review was approved")
        return {
            "article": done.article, "revision": done.revision.number, "test": done.test, "band": done.band,
            "served": now.ok, "why": list(now.errors),
        }  # fmt: skip

    async def dismiss(self, name: str, days: int, who: str) -> dict[str, Any]:
        calls = await self._calls(days)
        matter = await asyncio.to_thread(self._reviewing.dismiss, calls, name, who)
        return {"id": matter.id, "questions": [text for text, _ in matter.questions]}


def shelves(revisions: Revisions, timeline: Timeline, reloading: Reloading) -> tuple[ServedArticles, ServedReview]:
    """Both, of the company that is served."""
    publishing = ArticlePublishing(reloading.folder, revisions)
    return ServedArticles(publishing, reloading), ServedReview(publishing, timeline, reloading)
