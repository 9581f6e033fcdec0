"""An article that was taken in from elsewhere: what it says, where it stood, what is still wrong with it."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML

from knowledge.articles import Article
from knowledge.wording import level, unaccented

LARGEST_IMPORT_BYTES = 8 * 1024 * 1024
MOST_IMPORTED = 5_000
_WORDS_OF_AN_ID = 6


class ImportRefused(ValueError):
    """Nothing was taken in: what is wrong with the file, and what to do."""


@dataclass(frozen=True)
class Drafted:
    """content: as it would stand in a YAML file. place: where it stood in what was read. notes: what was changed."""

    content: Mapping[str, Any]
    place: str = ""
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = field(init=False, default=())
    article: Article | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "article", Article.model_validate(dict(self.content)))
        except ValidationError as invalid:
            object.__setattr__(self, "faults", explained(invalid))

    @property
    def id(self) -> str:
        return str(self.content.get("id", ""))

    def called(self, new_id: str) -> Drafted:
        """The same under another id."""
        return Drafted({**self.content, "id": new_id}, self.place, self.notes)


def explained(invalid: ValidationError) -> tuple[str, ...]:
    """What keeps it from being an article, one line each."""
    faults = []
    for fault in invalid.errors()[:20]:
        where = ".".join(str(step) for step in fault["loc"] if step != "[key]")
        what = fault["msg"].removeprefix("Value error, ")
        faults.append(f"{where}: {what}" if where else what)
    return tuple(faults)


def content_of(article: Article) -> dict[str, Any]:
    """Its fields as JSON holds them, without those that have nothing to say."""
    return article.model_dump(mode="json", exclude_defaults=True)


def as_yaml(contents: Sequence[Mapping[str, Any]] | Mapping[str, Any]) -> str:
    """One article, or a list of them, as people write it."""
    yaml = YAML()
    yaml.width = 160
    yaml.allow_unicode = True
    yaml.default_flow_style = False
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    plain = dict(contents) if isinstance(contents, Mapping) else [dict(one) for one in contents]
    yaml.dump(plain, text)
    return text.getvalue()


def id_for(question: str) -> str:
    """A stable name made of the question's first words; of its hash, where its script has no a to z."""
    words = re.findall(r"[a-z0-9]+", unaccented(level(question)))
    if words:
        return "-".join(words[:_WORDS_OF_AN_ID])[:60].strip("-")
    return f"articolo-{hashlib.sha256(question.encode(errors='replace')).hexdigest()[:8]}"
