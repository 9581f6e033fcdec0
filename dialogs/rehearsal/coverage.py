"""How much of a flowbook its tests came by: steps, and branches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dialogs.flowbook import Flowbook
from dialogs.problems import Path
from dialogs.rehearsal.places import in_words, steps_of, ways_of


@dataclass(frozen=True)
class Missed:
    """A place that no test came by. node: the path in the file, "flows.resi.2"."""

    file: str
    line: int
    node: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


@dataclass(frozen=True)
class Coverage:
    """steps, branches: how many there are; walked: of these, how many some test came by."""

    steps: int
    steps_walked: int
    branches: int
    branches_walked: int
    missed: tuple[Missed, ...] = ()

    @property
    def percent(self) -> int:
        """Of steps and branches together, rounded down; 100 is only said of all."""
        return 100 * (self.steps_walked + self.branches_walked) // max(1, self.steps + self.branches)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "percent": self.percent,
            "steps": self.steps,
            "steps_walked": self.steps_walked,
            "branches": self.branches,
            "branches_walked": self.branches_walked,
            "missed": [vars(one) for one in self.missed],
        }


def coverage(book: Flowbook, walked: Iterable[Path]) -> Coverage:
    """walked: `Exchange.way` of every exchange of every test."""
    seen = set(walked)
    steps, ways = list(steps_of(book)), list(ways_of(book))
    missed = [path for path in (*steps, *ways) if path not in seen]
    told = sorted(
        (Missed(book.file, book.line_of(path), ".".join(map(str, path)), in_words(book, path)) for path in missed),
        key=lambda one: (one.line, one.node),
    )
    return Coverage(len(steps), len(seen & set(steps)), len(ways), len(seen & set(ways)), tuple(told))
