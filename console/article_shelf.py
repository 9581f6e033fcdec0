"""Where the console's articles are, and the review of what they did not answer; the server provides both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from knowledge.article_files import Articles
from knowledge.articles import Fault
from knowledge.embedding import Embedder
from knowledge.exchange.drafted import Drafted
from knowledge.revision import Draft, Revision


@dataclass(frozen=True)
class Changes:
    """What a person changed in a suggestion of the review: the article that gets the phrasings, phrasings in place of
    the suggested ones, the texts of a new article."""

    article: str = ""
    phrasings: tuple[str, ...] = ()
    spoken: str = ""
    more: str = ""
    title: str = ""


@dataclass(frozen=True)
class Outcome:
    """revisions: made. unchanged: ids of drafts that said what is served already. warnings: what could be better.
    served: whether calls use it now; why: what keeps the server from it."""

    revisions: tuple[Revision, ...]
    unchanged: tuple[str, ...] = ()
    warnings: tuple[Fault, ...] = ()
    served: bool = True
    why: tuple[str, ...] = field(default=())


class ArticleShelf(Protocol):
    """The articles of one company. What has no `async` blocks: for threads. Raises `unusable`, ArticlesUnreadable and
    RevisionError."""

    unusable: tuple[type[Exception], ...]
    language: str
    """Of texts that do not say theirs."""
    embedder: Embedder | None

    def served(self) -> Articles: ...

    def drafts(self) -> list[Draft]: ...

    def text(self, name: str, revision: str = "") -> str: ...

    def look(self, name: str, text: str) -> list[Fault]: ...

    def draft_of(self, name: str, text: str) -> Drafted: ...

    def save(self, drafts: Sequence[Drafted], who: str, seen: Mapping[str, int] | None = None) -> list[Draft]: ...

    def discard(self, name: str, who: str) -> bool: ...

    def revisions_of(self, name: str) -> list[dict[str, Any]]: ...

    def audit(self, name: str = "", most: int = 50) -> list[tuple[str, ...]]: ...

    async def publish(self, names: Sequence[str], who: str, message: str) -> Outcome: ...

    async def roll_back(self, name: str, number: int, who: str, message: str) -> Outcome: ...


class ReviewDesk(Protocol):
    """The review, JSON-ready. Raises as the shelf does, and HistoryUnavailable."""

    async def matters(self, days: int, most: int) -> dict[str, Any]: ...

    async def matter(self, name: str, days: int) -> dict[str, Any]: ...

    async def approve(self, name: str, days: int, who: str, changes: Changes) -> dict[str, Any]: ...

    async def dismiss(self, name: str, days: int, who: str) -> dict[str, Any]: ...
