"""How well topic, urgency and mood are told from what callers say, on sentences marked by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from history.analyses.signals import signals

KINDS = ("topic", "urgency", "mood")
NONE = "-"


class SentencesError(ValueError):
    """A file of sentences cannot be read; says where."""


@dataclass(frozen=True)
class Sentence:
    text: str
    language: str
    marks: tuple[str, str, str]


@dataclass(frozen=True)
class ClassScore:
    """n: how many are marked so."""

    n: int
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True)
class KindFigures:
    accuracy: float
    classes: dict[str, ClassScore]
    wrong: tuple[str, ...]


def read_sentences(path: Path) -> list[Sentence]:
    """Lines of `sentence | topic | urgency | mood`; the language is how the file's name begins. Raises OSError and
    SentencesError."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        text, *marks = (part.strip() for part in line.split("|"))
        if len(marks) != len(KINDS):
            raise SentencesError(f"{path}, line {number}: 'sentence | topic | urgency | mood' is expected")
        found.append(Sentence(text, path.name[:2], (marks[0], marks[1], marks[2])))
    return found


def measure(sentences: Iterable[Sentence]) -> dict[str, KindFigures]:
    """Each sentence is taken for a whole conversation."""
    rows: list[tuple[Sentence, tuple[str, str, str]]] = []
    for one in sentences:
        told = signals([(1, one.text)], one.language)
        rows.append((one, (told.topic or NONE, told.urgency, told.mood)))
    return {kind: _figures(rows, place) for place, kind in enumerate(KINDS)}


def _figures(rows: Sequence[tuple[Sentence, tuple[str, str, str]]], place: int) -> KindFigures:
    pairs = [(one.marks[place], told[place]) for one, told in rows]
    right = Counter(mark for mark, told in pairs if mark == told)
    marked, given = Counter(mark for mark, _ in pairs), Counter(told for _, told in pairs)
    classes = {
        name: ClassScore(n, right[name] / given[name] if given[name] else 0.0, right[name] / n)
        for name, n in sorted(marked.items())
    }
    wrong = tuple(
        f"{one.text}: {one.marks[place]}, told {told[place]}" for one, told in rows if one.marks[place] != told[place]
    )
    return KindFigures(sum(right.values()) / len(pairs) if pairs else 0.0, classes, wrong)
