"""One article is put into the text of a file that may hold many; every other line stays as it is."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from knowledge.article_files import plain, read_articles
from knowledge.articles import Article
from knowledge.exchange.drafted import as_yaml


class NotSpliced(ValueError):
    """The file's text is not as it was thought to be."""


def spliced(text: str, article: Article, content: Mapping[str, Any]) -> str:
    """The file's text with `content` in the place of the article of the same id, or below all others.

    Comments in it are kept where possible. Raises NotSpliced, and ArticlesUnreadable when `text` is no file of
    articles.
    """
    before = read_articles(text, "file").by_id if text.strip() else {}
    for tried in (_updated, _replaced):
        new = tried(text, article.id, content) if text.strip() else as_yaml(content)
        after = read_articles(new, "file").by_id
        if after == {**before, article.id: article}:
            return new
    raise NotSpliced(f"article {article.id!r} could not be written into its file; edit the file by hand")


def _updated(text: str, name: str, content: Mapping[str, Any]) -> str:
    """With what changed written into the old article, so that its comments and layout stay."""
    root = _yaml().load(text)
    node = _node(root, name)
    if node is None:
        return _replaced(text, name, content)
    for key in [key for key in node if key not in content]:
        del node[key]
    for key, value in content.items():
        if key not in node or plain(node[key]) != value:
            node[key] = value
    out = io.StringIO()
    _yaml().dump(node, out)
    return _placed(text, root, name, out.getvalue())


def _replaced(text: str, name: str, content: Mapping[str, Any]) -> str:
    return _placed(text, _yaml().load(text), name, as_yaml(content))


def _placed(text: str, root: Any, name: str, written: str) -> str:
    """`written`, an article alone, in the place of the one with this name, or at the end of the list."""
    lines = text.splitlines(keepends=True)
    written = written.rstrip("\n") + "\n"
    if not isinstance(root, CommentedSeq):
        if _node(root, name) is not None:
            head = lines[: root.lc.line]
            return "".join(head) + written
        listed = as_list_item(text if text.endswith("\n") else f"{text}\n")
        return f"{listed}\n{as_list_item(written)}"
    column = root.lc.col
    item = as_list_item(written, column)
    starts = [root.lc.item(index)[0] for index in range(len(root))]
    at = next((index for index, node in enumerate(root) if node.get("id") == name), None)
    if at is None:
        body = text if text.endswith("\n") else f"{text}\n"
        return f"{body.rstrip(chr(10))}\n\n{item}"
    end = starts[at + 1] if at + 1 < len(starts) else len(lines)
    while end > starts[at] + 1 and lines[end - 1].lstrip().startswith("#"):
        end -= 1  # a comment above the next article is about that one
    gap = "\n" if end < len(lines) else ""
    rest = "".join(lines[end:])
    return "".join(lines[: starts[at]]) + item + gap + rest


def as_list_item(written: str, column: int = 0) -> str:
    """An article alone as an item of a list."""
    lines = written.splitlines(keepends=True)
    first = next(index for index, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#"))
    lead = " " * column
    return "".join(
        line if not line.strip() else f"{lead}{'- ' if index == first else '  '}{line}"
        for index, line in enumerate(lines)
    )


def _node(root: Any, name: str) -> CommentedMap | None:
    nodes = root if isinstance(root, CommentedSeq) else [root]
    return next((node for node in nodes if isinstance(node, CommentedMap) and node.get("id") == name), None)


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
