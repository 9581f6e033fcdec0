"""How much redaction finds: recall and precision over transcripts in which every identifier is marked.

A file of transcripts has turns `speaker: text`, a blank line between conversations. `{phone|333 12}` marks an
identifier or its first part; `{+phone|345 67}` goes on with the last one of that kind and speaker.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from history.redaction import KINDS, Span, Turn, find

COVERED = 0.9
"""An identifier is found when this much of its letters and digits is taken out."""
RIGHT = 0.5
"""What was taken out is right when this much of it belongs to a marked identifier."""
_MARK = re.compile(r"\{(\+?)(\w+)\|([^}]*)\}")


class TranscriptsError(ValueError):
    """The transcripts cannot be read; the message names file and line."""


@dataclass(frozen=True)
class Marked:
    """A conversation and its identifiers, each as the spans of its parts."""

    turns: tuple[Turn, ...]
    identifiers: tuple[tuple[Span, ...], ...]


@dataclass
class Score:
    """of: identifiers marked. found: those taken out. taken, right: pieces taken out, and those that were rightly."""

    of: int = 0
    found: int = 0
    taken: int = 0
    right: int = 0

    @property
    def recall(self) -> float:
        return self.found / self.of if self.of else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.taken if self.taken else 1.0


@dataclass
class Figures:
    """by_kind: a row for each kind. missed, wrong: the words, to look at."""

    conversations: int = 0
    by_kind: dict[str, Score] = field(default_factory=lambda: {kind: Score() for kind in KINDS})
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def all(self) -> Score:
        rows = self.by_kind.values()
        return Score(
            sum(row.of for row in rows),
            sum(row.found for row in rows),
            sum(row.taken for row in rows),
            sum(row.right for row in rows),
        )


def read_marked(path: Path) -> list[Marked]:
    """The conversations of a file. Raises TranscriptsError."""
    found: list[Marked] = []
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        turns: list[Turn] = []
        identifiers: list[list[Span]] = []
        latest: dict[tuple[str, str], list[Span]] = {}
        for line in block.splitlines():
            speaker, colon, marked = line.partition(": ")
            if not colon:
                raise TranscriptsError(f"{path.name}: {line!r} is not 'speaker: text'")
            text, at = "", 0
            for mark in _MARK.finditer(marked):
                goes_on, kind, words = mark.groups()
                text += marked[at : mark.start()]
                if kind not in KINDS or (goes_on and (speaker, kind) not in latest):
                    raise TranscriptsError(f"{path.name}: {mark[0]!r}: kinds are {', '.join(KINDS)}; '+' follows one")
                span = Span(len(turns), len(text), len(text) + len(words), kind)
                text, at = text + words, mark.end()
                if goes_on:
                    latest[speaker, kind].append(span)
                else:
                    latest[speaker, kind] = [span]
                    identifiers.append(latest[speaker, kind])
            turns.append(Turn(speaker, text + marked[at:]))
        found.append(Marked(tuple(turns), tuple(map(tuple, identifiers))))
    return found


def measure(conversations: Iterable[Marked]) -> Figures:
    """Compare what `find` takes out with what is marked."""
    figures = Figures()
    for one in conversations:
        figures.conversations += 1
        spans = find(one.turns)
        taken, wanted = _characters(one.turns, spans), _characters(one.turns, [s for i in one.identifiers for s in i])
        for identifier in one.identifiers:
            kind, mine = identifier[0].kind, _characters(one.turns, identifier)
            figures.by_kind[kind].of += 1
            if len(mine & taken) >= COVERED * len(mine):
                figures.by_kind[kind].found += 1
            else:
                figures.missed.append(f"{kind}: {_words(one.turns, identifier)}")
        for span in spans:
            mine = _characters(one.turns, [span])
            figures.by_kind[span.kind].taken += 1
            if len(mine & wanted) >= RIGHT * len(mine):
                figures.by_kind[span.kind].right += 1
            else:
                figures.wrong.append(f"{span.kind}: {_words(one.turns, [span])}")
    return figures


def _characters(turns: Sequence[Turn], spans: Iterable[Span]) -> set[tuple[int, int]]:
    """The letters and digits within the spans."""
    return {
        (span.turn, at) for span in spans for at in range(span.start, span.end) if turns[span.turn].text[at].isalnum()
    }


def _words(turns: Sequence[Turn], spans: Sequence[Span]) -> str:
    return " … ".join(turns[span.turn].text[span.start : span.end] for span in spans)
