"""What a piece of HTML says: its words by paragraph. Scripts, styles and tags are not among them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

UNSPOKEN = frozenset(
    ("script", "style", "template", "noscript", "iframe", "object", "svg", "math", "head", "form", "button", "select")
)
_BLOCK_NAMES = (
    "p div section article ul ol table blockquote pre dl dd dt details summary h1 h2 h3 h4 h5 h6 tr hr main body aside "
    "header footer nav figure"
)
BLOCKS = frozenset(_BLOCK_NAMES.split())
MOST_NODES = 500_000
LARGEST_PAGE = 4 * 1024 * 1024
"""Letters of a page."""
DEEPEST = 300
"""Elements that are open at once. HTML's rules look through all of them at each tag: without a bound a page of half a
megabyte takes minutes."""
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_NEVER_OPEN_NAMES = (
    "area base br col embed hr img input link meta param source track wbr "
    "p li dt dd option tr td th thead tbody tfoot html head body"
)
_NEVER_OPEN = frozenset(_NEVER_OPEN_NAMES.split())
"""Elements without an end, and those that end when the next one begins."""


class PageRefused(ValueError):
    """The page is too large, or nested so deeply that no person has written it."""


def parsed(page: str) -> LexborHTMLParser:
    """Raises PageRefused."""
    if len(page) > LARGEST_PAGE:
        raise PageRefused(f"the page has more than {LARGEST_PAGE >> 20} MiB; save only the part with the questions")
    still_open: Counter[str] = Counter()
    depth = 0
    for tag in _TAG.finditer(page):
        name = tag[2].lower()
        if name in _NEVER_OPEN:
            continue
        if not tag[1]:
            still_open[name] += 1
            depth += 1
        elif still_open[name]:
            still_open[name] -= 1
            depth -= 1
        if depth > DEEPEST:
            raise PageRefused(f"the page nests more than {DEEPEST} elements; save only the part with the questions")
    return LexborHTMLParser(page)


def paragraphs_of(fragment: str) -> list[str]:
    """The paragraphs of a piece of HTML, or of a plain text. Raises PageRefused."""
    if not fragment.strip():
        return []
    if "<" not in fragment and "&" not in fragment:
        return [" ".join(fragment.split())]
    body = parsed(fragment).body
    return paragraphs(body) if body is not None else []


def paragraphs(node: LexborNode) -> list[str]:
    """Its words, cut where a browser would begin a new block; items of a list are joined by commas."""
    said: list[list[str]] = [[]]
    for one in walk(node):
        if isinstance(one, str):
            if one.strip() or said[-1]:
                said[-1].append(one)
        elif one.tag == "li":
            if said[-1]:
                said[-1].append(", ")
        elif one.tag == "br":
            said[-1].append(" ")
        elif one.tag in BLOCKS and said[-1]:
            said.append([])
    return [text for part in said if (text := " ".join("".join(part).split()).strip(" ,"))]


def words(node: LexborNode) -> str:
    """All its words on one line."""
    return " ".join(" ".join(one for one in walk(node) if isinstance(one, str)).split())


def walk(top: LexborNode) -> Iterator[str | LexborNode]:
    """Texts and elements below `top` in their order, an element again when it ends. Without recursion: pages that
    nest ten thousand elements exist."""
    waiting: list[tuple[LexborNode, bool]] = [(top, False)]
    seen = 0
    while waiting and seen < MOST_NODES:
        node, ended = waiting.pop()
        seen += 1
        if ended:
            yield node
            continue
        if node.is_text_node:
            yield node.text_content or ""
            continue
        if node.tag in UNSPOKEN or "hidden" in node.attributes:
            continue
        if node is not top:
            yield node
            if node.tag in BLOCKS:
                waiting.append((node, True))
        children = []
        child = node.first_child
        while child is not None:
            children.append((child, False))
            child = child.next
        waiting += reversed(children)
