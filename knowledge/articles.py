"""Articles: what the company says on the phone, and what makes one complete."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from knowledge.faults import ArticlesUnreadable, Fault

__all__ = ["LONGEST_TEXT", "Article", "ArticlesUnreadable", "Fault", "unspeakable"]

LONGEST_TEXT = 1000
"""Letters of a phrasing, a title, an answer."""
MOST_PHRASINGS = 500
"""Of an article in one language; more would only make the search slower."""
_UNSPEAKABLE = re.compile(r"https?://|www\.|[()\[\]{}<>*#_|\\]")
_NOT_TEXT = frozenset(("Cc", "Cs", "Cn", "Co"))
_LANGUAGE = r"^[a-z]{2,3}$"


def unspeakable(text: str) -> str:
    """The first thing in it that cannot be read aloud, '' when there is none."""
    found = _UNSPEAKABLE.search(text)
    return found.group() if found else ""


def _speakable(text: str) -> str:
    if found := unspeakable(text):
        way_out = "put the address into `link`" if found in ("http://", "https://", "www.") else "say it in words"
        raise ValueError(f"{found!r} cannot be read aloud; {way_out}")
    return text


def _on_one_line(text: object) -> object:
    """Line breaks and runs of spaces mean nothing in what is spoken."""
    return " ".join(text.split()) if isinstance(text, str) else text


def _written(text: str) -> str:
    if strange := next((sign for sign in text if unicodedata.category(sign) in _NOT_TEXT), ""):
        raise ValueError(f"the sign U+{ord(strange):04X} is no text; take it out")
    return text


def _asked(phrasings: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Without languages in which nothing is asked."""
    return {language: said for language, said in phrasings.items() if said}


Text = Annotated[
    str,
    BeforeValidator(_on_one_line),
    StringConstraints(min_length=1, max_length=LONGEST_TEXT),
    AfterValidator(_written),
]
Spoken = Annotated[Text, AfterValidator(_speakable)]
Link = Annotated[str, StringConstraints(pattern=r"^https?://[^\s\"<>\\^`{|}\x00-\x20\x7f-\x9f]+$", max_length=500)]
Language = Annotated[str, StringConstraints(pattern=_LANGUAGE)]
Name = Annotated[str, BeforeValidator(_on_one_line), StringConstraints(max_length=100), AfterValidator(_written)]


class Article(BaseModel):
    """One answer. All texts are by language ('it', 'en', 'ko').

    id: stable name, [a-z0-9-]. title: what 'did you mean …?' offers, a noun phrase. phrasings: how callers ask for it.
    spoken: the answer, at most two sentences. more: the details, for callers who want them. link: an address that is
    sent to callers who want it, never read out. owner: who keeps it right. queue: who knows more, '' for the line's
    own. valid_from, valid_until: first and last day it may be given. sensitive: never answered by the bot, the caller
    is handed off.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
    title: dict[Language, Text]
    phrasings: Annotated[
        dict[Language, Annotated[tuple[Text, ...], Field(max_length=MOST_PHRASINGS)]], AfterValidator(_asked)
    ]
    spoken: dict[Language, Spoken]
    more: dict[Language, Spoken] = Field(default_factory=dict)
    link: dict[Language, Link] = Field(default_factory=dict)
    tags: tuple[Text, ...] = ()
    owner: Name = ""
    queue: Name = ""
    valid_from: date | None = None
    valid_until: date | None = None
    sensitive: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Article:
        if not self.spoken:
            raise ValueError("no spoken answer in any language; add spoken.it")
        if not self.phrasings:
            raise ValueError("no phrasings in any language; add at least three ways callers ask for it")
        if missing := sorted(self.spoken.keys() - self.title.keys()):
            raise ValueError(f"spoken in {', '.join(missing)} but no title there; add title.{missing[0]}")
        for name in ("more", "link"):
            if missing := sorted(getattr(self, name).keys() - self.spoken.keys()):
                raise ValueError(
                    f"`{name}` in {', '.join(missing)} but no spoken answer there; add spoken.{missing[0]}"
                )
        if self.valid_from and self.valid_until and self.valid_from > self.valid_until:
            raise ValueError("valid_from is after valid_until: it would never be given; exchange them")
        return self

    @property
    def version(self) -> str:
        """Changes whenever any of the article changes: first 10 digits of the SHA-256 of its content."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()[:10]

    def holds(self, on: date) -> bool:
        """Whether it may be given on that day."""
        return (self.valid_from is None or on >= self.valid_from) and (
            self.valid_until is None or on <= self.valid_until
        )
