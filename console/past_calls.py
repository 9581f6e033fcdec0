"""A call of the history as the dialog engine saw it, and the flowbook it was made with."""

from __future__ import annotations

from dataclasses import dataclass

from dialogs.events import from_json
from dialogs.flowbook import Flowbook
from dialogs.loading import read_flowbook
from dialogs.problems import FlowbookErrors
from dialogs.replay import Turn, turns
from history import Timeline, UnknownInteraction
from knowledge.revision import FLOWBOOK, Document, NoSuchRevision, RevisionsUnavailable
from knowledge.revisions import Revisions


@dataclass(frozen=True)
class PastCall:
    """log: its dialog events, each with the actions that followed. flowbook, revision: it was made with."""

    id: str
    language: str
    flowbook: str
    revision: str
    log: list[Turn]


async def past_call(timeline: Timeline, call_id: str) -> PastCall:
    """Raises UnknownInteraction, ValueError for an interaction that is no call, HistoryUnavailable."""
    stored = await timeline.events(call_id)
    if not stored:
        raise UnknownInteraction(call_id)
    log = turns(from_json(event.payload) for event in stored if event.type in ("dialog.event", "dialog.action"))
    if not log:
        raise ValueError(f"{call_id} is no call that the bot answered")
    began = stored[0].payload
    made_with = began.get("flowbook") or {}
    return PastCall(
        call_id, str(began.get("language", "")), str(made_with.get("id", "")), str(made_with.get("revision", "")), log
    )


def book_of(call: PastCall, revisions: Revisions, *known: Flowbook) -> Flowbook | None:
    """The flowbook that the call was made with; None when nobody kept it. Blocks."""
    for book in known:
        if book.revision == call.revision:
            return book
    if not (call.flowbook and call.revision):
        return None
    try:
        kept = revisions.read(Document(FLOWBOOK, call.flowbook), call.revision)
        return read_flowbook(kept.decode(), f"{call.flowbook}@{call.revision}")
    except (NoSuchRevision, RevisionsUnavailable, FlowbookErrors, UnicodeDecodeError):
        return None
