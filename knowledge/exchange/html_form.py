"""Articles as a web page, and a site's saved page as articles.

Of a page are taken, whichever it has first: our own sections, a FAQPage in JSON-LD, `details` with a `summary`, `dl`
with `dt` and `dd`, headings with what stands below them. Nothing of a page is ever run or fetched.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from knowledge.articles import Article
from knowledge.exchange.carried import carried, merged, shown
from knowledge.exchange.drafted import Drafted, ImportRefused, content_of
from knowledge.exchange.html_text import PageRefused, paragraphs, parsed, words
from knowledge.exchange.json_ld_form import drafts_in
from knowledge.exchange.speakable import article_from

ATTRIBUTE = "data-centralino"
_AROUND = "nav, header, footer, aside"
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def write(articles: Sequence[Article]) -> str:
    """A page with one section an article."""
    parts = []
    for article in articles:
        now = shown(content_of(article))
        said = "\n".join(f"<p>{html.escape(part)}</p>" for part in (now.spoken, now.more) if part)
        parts.append(
            f'<section lang="{now.language}" {ATTRIBUTE}="{html.escape(carried(article))}">\n'
            f"<h2>{html.escape(now.question)}</h2>\n{said}\n</section>"
        )
    body = "\n".join(parts)
    head = '<head><meta charset="utf-8"><title>FAQ</title></head>'
    return f"<!doctype html>\n<html>\n{head}\n<body>\n{body}\n</body>\n</html>\n"


def read(text: str, language: str) -> list[Drafted]:
    """language: where the page does not say its own. Raises ImportRefused."""
    try:
        page = parsed(text)
        code = _language(page) or language
        for found in (_ours(page), _json_ld(page, code), _details(page, code), _lists(page, code)):
            if drafts := list(found):
                return drafts
        return list(_headings(page, code))
    except PageRefused as refused:
        raise ImportRefused(str(refused)) from refused


def _language(page: LexborHTMLParser) -> str:
    root = page.css_first("html[lang]")
    code = str(root.attributes.get("lang") or "").partition("-")[0].lower() if root is not None else ""
    return code if code.isascii() and code.isalpha() and len(code) in (2, 3) else ""


def _ours(page: LexborHTMLParser) -> Iterator[Drafted]:
    for number, section in enumerate(page.css(f"section[{ATTRIBUTE}]"), start=1):
        heading = section.css_first("h2")
        said = [words(one) for one in section.css("p")]
        question = words(heading) if heading is not None else ""
        draft = merged(
            str(section.attributes.get(ATTRIBUTE) or ""), question, [one for one in said if one], f"section {number}"
        )
        if draft:
            yield draft


def _json_ld(page: LexborHTMLParser, language: str) -> Iterator[Drafted]:
    for script in page.css('script[type="application/ld+json"]'):
        try:
            data = json.loads(script.text(), strict=False)
        except (ValueError, RecursionError):
            continue  # another site's broken data is nobody's fault here; the page itself is still looked at
        yield from drafts_in(data, language)


def _details(page: LexborHTMLParser, language: str) -> Iterator[Drafted]:
    for number, one in enumerate(page.css("details"), start=1):
        summary = one.css_first("summary")
        if summary is None:
            continue
        question, link = words(summary), _link(one)
        summary.decompose()
        yield from _drafted(question, paragraphs(one), language, f"details {number}", link)


def _lists(page: LexborHTMLParser, language: str) -> Iterator[Drafted]:
    for number, term in enumerate(page.css("dl dt"), start=1):
        said: list[str] = []
        link = ""
        below = term.next
        while below is not None and below.tag != "dt":
            if below.tag == "dd":
                said += paragraphs(below)
                link = link or _link(below)
            below = below.next
        yield from _drafted(words(term), said, language, f"dt {number}", link)


def _headings(page: LexborHTMLParser, language: str) -> Iterator[Drafted]:
    for around in page.css(_AROUND):
        around.decompose()
    headings = [one for one in page.css(", ".join(_HEADINGS)) if words(one)]
    if any(words(one).endswith(("?", "？")) for one in headings):
        headings = [one for one in headings if words(one).endswith(("?", "？"))]
    for number, heading in enumerate(headings, start=1):
        said: list[str] = []
        link = ""
        below = heading.next
        while below is not None and below.tag not in _HEADINGS:
            if below.css_first(", ".join(_HEADINGS)) is not None:
                break
            said += (
                paragraphs(below)
                if below.is_element_node
                else filter(None, [" ".join((below.text_content or "").split())])
            )
            link = link or _link(below)
            below = below.next
        yield from _drafted(words(heading), said, language, f"heading {number}", link)


def _bare(text: LexborNode) -> list[str]:
    said = " ".join((text.text_content or "").split())
    return [said] if said else []


def _drafted(question: str, said: Sequence[str], language: str, place: str, link: str) -> Iterator[Drafted]:
    if question and said:
        yield article_from(question, said, language, place, link)


def _link(node: LexborNode) -> str:
    """The first address that it links to."""
    if not node.is_element_node:
        return ""
    for one in node.css("a[href]"):
        address = str(one.attributes.get("href") or "")
        if address.lower().startswith(("http://", "https://")):
            return address
    return ""
