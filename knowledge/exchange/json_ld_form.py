"""Articles as schema.org's `FAQPage`: questions with one accepted answer each, whose text is HTML.

Ours carries the whole article in the question's `additionalProperty`.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Sequence
from typing import Any

from knowledge.articles import Article
from knowledge.exchange.carried import carried, merged, shown
from knowledge.exchange.drafted import Drafted, ImportRefused, content_of
from knowledge.exchange.html_text import paragraphs_of
from knowledge.exchange.speakable import article_from

PROPERTY = "centralino-article"
_DEEPEST = 12


def write(articles: Sequence[Article]) -> str:
    """One question an article."""
    questions = []
    for article in articles:
        now = shown(content_of(article))
        text = "".join(f"<p>{html.escape(part)}</p>" for part in (now.spoken, now.more) if part)
        questions.append(
            {
                "@type": "Question",
                "name": now.question,
                "inLanguage": now.language,
                "acceptedAnswer": {"@type": "Answer", "text": text},
                "additionalProperty": {
                    "@type": "PropertyValue",
                    "propertyID": PROPERTY,
                    "value": carried(article),
                },
            }
        )
    page = {"@context": "https://schema.org", "@type": "FAQPage", "mainEntity": questions}
    return json.dumps(page, ensure_ascii=False, indent=2) + "\n"


def read(text: str, language: str) -> list[Drafted]:
    """Raises ImportRefused when it is no JSON."""
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError) as broken:
        raise ImportRefused(f"this is no JSON: {broken}") from broken
    return drafts_in(data, language)


def drafts_in(data: Any, language: str) -> list[Drafted]:
    """The questions of every FAQPage in it."""
    drafts = []
    for number, (question, code) in enumerate(_questions(data, language), start=1):
        asked = paragraphs_of(_text(question, "name") or _text(question, "text"))
        answers = question.get("acceptedAnswer", question.get("suggestedAnswer"))
        answer = next((one for one in _listed(answers) if isinstance(one, dict)), {})
        said, link = paragraphs_of(_text(answer, "text")), _text(answer, "url")
        place = f"question {number}"
        ours = None
        for extra in _listed(question.get("additionalProperty")):
            if isinstance(extra, dict) and extra.get("propertyID") == PROPERTY:
                ours = merged(_text(extra, "value"), " ".join(asked), said, place)
        if ours:
            drafts.append(ours)
        elif asked and said:
            link = link if link.lower().startswith(("http://", "https://")) else ""
            drafts.append(article_from(" ".join(asked), said, code, place, link))
    return drafts


def _questions(data: Any, language: str, depth: int = 0) -> Iterator[tuple[dict[str, Any], str]]:
    if depth > _DEEPEST:
        return
    for one in _listed(data):
        if not isinstance(one, dict):
            continue
        code = _code(one.get("inLanguage")) or language
        kinds = [str(kind).rpartition("/")[2] for kind in _listed(one.get("@type"))]
        if "Question" in kinds:
            yield one, code
        for name in ("mainEntity", "@graph", "hasPart", "mainEntityOfPage"):
            if name in one and "Question" not in kinds:
                yield from _questions(one[name], code, depth + 1)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(node: dict[str, Any], name: str) -> str:
    value = node.get(name)
    if isinstance(value, list):
        value = next((one for one in value if isinstance(one, str)), "")
    return value if isinstance(value, str) else ""


def _code(value: Any) -> str:
    code = value.partition("-")[0].lower() if isinstance(value, str) else ""
    return code if code.isascii() and code.isalpha() and len(code) in (2, 3) else ""
