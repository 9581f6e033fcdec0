"""Which form a file has, and how each is read and written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from knowledge.article_files import plain
from knowledge.articles import Article, ArticlesUnreadable
from knowledge.exchange import csv_form, html_form, json_ld_form, markdown_form
from knowledge.exchange.drafted import (
    LARGEST_IMPORT_BYTES,
    MOST_IMPORTED,
    Drafted,
    ImportRefused,
    as_yaml,
    content_of,
)
from knowledge.exchange.html_text import PageRefused

Form = Literal["csv", "markdown", "json-ld", "html", "yaml"]
FORMS: tuple[Form, ...] = ("csv", "markdown", "json-ld", "html", "yaml")
_ENDINGS: dict[str, Form] = {
    "csv": "csv", "tsv": "csv", "txt": "csv", "md": "markdown", "markdown": "markdown", "json": "json-ld",
    "jsonld": "json-ld", "html": "html", "htm": "html", "xhtml": "html", "yaml": "yaml", "yml": "yaml",
}  # fmt: skip


_OF_YAML = re.compile(r"(?:-[ \t]+)?(?:id|title|phrasings|spoken):[ \t\r\n]")


@dataclass(frozen=True)
class Read:
    """What stood in a file. form, encoding: as they were found."""

    drafts: tuple[Drafted, ...]
    form: Form
    encoding: str


def write(articles: Sequence[Article], form: Form) -> str:
    """The articles in that form; `read` gives the same articles back."""
    match form:
        case "csv":
            return csv_form.write(articles)
        case "markdown":
            return markdown_form.write(articles)
        case "json-ld":
            return json_ld_form.write(articles)
        case "html":
            return html_form.write(articles)
        case "yaml":
            return as_yaml([content_of(article) for article in articles])


def read(data: bytes, name: str = "", form: Form | None = None, language: str = "it") -> Read:
    """The articles of a file, as drafts, each under an id of its own.

    name: of the file; its ending tells the form, else its content does. language: of texts that do not say theirs.
    Raises ImportRefused.
    """
    if len(data) > LARGEST_IMPORT_BYTES:
        raise ImportRefused(f"{name or 'the file'} has more than {LARGEST_IMPORT_BYTES >> 20} MiB; split it")
    text, encoding = text_of(data)
    if not text.strip():
        raise ImportRefused(f"{name or 'the file'} is empty")
    form = form or form_of(name, text)
    readers: dict[Form, Callable[[str, str], list[Drafted]]] = {
        "csv": csv_form.read,
        "markdown": markdown_form.read,
        "json-ld": json_ld_form.read,
        "html": html_form.read,
        "yaml": _read_yaml,
    }
    try:
        drafts = readers[form](text, language)
    except PageRefused as refused:
        raise ImportRefused(str(refused)) from refused
    if not drafts:
        raise ImportRefused(f"no question with an answer was found in {name or 'it'} (read as {form}); give its form")
    if len(drafts) > MOST_IMPORTED:
        raise ImportRefused(f"{len(drafts)} questions; at most {MOST_IMPORTED} are taken in at once")
    return Read(tuple(_named_apart(drafts)), form, encoding)


def form_of(name: str, text: str) -> Form:
    """By the file's ending, else by what it begins with."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    first = text.lstrip("\ufeff \t\r\n")[:1]
    if first == "<":
        return "html"
    if first in ("{", "["):
        return "json-ld"
    if _OF_YAML.match(text.lstrip("\ufeff \t\r\n")):
        return "yaml"
    return "markdown" if first == "#" else "csv"


def text_of(data: bytes) -> tuple[str, str]:
    """The text and its encoding: what its mark says, UTF-8, else what Windows has used in Western Europe or Korea."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        korean = data.decode("cp949")
        if sum("가" <= sign <= "힣" for sign in korean) > len(korean) / 5:
            return korean, "cp949"
    except UnicodeDecodeError:
        pass
    return data.decode("cp1252", errors="replace"), "cp1252"


def _read_yaml(text: str, language: str) -> list[Drafted]:
    try:
        root: Any = YAML(typ="rt").load(text)
        data = plain(root)
    except (YAMLError, RecursionError, ValueError) as broken:
        why = "; ".join(broken.faults) if isinstance(broken, ArticlesUnreadable) else " ".join(str(broken).split())
        raise ImportRefused(f"this is no YAML of articles: {why}") from broken
    drafts = []
    for number, one in enumerate(data if isinstance(data, list) else [data], start=1):
        if not isinstance(one, dict):
            raise ImportRefused("an article is a mapping with id, title, phrasings and spoken")
        drafts.append(Drafted(one, f"article {number}"))
    return drafts


def _named_apart(drafts: Sequence[Drafted]) -> list[Drafted]:
    """Two drafts with one id would be one draft; and what has none gets one."""
    taken: set[str] = set()
    apart = []
    for draft in drafts:
        wanted = draft.id or "articolo"
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted}-{number}", number + 1
        taken.add(name)
        apart.append(draft if name == draft.id else draft.called(name))
    return apart
