"""All tests of a flowbook: passed or failed, how long they took, what they came by. What gates publishing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import thread_time
from typing import Any

from dialogs.flowbook import Flowbook
from dialogs.problems import Located
from dialogs.rehearsal.call import Finds
from dialogs.rehearsal.coverage import Coverage, coverage
from dialogs.rehearsal.trial import TrialResult, carry_out

MOST_CPU_S = 60.0
"""For all tests of a flowbook; what is not carried out by then fails."""


@dataclass(frozen=True)
class TestReport:
    """Of one flowbook. took_ms: of the tests themselves."""

    __test__ = False

    file: str
    book: str
    revision: str
    results: tuple[TrialResult, ...]
    coverage: Coverage

    @property
    def passed(self) -> bool:
        """Whether every test passed; a flowbook without tests passes."""
        return all(result.passed for result in self.results)

    @property
    def failures(self) -> tuple[Located, ...]:
        """Why not, each with its file and line, as the loader tells its errors."""
        return tuple(failure for result in self.results for failure in result.failures)

    @property
    def took_ms(self) -> float:
        return round(sum(result.took_ms for result in self.results), 1)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "file": self.file,
            "flowbook": self.book,
            "revision": self.revision,
            "passed": self.passed,
            "took_ms": self.took_ms,
            "tests": [result.to_json() for result in self.results],
            "coverage": self.coverage.to_json(),
        }


def run_tests(book: Flowbook, finds: Finds, only: Sequence[str] = ()) -> TestReport:
    """Carry out the flowbook's tests. finds: what answers its searches. only: tests whose names hold one of these.

    Takes some milliseconds a test, all of it CPU: run it in a thread. Never raises for what is wrong in a flowbook.
    """
    chosen = [
        number
        for number, test in enumerate(book.tests)
        if not only or any(part.lower() in test.name.lower() for part in only)
    ]
    until_s = thread_time() + MOST_CPU_S
    results = tuple(
        carry_out(book, finds, number) if thread_time() < until_s else _not_carried_out(book, number)
        for number in chosen
    )
    walked = coverage(book, (path for result in results for path in result.way))
    return TestReport(book.file, book.id, book.revision, results, walked)


def _not_carried_out(book: Flowbook, number: int) -> TrialResult:
    name, path = book.tests[number].name, ("tests", number)
    why = f"not carried out: the tests of this flowbook need more than {MOST_CPU_S:.0f} s"
    place = f"tests[{number}] {name!r}"
    failure = Located(book.file, book.line_of(path), place, why, False, book.column_of(path), f"tests.{number}", "test")
    return TrialResult(number, name, book.line_of(path), failures=(failure,))
