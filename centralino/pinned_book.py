"""The flowbook that a call was begun with, which need not be the one of today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from centralino.company import Company
from dialogs.flowbook import Flowbook
from dialogs.loading import read_flowbook
from dialogs.problems import FlowbookErrors
from knowledge.revision import FLOWBOOK, Document, NoSuchRevision
from knowledge.revisions import Revisions


def pinned_book(company: Company, revisions: Revisions, began: Mapping[str, Any]) -> Flowbook | None:
    """began: `flowbook` of the call's `call.started`. None when that revision was not kept, or cannot be read any more.
    Raises RevisionsUnavailable."""
    flowbook_id, revision = str(began.get("id", "")), str(began.get("revision", ""))
    for book, _ in (*company.current, *company.books):
        if book.id == flowbook_id and book.revision == revision:
            return book
    if not flowbook_id or not revision:
        return None
    try:
        text = revisions.read(Document(FLOWBOOK, flowbook_id), revision).decode()
        return read_flowbook(text, f"{flowbook_id}@{began.get('number') or revision}")
    except (NoSuchRevision, FlowbookErrors):
        return None
