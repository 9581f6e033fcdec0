"""From questions that callers were not answered to articles that answer them, with a person's yes in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from centralino.article_publishing import ArticlePublishing
from centralino.question_sets import add_question
from centralino.settings import SettingsError
from console.article_shelf import Changes
from knowledge.embedding import Embedder
from knowledge.exchange.drafted import Drafted
from knowledge.review import decisions as deciding
from knowledge.review.calls import Call
from knowledge.review.clusters import Matter, matters
from knowledge.review.misses import misses
from knowledge.review.suggesting import Suggestion, suggest
from knowledge.revision import Conflict, Document, Revision
from knowledge.search import KnowledgeBase

DECISIONS = Document("review", "decisions")
_TRIES = 5


@dataclass(frozen=True)
class Approved:
    """What became of it. band: how the test question is answered now. questions: the file that it was added to."""

    article: str
    revision: Revision
    test: str
    band: str
    questions: str


class Reviewing:
    """Of one company. Everything blocks, some of it for seconds: for threads and commands."""

    def __init__(self, publishing: ArticlePublishing, embedder: Embedder | None) -> None:
        self._publishing, self._embedder = publishing, embedder

    def base(self) -> KnowledgeBase:
        """The search over the articles as they are served now."""
        return KnowledgeBase(self._publishing.served().by_id, self._embedder)

    def open_matters(self, calls: Sequence[Call]) -> list[Matter]:
        """What nobody has dealt with, the costliest first."""
        return matters(deciding.still_open(misses(calls), self._decisions()[0]), self._embedder)

    def matter(self, calls: Sequence[Call], name: str) -> Matter:
        """By its id. Raises SettingsError."""
        found = next((one for one in self.open_matters(calls) if one.id == name), None)
        if found is None:
            raise SettingsError(f"there is no open matter {name[:80]!r}; `centralino knowledge review` lists them")
        return found

    def suggestion(self, matter: Matter, base: KnowledgeBase, changes: Changes | None = None) -> Suggestion:
        """What would answer it, with a person's changes. Raises SettingsError when they name no article."""
        changes = changes or Changes()
        try:
            made = suggest(matter, base, changes.article)
        except KeyError:
            raise SettingsError(f"there is no article {changes.article[:80]!r}") from None
        content: dict[str, Any] = dict(made.content)
        code = matter.language
        if changes.phrasings:
            before = base.articles[made.article].phrasings.get(code, ()) if made.kind == "phrasings" else ()
            content["phrasings"] = {**content["phrasings"], code: [*before, *changes.phrasings]}
        for name, text in (("spoken", changes.spoken), ("more", changes.more), ("title", changes.title)):
            if text:
                content[name] = {**_texts(content.get(name)), code: text}
        return replace(made, content=content, phrasings=changes.phrasings or made.phrasings)

    def approve(self, calls: Sequence[Call], name: str, who: str, changes: Changes | None = None) -> Approved:
        """The suggestion is published, its question becomes a test, the matter is done with.

        Raises SettingsError when its question would still not be answered, and what publishing raises; then nothing
        was changed.
        """
        matter, base = self.matter(calls, name), self.base()
        made = self.suggestion(matter, base, changes)
        draft = Drafted(made.content)
        if draft.article is None:
            if not any(_texts(made.content.get("spoken")).values()):
                raise SettingsError("nobody has answered this yet: write what the bot is to say (--spoken)")
            raise SettingsError("; ".join(draft.faults))
        found = KnowledgeBase({**base.articles, draft.id: draft.article}, self._embedder).search(
            made.test, matter.language
        )
        offered = [] if found.band == "reject" else [hit.article for hit in found.candidates]
        if draft.id not in offered[: 1 if found.band == "answer" else 3]:
            raise SettingsError(
                f"{made.test!r} would still not be answered ({found.band}: {', '.join(offered) or 'nothing'}); give "
                "phrasings that are closer to it, or another article"
            )
        self._publishing.save([draft], who, {draft.id: 0})
        published = self._publishing.publish([draft.id], who, f"review {matter.id}: {made.test}"[:200])
        if not published.revisions:
            raise SettingsError(f"article {draft.id!r} has these phrasings already; give others")
        path = add_question(self._publishing.company, matter.language, made.test, draft.id)
        self._decide(matter, "approved", who)
        return Approved(draft.id, published.revisions[0], made.test, found.band, str(path))

    def dismiss(self, calls: Sequence[Call], name: str, who: str) -> Matter:
        """It is not shown again."""
        matter = self.matter(calls, name)
        self._decide(matter, "dismissed", who)
        return matter

    def _decisions(self) -> tuple[dict[str, deciding.Decision], int]:
        draft = self._publishing.revisions.draft(DECISIONS)
        return (deciding.from_json(draft.body), draft.serial) if draft else ({}, 0)

    def _decide(self, matter: Matter, verdict: deciding.Verdict, who: str) -> None:
        """Several people may decide at once: who was slower looks again."""
        for attempt in range(_TRIES):
            known, serial = self._decisions()
            now = datetime.now(UTC)
            body = deciding.as_json(deciding.decided(known, matter, verdict, who, now))
            try:
                self._publishing.revisions.save_draft(DECISIONS, body, who=who, at=now, seen=serial)
                return
            except Conflict:
                if attempt == _TRIES - 1:
                    raise


def _texts(value: object) -> Mapping[str, str]:
    return value if isinstance(value, Mapping) else {}
