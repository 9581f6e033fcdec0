"""What is wrong with articles, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """file: as the reader was given it. line: from 1. article: its id, '' when it is not known. rule: what kind it is.

    A warning does not keep the articles from being used.
    """

    file: str
    line: int
    message: str
    article: str = ""
    rule: str = "article"
    is_warning: bool = False

    def __str__(self) -> str:
        named = f"article {self.article!r}: " if self.article else ""
        return f"{self.file}:{self.line}: {named}{self.message}" if self.line else f"{self.file}: {named}{self.message}"


class ArticlesUnreadable(ValueError):
    """Nothing was loaded. Every fault has its own line: file:line, what is wrong, what to do."""

    def __init__(self, located: Iterable[Fault]) -> None:
        self.located = tuple(located)
        self.faults = tuple(map(str, self.located))
        super().__init__("\n".join(self.faults))
