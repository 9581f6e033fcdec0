"""What drafts, revisions and audit entries are, and what may stand in the way of one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

LARGEST_BYTES = 1024 * 1024
LONGEST_MESSAGE = 500
LONGEST_WHO = 100
LONGEST_NAME = 200

FLOWBOOK = "flowbook"
"""The kind of document; its name is the flowbook's id."""

Act = Literal["published", "rolled_back", "found", "withdrawn"]
"""How a revision came to be; found: in a file that somebody edited by hand."""


@dataclass(frozen=True)
class Document:
    """What is drafted and published. kind: "flowbook", "article"; name: what it is called among its kind."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name!r}"


@dataclass(frozen=True)
class Draft:
    """base: the number of the revision that it was begun on, 0 for a new document. serial: counts its savings."""

    document: Document
    body: bytes = field(repr=False)
    base: int
    serial: int
    who: str
    at: datetime


@dataclass(frozen=True)
class Revision:
    """number: from 1. of: the revision that was rolled back to. who: '' for somebody who edited the file by hand."""

    document: Document
    number: int
    sha256: str
    what: Act
    of: int | None
    who: str
    at: datetime
    message: str


@dataclass(frozen=True)
class AuditEntry:
    """what: an `Act`, or draft (begun, or taken over by somebody else), draft_discarded. number: the revision made, or
    the one that a draft is based on. sha256: of the content then."""

    id: int
    at: datetime
    who: str
    what: str
    document: Document
    number: int | None
    sha256: str
    message: str


class RevisionError(Exception):
    """Why nothing was saved or published; nothing was changed."""


class RevisionsUnavailable(RevisionError):
    """The file of revisions cannot be used now. The message says where and why."""


class Conflict(RevisionError):
    """Somebody else was faster. latest: the latest revision; draft: the draft that is there instead."""

    def __init__(self, document: Document, message: str, latest: Revision | None, draft: Draft | None) -> None:
        super().__init__(f"{document}: {message}")
        self.document, self.latest, self.draft = document, latest, draft


class NothingNew(RevisionError):
    """The latest revision has this content already."""


class NoSuchRevision(RevisionError):
    """There is no revision with this number or hash, or the beginning of a hash stands for several."""

    def __init__(self, document: Document, wanted: str, newest: int, why: str = "") -> None:
        there = f"there are 1 to {newest}" if newest else "none was published yet"
        super().__init__(why or f"{document}: no revision {wanted[:80]!r}; {there}")
        self.document, self.wanted, self.newest = document, wanted, newest


def sha256_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def check_bounds(document: Document, body: bytes = b"", who: str = "", message: str = "") -> None:
    """Raises ValueError for what is too large or has no name."""
    if not document.kind or not document.name or len(document.kind) > 40 or len(document.name) > LONGEST_NAME:
        raise ValueError(f"a document has a kind and a name of at most {LONGEST_NAME} characters")
    if len(body) > LARGEST_BYTES:
        raise ValueError(f"{document}: {len(body)} bytes; at most {LARGEST_BYTES} can be kept")
    if len(who) > LONGEST_WHO:
        raise ValueError(f"who did it: {len(who)} characters; at most {LONGEST_WHO}")
    if len(message) > LONGEST_MESSAGE:
        raise ValueError(f"the message has {len(message)} characters; at most {LONGEST_MESSAGE}")
