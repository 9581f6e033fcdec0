"""What articles need beside themselves: queues that the flowbooks have, languages that the lines speak."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from dialogs.flowbook import Flowbook
from knowledge.article_files import Articles, load_articles, read_articles
from knowledge.articles import Article, ArticlesUnreadable, Fault
from knowledge.confusable import confusable
from knowledge.wording import essence
from voice.speaking import ssml


def refuse_unfit(folder: Path, articles: Mapping[str, Article], books: Collection[Flowbook]) -> None:
    """Raises ArticlesUnreadable when an article names a queue that no flowbook has, or its markup cannot be spoken."""
    if any(True for _ in _unfit(articles, books)):
        raise ArticlesUnreadable(unfit(load_articles(folder), books))


def unfit(read: Articles, books: Collection[Flowbook]) -> list[Fault]:
    """The same faults, with file and line."""
    return [_at(read, article, message, rule) for article, rule, message in _unfit(read.by_id, books)]


def _unfit(articles: Mapping[str, Article], books: Collection[Flowbook]) -> Iterable[tuple[str, str, str]]:
    queues = {name for book in books for name in book.queues}
    for one in articles.values():
        if books and one.queue and one.queue not in queues:
            there = ", ".join(sorted(queues))
            yield one.id, "queue", f"queue: no flowbook has a queue {one.queue!r}; there are {there}"
        for name, texts in (("spoken", one.spoken), ("more", one.more)):
            for code, text in texts.items():
                if fault := ssml.fault(text):
                    yield one.id, "markup", f"{name}.{code}: {fault}"


def checked(
    texts: Mapping[str, str], served: Articles, books: Sequence[Flowbook]
) -> tuple[dict[str, Article], list[Fault]]:
    """The articles of these texts, and everything that is wrong with them among the others."""
    read: dict[str, Article] = {}
    faults: list[Fault] = []
    for name, text in texts.items():
        try:
            found = read_articles(text, f"draft {name}")
        except ArticlesUnreadable as unreadable:
            faults += unreadable.located
            continue
        if list(found.by_id) != [name]:
            faults.append(Fault(f"draft {name}", 1, f"an article keeps its id; write id: {name}", name, "id"))
            continue
        read |= found.by_id
        faults += found.advised
    together = {**served.by_id, **read}
    asked: dict[str, str] = {}
    for one in sorted(together.values(), key=lambda article: article.id in read):
        for language, phrasings in one.phrasings.items():
            for phrasing in phrasings:
                owner = asked.setdefault(essence(phrasing, language), one.id)
                if owner != one.id:
                    why = f"{phrasing!r} is also in article {owner!r}; it could mean either: keep one"
                    faults.append(Fault(f"draft {one.id}", 1, why, one.id, "shared-phrasing"))
    places = {name: f"draft {name}:1" for name in read}
    faults += unfit(Articles(read, (), (), places), books)
    return read, faults


def advised(read: Articles, spoken_on: Mapping[str, str], today: date) -> list[Fault]:
    """Warnings beyond those of the articles' own text. spoken_on: language → a line that speaks it."""
    found = list(read.advised)
    for one in read.by_id.values():
        if one.valid_until and one.valid_until < today:
            why = f"it is over since {one.valid_until}: callers do not hear it; take it away or extend it"
            found.append(_at(read, one.id, why, "expired", warning=True))
    for each in confusable(read.by_id):
        why = f"{each.phrasing!r} is closer to article {each.other!r} ({each.likeness:.2f}) than to its own"
        found.append(_at(read, each.article, why, "confusable", warning=True))
    for code, line in spoken_on.items():
        without = [one for one in read.by_id.values() if code not in one.spoken]
        if without:
            named = ", ".join(one.id for one in without[:5]) + (" and more" if len(without) > 5 else "")
            why = f"{len(without)} articles are not written in {code!r}, which line {line!r} speaks: {named}"
            found.append(Fault(_file(read, without[0].id)[0], 0, why, rule="untranslated", is_warning=True))
    return sorted(found, key=lambda fault: (fault.file, fault.line))


def _at(read: Articles, article: str, message: str, rule: str, warning: bool = False) -> Fault:
    file, line = _file(read, article)
    return Fault(file, line, message, article, rule, warning)


def _file(read: Articles, article: str) -> tuple[str, int]:
    file, _, line = read.places[article].rpartition(":")
    return file, int(line)
