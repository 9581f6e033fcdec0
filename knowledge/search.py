"""Which article answers a caller's question, and whether to say it, to ask, or to admit that we do not know."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from time import perf_counter
from typing import Literal

import structlog

from knowledge.article_files import load_articles
from knowledge.articles import Article
from knowledge.calibration import Risk
from knowledge.embedding import Embedder, shared_embedder
from knowledge.heard import Unsure
from knowledge.phrases import Band, PhraseIndex

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Hit:
    """A possible answer. Title, spoken, more: in the caller's language. score: probability 0..1 that it is right.

    sensitive: do not speak it, hand the caller to `queue` ('' for the line's own). link: to be sent, not spoken.
    """

    article: str
    version: str
    title: str
    spoken: str
    score: float
    sensitive: bool = False
    queue: str = ""
    more: str = ""
    link: str = ""


@dataclass(frozen=True)
class Found:
    """band 'answer': say candidates[0]; 'choose': ask which of the candidates was meant; 'reject': nothing is offered.

    candidates: best first; also given with 'reject', for the history and the review of unanswered questions.
    untranslated: id of the article that would have answered but is not written in the caller's language, else ''.
    """

    question: str
    band: Band
    candidates: tuple[Hit, ...] = ()
    untranslated: str = ""
    took_ms: float = field(default=0.0, compare=False)


def _today() -> date:
    return datetime.now().astimezone().date()


class KnowledgeBase:
    """A company's articles with their search index. Immutable (load another when they change) and thread-safe."""

    def __init__(
        self,
        articles: Mapping[str, Article],
        embedder: Embedder | None,
        warnings: tuple[str, ...] = (),
        today: Callable[[], date] = _today,
        risk: Risk | None = None,
    ) -> None:
        self.articles: Mapping[str, Article] = dict(articles)
        self.warnings = warnings
        self._today = today
        self._index = PhraseIndex({one.id: one.phrasings for one in articles.values()}, embedder, risk=risk)
        self.mode = self._index.mode
        self.bands = self._index.bands
        known = "".join(f"{one.id}:{one.version};" for one in articles.values())
        self.revision = hashlib.sha256(f"{self.mode};{known}".encode()).hexdigest()[:12]

    @classmethod
    def load(
        cls,
        folder: Path,
        embedder: Embedder | Literal["shared"] | None = "shared",
        today: Callable[[], date] = _today,
        risk: Risk | None = None,
    ) -> KnowledgeBase:
        """Read the articles below `folder` and index them.

        embedder: the process's shared encoder by default; None to compare by spelling only. today: the clock that
        `valid_until` is held against. Raises ArticlesUnreadable naming every fault with its file and line.
        """
        read = load_articles(folder)
        for warning in read.warnings:
            log.warning("knowledge.article", detail=warning)
        return cls(read.by_id, shared_embedder() if embedder == "shared" else embedder, read.warnings, today, risk)

    def get(self, article: str) -> Article | None:
        """The article of that id, expired or not; None when there is none."""
        return self.articles.get(article)

    def spoken_texts(self, language: str) -> tuple[str, ...]:
        """Everything the bot may say from the articles in a language, to be rendered before the first call."""
        language = _base(language)
        texts: dict[str, None] = {}
        for one in self.articles.values():
            if not one.sensitive and one.holds(self._today()):
                texts |= {text[language]: None for text in (one.spoken, one.more) if language in text}
        return tuple(texts)

    def phrasings(self) -> dict[str, list[str]]:
        """All phrasings by language: what an index of intents should learn not to answer (`PhraseIndex(outside=…)`)."""
        lines: dict[str, list[str]] = {}
        for one in self.articles.values():
            for language, texts in one.phrasings.items():
                lines.setdefault(language, []).extend(texts)
        return lines

    def search(self, question: str, language: str, limit: int = 3, unsure: Unsure = ()) -> Found:
        """The articles for a question as the recognizer wrote it. Deterministic; a few milliseconds of CPU.

        language: the caller's; answers come in it, found from phrasings in any language. limit: most candidates, 1..9.
        unsure: words that the recognizer doubted, with its confidences; they count less.
        """
        began = perf_counter()
        day, spoken_in = self._today(), _base(language)
        ranking = tuple(
            (name, score)
            for name, score in self._index.rank(question, language, unsure)
            if self.articles[name].holds(day)
        )
        band = self._index.band(ranking)
        untranslated = ""
        if band != "reject" and spoken_in not in self.articles[ranking[0][0]].spoken:
            band, untranslated = "reject", ranking[0][0]
        hits = [
            self._hit(self.articles[name], spoken_in, score)
            for name, score in ranking
            if spoken_in in self.articles[name].spoken
        ]
        return Found(question, band, tuple(hits[:limit]), untranslated, round((perf_counter() - began) * 1000, 2))

    @staticmethod
    def _hit(one: Article, language: str, score: float) -> Hit:
        return Hit(
            article=one.id,
            version=one.version,
            title=one.title[language],
            spoken=one.spoken[language],
            score=score,
            sensitive=one.sensitive,
            queue=one.queue,
            more=one.more.get(language, ""),
            link=one.link.get(language, ""),
        )


def _base(language: str) -> str:
    return language.split("-")[0].lower()
