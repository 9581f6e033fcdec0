"""What the console needs of whoever serves flowbooks: to check a text, and to publish it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dialogs.problems import Located
from knowledge.revision import Revision
from knowledge.revisions import Revisions


@dataclass(frozen=True)
class Shelved:
    """A flowbook of the company. file: as company.toml names it; text: what it says now, None when it cannot be read.
    lines: the ids of those that it is for."""

    id: str
    file: str
    lines: tuple[str, ...]
    text: str | None


@dataclass(frozen=True)
class Looked:
    """problems: in the order of the file, warnings among them. tests: how many passed; None: not carried out."""

    problems: Sequence[Located]
    tests: int | None


class FlowShelf(Protocol):
    """Nothing here holds up the event loop."""

    @property
    def revisions(self) -> Revisions: ...

    async def flowbooks(self) -> Sequence[Shelved]:
        """Raises RevisionsUnavailable, and what the house raises for a company that cannot be read (`unusable`)."""

    async def look(self, flowbook: str, text: str, *, rehearse: bool) -> Looked:
        """What is wrong with the text as this flowbook. rehearse: carry out its tests, too."""

    async def publish(
        self, flowbook: str, text: str, *, who: str, message: str, base: int, again: int | None = None
    ) -> tuple[Revision, Sequence[Located]]:
        """The next revision, which new calls use from now on, and the warnings. again: the revision rolled back to.

        Raises FlowbookErrors for errors and failed tests, Conflict, NothingNew, and `unusable`.
        """

    unusable: tuple[type[Exception], ...]
    """What stands in the way besides the text itself; the message says what to do."""
