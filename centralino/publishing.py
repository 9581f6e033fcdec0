"""Publishing flowbooks: checked with the whole company, then a numbered revision, then the file that is served."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from threadpoolctl import threadpool_limits

from centralino.company import Company, load_company
from centralino.flow_files import FlowFile, flow_files, id_in, the_one
from centralino.flow_reports import told
from centralino.placing import finish_placing, move_to, written_beside
from centralino.settings import SettingsError
from dialogs.flowbook import Flowbook
from dialogs.loading import confusable
from dialogs.problems import FlowbookErrors, Located
from dialogs.rehearsal import TestReport, run_tests
from dialogs.understanding import Understanding
from knowledge.articles import ArticlesUnreadable
from knowledge.revision import FLOWBOOK, Document, NoSuchRevision, Revision
from knowledge.revisions import Revisions


@dataclass(frozen=True)
class Checked:
    """What a text would be as the company's flowbook. company: with it, None when there are errors. problems: in the
    order of the file, warnings among them; tests that failed are errors. tests: None when they were not carried out."""

    company: Company | None
    problems: tuple[Located, ...]
    tests: TestReport | None = None

    @property
    def errors(self) -> list[Located]:
        return [one for one in self.problems if not one.is_warning]

    @property
    def warnings(self) -> list[Located]:
        return [one for one in self.problems if one.is_warning]

    def usable(self) -> Company:
        """Raises FlowbookErrors when there are errors."""
        if self.company is None:
            raise FlowbookErrors(self.errors, self.warnings)
        return self.company


class Publishing:
    """The flowbooks of the company in `folder`. Everything blocks, some of it for seconds: for threads and commands.

    All methods raise SettingsError when company.toml cannot be read or has no such flowbook, and RevisionsUnavailable.
    """

    def __init__(
        self, folder: Path, revisions: Revisions, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._folder, self.revisions, self._now = folder, revisions, now

    def files(self) -> list[FlowFile]:
        """What a crash has left half done is finished first."""
        self._finish()
        return flow_files(self._folder)

    def file(self, name: str) -> FlowFile:
        """The flowbook with this id or file."""
        return the_one(self.files(), name)

    def in_file(self, flow: FlowFile) -> Revision | None:
        """The revision of what the file says now: a new one when somebody edited it; None when it is not readable."""
        if flow.text is None:
            return self.revisions.latest(document_of(flow))
        return self.revisions.found(document_of(flow), flow.text.encode(), at=self._now())

    def check(self, flow: FlowFile, text: str, *, rehearse: bool = True) -> Checked:
        """The text as this flowbook of the company: all errors and warnings. rehearse: carry out its own tests, too."""
        if id_in(text) not in ("", flow.id):
            why = f"this is the flowbook {flow.id!r}, and a flowbook keeps its id; write id: {flow.id}"
            line = next(number for number, one in enumerate(text.splitlines(), 1) if one.startswith("id:"))
            return Checked(None, (Located(flow.path.name, line, "id", why, node="id", rule="id"),))
        try:
            company = load_company(self._folder, None, self.revisions, {flow.path: text})
        except (FlowbookErrors, ArticlesUnreadable, SettingsError) as error:
            return Checked(None, tuple(told(error)))
        book = next(book for book, read in company.current if book.id == flow.id and read == text)
        learned = next((line.understanding.confusions for line in company.lines if line.book.id == book.id), ())
        problems = [*book.warnings, *confusable(book, learned)]
        report = _rehearsed(company, book) if rehearse else None
        failures = [replace(one, rule="test") for one in report.failures] if report else []
        problems = sorted([*problems, *failures], key=lambda one: (one.line, one.column))
        return Checked(None if failures else company, tuple(problems), report)

    def commit(
        self, flow: FlowFile, text: str, *, who: str, message: str, base: int, again: int | None = None
    ) -> Revision:
        """The text, which was checked, becomes the next revision and the file. again: the revision that is rolled back
        to, whose text it is. Raises Conflict, NothingNew, ValueError, and SettingsError when the file cannot be
        written."""
        now = self.file(flow.id)
        if now.text != text:  # what somebody did to the file is in the way, and kept
            self.in_file(now)
        document, path, body = document_of(flow), flow.path.resolve(), text.encode()
        made: Revision | None = None
        try:
            with written_beside(path, body) as part:
                if again is None:
                    made = self.revisions.publish(
                        document, body, who=who, at=self._now(), message=message, base=base, place=flow.place
                    )
                else:
                    made = self.revisions.roll_back(
                        document, again, who=who, at=self._now(), message=message, base=base, place=flow.place
                    )
                move_to(part, path)
        except OSError as error:
            so_far = (
                f"revision {made.number} is published, but not in its file yet" if made else "nothing was published"
            )
            raise SettingsError(
                f"{flow.path}: {error.strerror}; {so_far}: this user must be able to write it"
            ) from error
        self.revisions.placed(made)
        return made

    def numbers(self, company: Company) -> dict[str, int]:
        """The number of every revision that the company's lines use, by the flowbook's `revision`; what stands in its
        files has one from now on."""
        now = {flow.id: self.in_file(flow) for flow in self.files()}
        numbers = {}
        for book, _ in (*company.current, *company.books):
            found = now.get(book.id)
            if found is None or not found.sha256.startswith(book.revision):  # an earlier one, or edited a moment ago
                found = None
                with suppress(NoSuchRevision):
                    found = self.revisions.revision(Document(FLOWBOOK, book.id), book.revision)
            numbers[book.revision] = found.number if found else 0
        return numbers

    def _finish(self) -> None:
        try:
            finish_placing(self._folder, self.revisions, FLOWBOOK)
        except OSError as error:
            why = f"what was published last could not be written to its file: {error.strerror}: {error.filename}"
            raise SettingsError(why) from error


def _rehearsed(company: Company, book: Flowbook) -> TestReport:
    lines = (line.understanding for line in company.lines if line.book is book)
    with threadpool_limits(1, user_api="blas"):  # a second thread only costs
        return run_tests(book, next(lines, None) or Understanding(book, company.knowledge))


def document_of(flow: FlowFile) -> Document:
    return Document(FLOWBOOK, flow.id)
