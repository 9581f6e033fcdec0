"""What is wrong in a flowbook, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import ParamSpec

Path = tuple[str | int, ...]
"""Keys and indexes from the top of the file: ('flows', 'order', 2, 'say')."""


@dataclass(frozen=True)
class Problem:
    """path: the place in the file. A warning does not keep the flowbook from being used. rule: what kind it is."""

    path: Path
    message: str
    is_warning: bool = False
    rule: str = "step"


@dataclass(frozen=True)
class Located:
    """A problem as it is told: `flowbook.yaml:41:7: flow 'resi', step 3: slot 'ordine' has…`. line and column count
    from 1. node: the path in the file, "flows.resi.2"."""

    file: str
    line: int
    place: str
    message: str
    is_warning: bool = False
    column: int = 1
    node: str = ""
    rule: str = "step"

    def __str__(self) -> str:
        warning = "warning: " if self.is_warning else ""
        place = f"{self.place}: " if self.place else ""
        return f"{self.file}:{self.line}:{self.column}: {warning}{place}{self.message}"


class FlowbookErrors(Exception):
    """A flowbook that cannot be used; `errors` has all of that, in the order of the file, `warnings` what is odd."""

    def __init__(self, errors: Sequence[Located], warnings: Sequence[Located] = ()) -> None:
        self.errors, self.warnings = tuple(errors), tuple(warnings)
        super().__init__("\n".join(str(error) for error in self.errors))


_P = ParamSpec("_P")


def of_rule(rule: str) -> Callable[[Callable[_P, Iterator[Problem]]], Callable[_P, Iterator[Problem]]]:
    """What this check tells is of that kind, where it does not say so itself."""

    def decorate(check: Callable[_P, Iterator[Problem]]) -> Callable[_P, Iterator[Problem]]:
        @wraps(check)
        def told(*args: _P.args, **kwargs: _P.kwargs) -> Iterator[Problem]:
            for problem in check(*args, **kwargs):
                yield replace(problem, rule=rule) if problem.rule == Problem.rule else problem

        return told

    return decorate


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
