"""Articles as Markdown: a heading is a question, the first paragraph below it the spoken answer, the rest details.

Ours has the whole article in a comment below the heading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.articles import Article
from knowledge.exchange.carried import carried, merged, shown
from knowledge.exchange.drafted import Drafted, content_of
from knowledge.exchange.speakable import article_from

MARK = "centralino"
_COMMENT = re.compile(rf"<!--\s*{MARK}\s+(\{{.*\}})\s*-->", re.S)
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.S)
_SPECIAL = re.compile(r"[\\`*_\[\]<>&~|]")
_LEADS = re.compile(r"^(?:[-+=#]|\d+(?=[.)]))")
_TRAILS = re.compile(r"#+$")


def write(articles: Sequence[Article]) -> str:
    """One heading an article."""
    parts = []
    for article in articles:
        now = shown(content_of(article))
        paragraphs = [_escaped(text) for text in (now.spoken, now.more) if text]
        head = f"## {_escaped(now.question)}\n<!-- {MARK} {carried(article)} -->"
        parts.append("\n\n".join((head, *paragraphs)))
    return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    """Nothing in it means anything to Markdown."""
    text = _SPECIAL.sub(r"\\\g<0>", text)
    if lead := _LEADS.match(text):
        text = f"{text[: lead.end()]}\\{text[lead.end() :]}" if text[0].isdigit() else f"\\{text}"
    return _TRAILS.sub(lambda found: found.group().replace("#", "\\#"), text)


@dataclass
class _Section:
    question: str
    line: int
    link: str = ""
    carried: str = ""
    paragraphs: list[str] = field(default_factory=list)


def read(text: str, language: str) -> list[Drafted]:
    """Headings without a text below them are titles of the page, and left out."""
    sections: list[_Section] = []
    items: list[str] | None = None
    in_heading = False
    front = _FRONT_MATTER.match(text)
    skipped = front.group().count("\n") if front else 0
    for token in MarkdownIt("commonmark", {"maxNesting": 20}).parse(text[front.end() :] if front else text):
        if token.type == "heading_open":
            in_heading = True
        elif token.type in ("bullet_list_open", "ordered_list_open") and items is None:
            items = []
        elif token.type in ("bullet_list_close", "ordered_list_close") and items and sections:
            sections[-1].paragraphs.append(", ".join(items))
            items = None
        elif token.type == "inline":
            words, link = _inline(token)
            if in_heading:
                line = (token.map[0] if token.map else 0) + 1 + skipped
                sections.append(_Section(words, line))
                in_heading = False
            elif items is not None:
                items.append(words)
            elif sections:
                sections[-1].paragraphs.append(words)
                sections[-1].link = sections[-1].link or link
        elif token.type == "html_block" and sections and (found := _COMMENT.search(token.content)):
            sections[-1].carried = found[1]
    drafts = []
    for one in sections:
        place = f"line {one.line}"
        ours = merged(one.carried, one.question, one.paragraphs, place) if one.carried else None
        if ours:
            drafts.append(ours)
        elif one.paragraphs and one.question:
            drafts.append(article_from(one.question, one.paragraphs, language, place, one.link, whole=True))
    return drafts


def _inline(token: Token) -> tuple[str, str]:
    """The words of a paragraph, and the first address that they link to."""
    words, link = [], ""
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            words.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            words.append(" ")
        elif child.type == "link_open" and not link:
            address = str(child.attrs.get("href", ""))
            link = address if address.lower().startswith(("http://", "https://")) else ""
    return " ".join("".join(words).split()), link
