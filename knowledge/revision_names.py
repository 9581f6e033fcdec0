"""What people call a state of a document: draft, published, a revision's number, the beginning of its hash."""

from __future__ import annotations

from knowledge.revision import Document, NoSuchRevision
from knowledge.revisions import Revisions

DRAFT, PUBLISHED = "draft", "published"


def body_named(revisions: Revisions, document: Document, name: str) -> bytes:
    """Raises NoSuchRevision when there is none of this name."""
    if name == DRAFT:
        if (draft := revisions.draft(document)) is None:
            raise NoSuchRevision(document, "draft", 0, f"{document} has no draft")
        return draft.body
    if name == PUBLISHED:
        latest = revisions.latest(document)
        return revisions.read(document, latest.number if latest else 1)
    return revisions.read(document, name)
