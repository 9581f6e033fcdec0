"""What is wrong in a flowbook, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Keys and indexes from the top of the file: ('flows', 'order', 2, 'say')."""


@dataclass(frozen=True)
class Problem:
    """path: the place in the file. A warning does not keep the flowbook from being used."""

    path: Path
    message: str
    is_warning: bool = False


@dataclass(frozen=True)
class Located:
    """A problem as it is told: `flowbook.yaml:41: flow 'resi', step 3: slot 'ordine' has…`. line counts from 1."""

    file: str
    line: int
    place: str
    message: str
    is_warning: bool = False

    def __str__(self) -> str:
        warning = "warning: " if self.is_warning else ""
        place = f"{self.place}: " if self.place else ""
        return f"{self.file}:{self.line}: {warning}{place}{self.message}"


class FlowbookErrors(Exception):
    """A flowbook that cannot be used; `errors` has all that was found, in the order of the file."""

    def __init__(self, errors: Sequence[Located]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


def place(path: Path) -> str:
    """The path in words: "flow 'order', step 3, then 1" or "queues.desk"."""
    if len(path) >= 2 and path[0] == "flows":
        words = [f"flow '{path[1]}'"]
        named = "step"
        for part in path[2:]:
            if isinstance(part, int):
                words.append(f"{named} {part + 1}")
            elif part in ("then", "else"):
                named = part
            else:
                break
        return ", ".join(words)
    return ".".join(str(part) for part in path)
