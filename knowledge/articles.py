"""Articles: what the company says on the phone, read from YAML files that people write."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from knowledge.wording import essence

FEWEST_PHRASINGS = 3
"""Phrasings in a language below which a warning is due: with one or two, every third caller is misunderstood."""
LONGEST_SPOKEN_WORDS = 40
"""A spoken answer above this is warned of. The aim is 25: a caller remembers no more."""
_UNSPEAKABLE = re.compile(r"https?://|www\.|[()\[\]{}<>*#_|\\]")
_LANGUAGE = r"^[a-z]{2,3}$"


def _speakable(text: str) -> str:
    if found := _UNSPEAKABLE.search(text):
        raise ValueError(f"{found.group()!r} cannot be read aloud; say it in words")
    return text


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Spoken = Annotated[Text, AfterValidator(_speakable)]
Language = Annotated[str, StringConstraints(pattern=_LANGUAGE)]


class ArticlesUnreadable(ValueError):
    """Nothing was loaded. Every fault has its own line: file:line, what is wrong, what to do."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class Article(BaseModel):
    """One answer. All texts are by language ('it', 'en', 'ko').

    id: stable name, [a-z0-9-]. title: what 'did you mean …?' offers, a noun phrase. phrasings: how callers ask for it.
    spoken: the answer, at most two sentences. more: what is said to 'tell me more'. queue: who knows more, '' for the
    line's own. valid_until: last day it may be given. sensitive: never answered by the bot, the caller is handed off.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: dict[Language, Text]
    phrasings: dict[Language, tuple[Text, ...]]
    spoken: dict[Language, Spoken]
    more: dict[Language, Spoken] = Field(default_factory=dict)
    tags: tuple[Text, ...] = ()
    queue: str = ""
    valid_until: date | None = None
    sensitive: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Article:
        if not self.spoken:
            raise ValueError("no spoken answer in any language; add spoken.it")
        if not any(self.phrasings.values()):
            raise ValueError("no phrasings in any language; add at least three ways callers ask for it")
        if missing := sorted(self.spoken.keys() - self.title.keys()):
            raise ValueError(f"spoken in {', '.join(missing)} but no title there; add title.{missing[0]}")
        if missing := sorted(self.more.keys() - self.spoken.keys()):
            raise ValueError(f"`more` in {', '.join(missing)} but no spoken answer there; add spoken.{missing[0]}")
        return self

    @property
    def version(self) -> str:
        """Changes whenever any of the article changes: first 10 digits of the SHA-256 of its content."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:10]

    def holds(self, on: date) -> bool:
        """Whether it may still be given on that day."""
        return self.valid_until is None or on <= self.valid_until


@dataclass(frozen=True)
class Articles:
    """What a folder holds: by id, in the order of file names and places in them. warnings: advice with file:line."""

    by_id: dict[str, Article]
    warnings: tuple[str, ...]


def load_articles(folder: Path) -> Articles:
    """Read every *.yaml and *.yml below `folder`; a file holds one article or a list of them.

    Raises ArticlesUnreadable, with all faults at once, when any of it is wrong: there is no half-loaded company.
    """
    if not folder.is_dir():
        raise ArticlesUnreadable([f"{folder}: no such folder; give the folder that holds the articles' YAML files"])
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml"))
    if not paths:
        raise ArticlesUnreadable([f"{folder}: no .yaml file in it; write at least one article"])
    by_id: dict[str, Article] = {}
    places: dict[str, str] = {}
    asked: dict[str, tuple[str, str]] = {}
    faults: list[str] = []
    warnings: list[str] = []
    for path in paths:
        try:
            for place, node in _nodes(path):
                try:
                    article = Article.model_validate(_plain(node))
                except ValidationError as invalid:
                    faults += _explained(path, node, invalid)
                    continue
                if article.id in places:
                    faults.append(f"{place}: id {article.id!r} is taken by {places[article.id]}; choose another")
                    continue
                by_id[article.id], places[article.id] = article, place
                faults += _shared(path, node, article, asked)
                warnings += (f"{place}: article {article.id!r}: {advice}" for advice in _advice(article))
        except ArticlesUnreadable as unreadable:
            faults += unreadable.faults
    if faults:
        raise ArticlesUnreadable(faults)
    return Articles(by_id, tuple(warnings))


def _nodes(path: Path) -> Iterator[tuple[str, CommentedMap]]:
    """Each article's mapping with its file:line."""
    try:
        root = YAML(typ="rt").load(path.read_text("utf-8"))
    except MarkedYAMLError as broken:
        line = broken.problem_mark.line + 1 if broken.problem_mark else 1
        raise ArticlesUnreadable([f"{path}:{line}: not YAML: {broken.problem}; fix the file's syntax"]) from broken
    except (YAMLError, UnicodeDecodeError, OSError) as broken:
        raise ArticlesUnreadable([f"{path}:1: cannot be read: {broken}"]) from broken
    listed = isinstance(root, CommentedSeq)
    for index, node in enumerate(root if listed else [root]):
        line = root.lc.item(index)[0] + 1 if listed else 1
        if not isinstance(node, CommentedMap):
            raise ArticlesUnreadable([f"{path}:{line}: an article is a mapping with id, title, phrasings and spoken"])
        yield f"{path}:{node.lc.line + 1}", node


def _plain(node: Any) -> Any:
    """Without ruamel's types, so that validation sees what JSON would hold."""
    if isinstance(node, CommentedMap):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    return node


def _explained(path: Path, node: CommentedMap, invalid: ValidationError) -> list[str]:
    faults = []
    for fault in invalid.errors():
        where = ".".join(str(step) for step in fault["loc"] if step != "[key]")
        what = fault["msg"].removeprefix("Value error, ")
        name = f"article {node.get('id', 'without id')!r}{where and ', '}{where}"
        faults.append(f"{path}:{_line(node, fault['loc'])}: {name}: {what}")
    return faults


def _shared(path: Path, node: CommentedMap, article: Article, asked: dict[str, tuple[str, str]]) -> Iterator[str]:
    """Phrasings that another article has too. asked: essence → article and place, of all the phrasings so far."""
    for language, phrasings in article.phrasings.items():
        for index, phrasing in enumerate(phrasings):
            place = f"{path}:{_line(node, ('phrasings', language, index))}"
            owner, where = asked.setdefault(essence(phrasing, language), (article.id, place))
            if owner != article.id:
                yield f"{place}: {phrasing!r} is also in article {owner!r} ({where}); it could mean either: keep one"


def _line(node: Any, steps: tuple[int | str, ...]) -> int:
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


def _advice(article: Article) -> Iterator[str]:
    for language in article.spoken:
        count = len(article.phrasings.get(language, ()))
        if count < FEWEST_PHRASINGS:
            yield f"{count} phrasings in {language!r}; write {FEWEST_PHRASINGS} at the very least, better 5 to 10"
        if (words := len(article.spoken[language].split())) > LONGEST_SPOKEN_WORDS:
            yield f"spoken.{language} has {words} words; say the main thing in 25 and put the rest into `more`"
