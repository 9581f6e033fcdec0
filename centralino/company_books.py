"""The flowbooks of a company: each file read once, for every line in the revision that it wants."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from centralino.company_file import CompanyErrors, CompanyFile, LineSection
from dialogs.events import TurnSettings
from dialogs.flowbook import Flowbook
from dialogs.loading import read_flowbook, text_of
from knowledge.revision import FLOWBOOK, Document, NoSuchRevision
from knowledge.revisions import Revisions
from telephony.turn_limits import endpointing_with
from voice.speaking import ssml


class Books:
    def __init__(
        self,
        folder: Path,
        file: CompanyFile,
        instead: Path | None,
        revisions: Revisions | None,
        texts: Mapping[Path, str],
    ) -> None:
        """instead: taken in place of the company's own flowbook. texts: what is to be read in place of files."""
        self._folder, self._file, self._instead = folder, file, instead
        self._revisions, self._texts = revisions, texts
        self._read: dict[Path, tuple[Flowbook, str]] = {}
        self._used: dict[str, tuple[Flowbook, str]] = {}

    @property
    def files(self) -> list[Path]:
        """Where flowbooks were looked for."""
        return list(self._read)

    @property
    def current(self) -> Collection[tuple[Flowbook, str]]:
        """What the files say, whether a line uses it or an earlier revision."""
        return self._read.values()

    @property
    def used(self) -> Collection[tuple[Flowbook, str]]:
        """Each revision that some line uses, with its text."""
        return self._used.values()

    @property
    def usual(self) -> int:
        """The first line that has the company's own flowbook; the first of all when none has."""
        lines = self._file.described.lines
        return next((number for number, line in enumerate(lines) if not line.flowbook), 0)

    def of(self, number: int) -> Flowbook:
        """The flowbook of this line, in the revision that it wants. Raises CompanyErrors, FlowbookErrors and
        RevisionsUnavailable."""
        line = self._file.described.lines[number]
        path = self._path(line.flowbook)
        try:
            book, text = self._at(path)
        except OSError as error:
            raise CompanyErrors(
                [self._file.of_line(number, "flowbook", f"{error.strerror}: {line.flowbook}")]
            ) from None
        for other, (same, _) in self._read.items():
            if other != path and same.id == book.id:
                why = f"{path.name} and {other.name} have the same id, {book.id!r}; give each flowbook its own"
                raise CompanyErrors([self._file.of_line(number, "flowbook", why)])
        if line.revision:
            book, text = self._revision(number, book, text)
        return self._used.setdefault(book.revision, (book, text))[0]

    def _revision(self, number: int, now: Flowbook, text: str) -> tuple[Flowbook, str]:
        line = self._file.described.lines[number]
        if len(line.revision) > 5 and now.revision.startswith(line.revision):
            return now, text
        if self._revisions is None:
            why = f"{now.file} is revision {now.revision}, and earlier ones cannot be looked up here"
            raise CompanyErrors([self._file.of_line(number, "revision", why)])
        try:
            earlier = self._revisions.read(Document(FLOWBOOK, now.id), line.revision).decode()
        except NoSuchRevision as error:
            why = f"{error}; `centralino flows revisions {now.id}` lists them"
            raise CompanyErrors([self._file.of_line(number, "revision", why)]) from None
        if earlier == text:
            return now, text
        return self._parsed(earlier, f"{now.file}@{line.revision}", self._path(line.flowbook)), earlier

    def _path(self, name: str) -> Path:
        if self._instead and not name:
            return self._instead
        return self._folder / (name or self._file.described.flowbook)

    def _at(self, path: Path) -> tuple[Flowbook, str]:
        if path not in self._read:
            text = self._texts[path] if path in self._texts else text_of(path)
            self._read[path] = self._parsed(text, path.name, path), text
        return self._read[path]

    def _parsed(self, text: str, name: str, path: Path) -> Flowbook:
        mine = [line for line in self._file.described.lines if self._path(line.flowbook) == path]
        begins = [line.hours.closed for line in mine if line.hours and line.hours.closed]
        return read_flowbook(text, name, ssml.fault, lambda turns: _turns_fault(mine, turns), begins)


def _turns_fault(lines: list[LineSection], turns: TurnSettings) -> str:
    """Every line may come to every step, so a step's settings must go with each line's own."""
    for line in lines:
        try:
            endpointing_with(line.endpointing(), turns)
        except ValueError as error:
            return f"on line {line.id!r}: {error}"
    return ""
