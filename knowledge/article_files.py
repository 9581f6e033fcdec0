"""Reads articles from YAML files that people write, and knows the line of everything that is wrong in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from knowledge.article_lint import advice
from knowledge.articles import Article, ArticlesUnreadable, Fault
from knowledge.wording import essence

LARGEST_FILE_BYTES = 8 * 1024 * 1024
MOST_ARTICLES = 20_000
LARGEST_NODES = 10_000
"""Phrasings and texts of one article."""
Steps = tuple[int | str, ...]


@dataclass(frozen=True)
class Articles:
    """What a folder holds: by id, in the order of file names and places in them. warnings: advice with file:line.

    places: id → 'file:line'.
    """

    by_id: dict[str, Article]
    warnings: tuple[str, ...]
    advised: tuple[Fault, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)


def load_articles(folder: Path) -> Articles:
    """Read every *.yaml and *.yml below `folder`; a file holds one article or a list of them.

    Raises ArticlesUnreadable, with all faults at once, when any of it is wrong: there is no half-loaded company.
    """
    if not folder.is_dir():
        why = "no such folder; give the folder that holds the articles' YAML files"
        raise ArticlesUnreadable([Fault(str(folder), 0, why)])
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml"))
    if not paths:
        raise ArticlesUnreadable([Fault(str(folder), 0, "no .yaml file in it; write at least one article")])
    reading = _Reading()
    for path in paths:
        try:
            text = _text_of(path)
        except ArticlesUnreadable as unreadable:
            reading.faults += unreadable.located
        else:
            reading.read(text, str(path))
    return reading.done()


def read_articles(text: str, name: str) -> Articles:
    """The articles of one file's text; name: what its faults call it. Raises ArticlesUnreadable."""
    reading = _Reading()
    reading.read(text, name)
    return reading.done()


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self.by_id: dict[str, Article] = {}
        self.places: dict[str, str] = {}
        self.asked: dict[str, tuple[str, str]] = {}
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def read(self, text: str, name: str) -> None:
        try:
            for line, node in _nodes(text, name):
                self._take(name, line, node)
        except ArticlesUnreadable as unreadable:
            self.faults += unreadable.located

    def done(self) -> Articles:
        if self.faults:
            raise ArticlesUnreadable(self.faults)
        return Articles(self.by_id, tuple(map(str, self.warnings)), tuple(self.warnings), self.places)

    def _take(self, name: str, line: int, node: CommentedMap) -> None:
        try:
            article = Article.model_validate(plain(node))
        except ValidationError as invalid:
            self.faults += _explained(name, node, invalid)
            return
        except ArticlesUnreadable as endless:
            self.faults += (replace(fault, file=name, line=line) for fault in endless.located)
            return
        if article.id in self.places:
            why = f"id {article.id!r} is taken by {self.places[article.id]}; choose another"
            self.faults.append(Fault(name, line, why))
            return
        if len(self.by_id) >= MOST_ARTICLES:
            raise ArticlesUnreadable([Fault(name, line, f"more than {MOST_ARTICLES} articles; split the company")])
        self.by_id[article.id], self.places[article.id] = article, f"{name}:{line}"
        self.faults += _shared(name, node, article, self.asked)
        self.warnings += (
            Fault(name, _line(node, steps), message, article.id, rule, True) for steps, rule, message in advice(article)
        )


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            why = f"larger than {LARGEST_FILE_BYTES >> 20} MiB; split it into several files"
            raise ArticlesUnreadable([Fault(str(path), 1, why)])
        return path.read_text("utf-8")
    except (UnicodeDecodeError, OSError) as broken:
        raise ArticlesUnreadable([Fault(str(path), 1, f"cannot be read: {broken}")]) from broken


def _nodes(text: str, name: str) -> Iterator[tuple[int, CommentedMap]]:
    """Each article's mapping with its line."""
    try:
        root = YAML(typ="rt").load(text)
    except MarkedYAMLError as broken:
        line = broken.problem_mark.line + 1 if broken.problem_mark else 1
        raise ArticlesUnreadable(
            [Fault(name, line, f"not YAML: {broken.problem}; fix the file's syntax", rule="yaml")]
        ) from broken
    except (YAMLError, RecursionError) as broken:
        raise ArticlesUnreadable([Fault(name, 1, f"cannot be read: {broken}", rule="yaml")]) from broken
    listed = isinstance(root, CommentedSeq)
    for index, node in enumerate(root if listed else [root]):
        line = root.lc.item(index)[0] + 1 if listed else 1
        if not isinstance(node, CommentedMap):
            why = "an article is a mapping with id, title, phrasings and spoken"
            raise ArticlesUnreadable([Fault(name, line, why)])
        yield node.lc.line + 1, node


def plain(node: Any) -> Any:
    """Without ruamel's types, so that validation sees what JSON would hold.

    Raises ArticlesUnreadable when a few lines stand for very much (references to references).
    """
    left = [LARGEST_NODES]

    def bare(part: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            why = f"an article of more than {LARGEST_NODES} parts; write it without references"
            raise ArticlesUnreadable([Fault("", 1, why)])
        if isinstance(part, CommentedMap):
            return {key: bare(value) for key, value in part.items()}
        if isinstance(part, CommentedSeq):
            return [bare(value) for value in part]
        return part

    return bare(node)


def _explained(name: str, node: CommentedMap, invalid: ValidationError) -> Iterator[Fault]:
    for fault in invalid.errors():
        where = ".".join(str(step) for step in fault["loc"] if step != "[key]")
        what = fault["msg"].removeprefix("Value error, ")
        named = str(node.get("id", "without id"))
        yield Fault(name, _line(node, fault["loc"]), f"{where}: {what}" if where else what, named)


def _shared(name: str, node: CommentedMap, article: Article, asked: dict[str, tuple[str, str]]) -> Iterator[Fault]:
    """Phrasings that another article has too. asked: essence → article and place, of all the phrasings so far."""
    for language, phrasings in article.phrasings.items():
        for index, phrasing in enumerate(phrasings):
            line = _line(node, ("phrasings", language, index))
            owner, where = asked.setdefault(essence(phrasing, language), (article.id, f"{name}:{line}"))
            if owner != article.id:
                why = f"{phrasing!r} is also in article {owner!r} ({where}); it could mean either: keep one"
                yield Fault(name, line, why, rule="shared-phrasing")


def _line(node: Any, steps: Steps) -> int:
    """The line, from 1, of the deepest part of `node` that the steps of a pydantic error lead to."""
    line: int = node.lc.line + 1
    for step in steps:
        try:
            if isinstance(node, CommentedMap):
                line = node.lc.key(step)[0] + 1
            elif isinstance(node, CommentedSeq):
                line = node.lc.item(step)[0] + 1
            node = node[step]
        except (KeyError, IndexError, TypeError):
            break
    return line
