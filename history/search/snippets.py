"""The words around what was looked for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from history.deriving.texts import shown_text, shown_texts
from history.events import StoredEvent
from history.projections import Interaction, Segment
from history.search.asking import Marked
from history.search.words import spans

AROUND = 70
"""Characters on each side of the first word that was found."""
MOST = 3


@dataclass(frozen=True)
class Snippet:
    """A piece of one turn or note. speaker: 'note' and 'subject' besides those who speak. marks: (begin, end) of the
    words that were looked for, in `text`."""

    seq: int
    speaker: str
    at_ms: int
    text: str
    marks: tuple[tuple[int, int], ...]


def snippets(
    row: Interaction, segments: Sequence[Segment], notes: Iterable[StoredEvent], marked: Marked
) -> tuple[Snippet, ...]:
    """Up to three, those with the most of what was looked for; in the order of the log."""
    turns = [(0, "subject", 0, shown_text(row.subject))] if row.subject else []
    turns += [
        (one.seq, one.speaker, one.start_ms, text) for one, text in zip(segments, shown_texts(segments), strict=True)
    ]
    turns += [(one.seq, "note", one.at_ms, shown_text(str(one.payload.get("text", "")))) for one in notes]
    found: list[tuple[int, Snippet]] = []
    for seq, speaker, at_ms, text in turns:
        hits = [(begin, end, hit) for begin, end, word in spans(text) if (hit := marked.hits(word))]
        if hits:
            found.append((len({hit for _, _, hit in hits}), _cut(seq, speaker, at_ms, text, hits)))
    best = sorted(found, key=lambda one: -one[0])[:MOST]
    return tuple(sorted((snippet for _, snippet in best), key=lambda one: one.seq))


def _cut(seq: int, speaker: str, at_ms: int, text: str, hits: list[tuple[int, int, str]]) -> Snippet:
    first = hits[0][0]
    begin = max(0, first - AROUND)
    begin = text.find(" ", begin, first) + 1 if begin else 0
    end = min(len(text), hits[0][1] + AROUND)
    if end < len(text):
        end = max(text.rfind(" ", hits[0][1], end), hits[0][1])
    before, behind = "…" if begin else "", "…" if end < len(text) else ""
    moved = len(before) - begin
    marks = tuple((one + moved, two + moved) for one, two, _ in hits if begin <= one and two <= end)
    return Snippet(seq, speaker, at_ms, before + text[begin:end] + behind, marks)
