"""Publishing articles: checked with the whole company, then a numbered revision, then the file that is served.

An article is a document of its own, though a file may hold many: what is drafted and kept is its YAML alone.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from centralino.article_checks import checked
from centralino.company_books import Books
from centralino.company_file import CompanyFile
from centralino.placing import move_to, written_beside
from centralino.settings import SettingsError
from dialogs.flowbook import Flowbook
from knowledge.article_files import Articles, load_articles, read_articles
from knowledge.article_splicing import NotSpliced, spliced
from knowledge.articles import Article, ArticlesUnreadable, Fault
from knowledge.exchange.drafted import Drafted, ImportRefused, as_yaml, content_of
from knowledge.exchange.forms import read
from knowledge.revision import Document, Draft, NoSuchRevision, NothingNew, Revision, sha256_of
from knowledge.revisions import Revisions

ARTICLE = "article"
"""The kind of document."""


@dataclass(frozen=True)
class Published:
    """What was published, and what in it could be better."""

    revisions: tuple[Revision, ...]
    unchanged: tuple[str, ...]
    warnings: tuple[Fault, ...]


class ArticlePublishing:
    """The articles of the company in `folder`. Everything blocks for some milliseconds: for threads and commands.

    Methods raise SettingsError when company.toml cannot be read or there is no such article, ArticlesUnreadable when
    the articles that are served are broken, and RevisionsUnavailable.
    """

    def __init__(
        self, folder: Path, revisions: Revisions, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.company, self.revisions, self._now = folder, revisions, now

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return self.company / CompanyFile(self.company / "company.toml").described.articles

    def served(self) -> Articles:
        """The articles as their files have them. What a crash has left half done is finished first."""
        self._finish()
        return load_articles(self.folder)

    def in_file(self, name: str, served: Articles | None = None) -> Revision | None:
        """The revision of what the file says now: a new one when somebody edited it; None when it is in no file.

        served: what `served` has just read.
        """
        article = (served or self.served()).by_id.get(name)
        if article is None:
            return None
        return self.revisions.found(document(name), body_of(article), at=self._now())

    def text(self, name: str, revision: str = "") -> str:
        """The YAML of an article: a revision's, '' for what is served, 'draft' for its draft."""
        if revision == "draft":
            draft = self.revisions.draft(document(name))
            if draft is None:
                raise SettingsError(f"article {name!r} has no draft")
            return draft.body.decode()
        if revision:
            return self.revisions.read(document(name), revision).decode()
        article = self.served().by_id.get(name)
        if article is None:
            raise SettingsError(f"there is no article {name[:80]!r}; `centralino knowledge list` names them")
        return body_of(article).decode()

    def diff(self, name: str, before: str = "", after: str = "draft") -> str:
        """What differs between two of them, line by line; named as for `text`."""
        old, new = (self.text(name, one).splitlines(keepends=True) for one in (before, after))
        return "".join(difflib.unified_diff(old, new, before or "served", after or "served"))

    # ------------------------------------------------------------------------------------------------------- drafts
    def save(self, drafts: Sequence[Drafted], who: str, seen: Mapping[str, int] | None = None) -> list[Draft]:
        """Keep drafts; what is served does not change. seen: id → serial of the draft that was read (0: there was
        none). Raises Conflict."""
        served, saved = self.served(), []
        for draft in drafts:
            known = self.in_file(draft.id, served)
            saved.append(
                self.revisions.save_draft(
                    document(draft.id),
                    as_yaml(draft.content).encode(),
                    who=who,
                    at=self._now(),
                    base=known.number if known else None,
                    seen=None if seen is None else seen.get(draft.id, 0),
                )
            )
        return saved

    def drafts(self) -> list[Draft]:
        """By id."""
        return self.revisions.drafts(ARTICLE)

    def discard(self, name: str, who: str) -> bool:
        """Whether there was a draft."""
        return self.revisions.discard_draft(document(name), who=who, at=self._now())

    def check(self, names: Sequence[str]) -> dict[str, list[Fault]]:
        """What keeps each of these drafts from being published, with the line in the draft; warnings among it."""
        served, books = self.served(), self._books()
        return {name: checked({name: self.text(name, "draft")}, served, books)[1] for name in names}

    def look(self, name: str, text: str) -> list[Fault]:
        """What would keep this YAML from being published as that article; warnings among it."""
        return checked({name: text}, self.served(), self._books())[1]

    # --------------------------------------------------------------------------------------------------- publishing
    def publish(self, names: Sequence[str], who: str, message: str) -> Published:
        """Drafts become revisions and stand in their files. All of them can be served, or none is published.

        Raises ArticlesUnreadable, Conflict, ValueError.
        """
        drafts = {name: self.revisions.draft(document(name)) for name in names}
        if missing := [name for name, draft in drafts.items() if draft is None]:
            raise SettingsError(f"no draft of {', '.join(missing[:5])}; `centralino knowledge drafts` lists them")
        texts = {name: draft.body.decode() for name, draft in drafts.items() if draft}
        served = self.served()
        articles, faults = checked(texts, served, self._books())
        if errors := [fault for fault in faults if not fault.is_warning]:
            raise ArticlesUnreadable(errors)
        made, unchanged = [], []
        for name, article in articles.items():
            draft = drafts[name]
            assert draft is not None
            self.in_file(name, served)  # what somebody did to the file in the meantime is in the way, and kept
            try:
                made.append(self._commit(article, served, who, message, draft.base))
            except NothingNew:
                self.revisions.discard_draft(document(name), who=who, at=self._now())
                unchanged.append(name)
        return Published(tuple(made), tuple(unchanged), tuple(fault for fault in faults if fault.is_warning))

    def roll_back(self, name: str, number: int, who: str, message: str) -> Published:
        """An earlier revision is served again, as the next one."""
        text = self.text(name, str(number))
        served = self.served()
        articles, faults = checked({name: text}, served, self._books())
        if errors := [fault for fault in faults if not fault.is_warning]:
            raise ArticlesUnreadable(errors)
        now = self.in_file(name, served)
        made = self._commit(articles[name], served, who, message, now.number if now else 0, again=number)
        return Published((made,), (), ())

    # ------------------------------------------------------------------------------------------------------ reading
    def revisions_of(self, name: str) -> list[dict[str, Any]]:
        """JSON-ready, the newest first."""
        return [
            {
                "number": one.number,
                "at": one.at.isoformat(timespec="seconds"),
                "what": one.what,
                "of": one.of,
                "who": one.who,
                "message": one.message,
            }
            for one in self.revisions.revisions(document(name))
        ]

    def audit(self, name: str = "", most: int = 50) -> list[tuple[str, ...]]:
        """(when, who, what, article, revision, message) of what was done, the newest first."""
        entries = self.revisions.audit(document(name) if name else None, kind=ARTICLE, most=most)
        return [
            (
                one.at.isoformat(timespec="seconds"),
                one.who or "-",
                one.what,
                one.document.name,
                str(one.number or "-"),
                one.message,
            )
            for one in entries
        ]

    def _commit(
        self, article: Article, served: Articles, who: str, message: str, base: int, again: int | None = None
    ) -> Revision:
        place = served.places.get(article.id, "")
        path = Path(place.rpartition(":")[0]) if place else self.folder / f"{article.id}.yaml"
        try:
            before = path.read_text("utf-8") if path.exists() else ""
            text = spliced(before, article, content_of(article))
            place = path.relative_to(self.company).as_posix()
            with written_beside(path, text.encode()) as part:
                if again is None:
                    made = self.revisions.publish(
                        document(article.id), body_of(article), who=who, at=self._now(), message=message, base=base,
                        place=place,
                    )  # fmt: skip
                else:
                    made = self.revisions.roll_back(
                        document(article.id), again, who=who, at=self._now(), message=message, base=base, place=place
                    )
                move_to(part, path)
        except OSError as error:
            raise SettingsError(f"{path}: {error.strerror}: this user must be able to write it") from error
        except NotSpliced as error:
            raise SettingsError(f"{path}: {error}") from error
        self.revisions.discard_draft(document(article.id), who=who, at=self._now())
        self.revisions.placed(made)
        return made

    def _books(self) -> list[Flowbook]:
        file = CompanyFile(self.company / "company.toml")
        books = Books(self.company, file, None, self.revisions, {})
        for number in range(len(file.described.lines)):
            books.of(number)
        return [book for book, _ in books.used]

    def _finish(self) -> None:
        """Revisions that were published, and did not get into their file, before a crash."""
        for revision, place in self.revisions.unplaced(ARTICLE):
            path = self.company / place
            if not path.parent.is_dir():
                continue  # of another company
            article = next(iter(read_articles(self._body(revision), place).by_id.values()))
            before = path.read_text("utf-8") if path.exists() else ""
            there = read_articles(before, place).by_id.get(article.id) if before.strip() else None
            if (sha256_of(body_of(there)) if there else "") == self._hash_before(revision):  # else: edited since
                with written_beside(path, spliced(before, article, content_of(article)).encode()) as part:
                    move_to(part, path)
            self.revisions.placed(revision)

    def _hash_before(self, revision: Revision) -> str:
        with suppress(NoSuchRevision):
            return self.revisions.revision(revision.document, revision.number - 1).sha256
        return ""

    def _body(self, revision: Revision) -> str:
        return self.revisions.read(revision.document, revision.number).decode()


def document(name: str) -> Document:
    return Document(ARTICLE, name)


def body_of(article: Article) -> bytes:
    """What is kept of an article: its YAML alone, always in the same layout."""
    return as_yaml(content_of(article)).encode()


def drafted(text: str, name: str) -> Drafted:
    """A draft from the YAML of one article, which need not be right. Raises ArticlesUnreadable when it is no YAML."""
    try:
        drafts = read(text.encode(), form="yaml").drafts
    except ImportRefused as refused:
        raise ArticlesUnreadable([Fault(f"draft {name}", 1, str(refused), name)]) from refused
    content: dict[str, Any] = dict(drafts[0].content)
    return Drafted({**content, "id": name})
