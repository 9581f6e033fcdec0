"""What of an interaction is searched. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from history.deriving.texts import shown_text
from history.events import StoredEvent
from history.projections import Interaction
from history.search.words import in_vocabulary, stem, words

TURN = "0turn0"
"""Between two turns, so that no phrase is found across them."""
_ID_BITS = 20
LONGEST = 200_000
"""Characters of one document; what is beyond is not searched."""


@dataclass(frozen=True)
class Document:
    """facets: what narrows a search."""

    id: int
    interaction_id: str
    channel: str
    line: str
    contact_id: str
    body: str

    @property
    def stems(self) -> str:
        return " ".join(map(stem, self.body.split()))

    @property
    def facets(self) -> str:
        return " ".join(facet(kind, getattr(self, kind)) for kind in ("channel", "line", "contact_id"))

    @property
    def vocabulary(self) -> frozenset[str]:
        return frozenset(filter(in_vocabulary, self.body.split()))


def facet(kind: str, value: str) -> str:
    """One token for a line, channel or contact."""
    return kind[:2] + value.encode().hex()


def since(at_ms: int) -> int:
    """The smallest id of a document that began then."""
    return max(0, at_ms) << _ID_BITS


def document(row: Interaction, texts: Iterable[str], events: Sequence[StoredEvent]) -> Document | None:
    """texts: of its turns, as they may be shown. None when there is nothing to search."""
    notes = [str(event.payload.get("text", "")) for event in events if event.type == "note.added"]
    everything = (shown_text(row.subject), *texts, *map(shown_text, notes))
    body = f" {TURN} ".join(filter(None, (" ".join(words(text)) for text in everything)))[:LONGEST]
    if not body:
        return None
    began = since(int(row.started_at.timestamp() * 1000))
    own = int.from_bytes(hashlib.sha256(row.id.encode()).digest()[:4]) & ((1 << _ID_BITS) - 1)
    return Document(began | own, row.id, row.channel, row.line, row.contact_id, body)
