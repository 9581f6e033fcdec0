"""What an article is in a form that knows one question and one answer: those are shown, the rest is carried along.

The carried part is the whole article as JSON. Where the shown part was edited, it wins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from knowledge.articles import Article
from knowledge.exchange.drafted import Drafted, content_of


@dataclass(frozen=True)
class Shown:
    """The first language that the article is spoken in, its first phrasing there, its answer and details."""

    language: str
    question: str
    spoken: str
    more: str


def shown(content: Mapping[str, Any]) -> Shown:
    """Raises KeyError, TypeError or the like when `content` was not made of an article."""
    language = next(iter(content["spoken"]))
    asked = content["phrasings"].get(language)
    question = asked[0] if asked else content["title"][language]
    return Shown(language, question, content["spoken"][language], content.get("more", {}).get(language, ""))


def carried(article: Article) -> str:
    """All of it on one line of JSON, in ASCII, without `<`, `>`, `&` and apostrophes."""
    text = json.dumps(content_of(article), ensure_ascii=True, separators=(",", ":"))
    for sign in "<>&'":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def merged(text: str, question: str, paragraphs: list[str], place: str) -> Drafted | None:
    """The carried article with what is shown now; None when `text` is no carried article."""
    try:
        content = json.loads(text)
        before = shown(content)
        new = deepcopy(content)
        code = before.language
        if question and question != before.question:
            asked = new["phrasings"].get(code)
            if asked:
                new["phrasings"][code] = [question, *(one for one in asked[1:] if one != question)]
            else:
                new["title"][code] = question
        if paragraphs:
            new["spoken"][code] = paragraphs[0]
        more = " ".join(paragraphs[1:])
        if more != before.more:
            new.setdefault("more", {})[code] = more
            if not more:
                del new["more"][code]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, StopIteration, RecursionError):
        return None
    return Drafted(new, place)
