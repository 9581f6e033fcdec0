"""What the history knows of a caller when a call begins: who they are, what was last, what is still open.

A number proves nothing: what is known of it may be hinted at, never told, before the caller was verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

MOST_OPEN = 5
"""Open matters that a call is told of."""


@dataclass(frozen=True)
class Interaction:
    """One contact on any channel. day: ISO 8601. subject: what it was about; outcome: how it ended."""

    channel: str = ""
    day: str = ""
    subject: str = ""
    outcome: str = ""


@dataclass(frozen=True)
class Matter:
    """Something that is still open. kind: 'callback', 'order'…; subject: what it is about. since: ISO 8601."""

    kind: str = ""
    subject: str = ""
    since: str = ""


@dataclass(frozen=True)
class Contact:
    """known: whether the history has anything of this caller. last: the latest interaction before this call. operator:
    the id of who talked to them lately, for the queue; '' for nobody. Conditions and texts do not read it."""

    known: bool = False
    name: str = ""
    interactions: int = 0
    last: Interaction = Interaction()
    open: tuple[Matter, ...] = ()
    operator: str = ""

    def facts(self) -> dict[str, Any]:
        """As conditions and texts read it, JSON-ready."""
        return {**asdict(self), "open": [asdict(matter) for matter in self.open[:MOST_OPEN]]}


CONTACT_FIELDS = (
    "known", "name", "interactions", "last", "last.channel", "last.day", "last.subject", "last.outcome",
    "open", "open.kind", "open.subject", "open.since",
)  # fmt: skip
"""What may stand behind `contact.`; in a text `contact.open.subject` is that of the first open matter."""


def complete(stored: Mapping[str, Any]) -> dict[str, Any]:
    """`facts` with whatever a log of an older release lacks."""
    nothing = Contact().facts()
    return {**nothing, **stored, "last": {**nothing["last"], **stored.get("last", {})}}
