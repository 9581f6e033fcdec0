"""One test of a flowbook, carried out: each of its turns, and what failed in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from dialogs.events import Note
from dialogs.flowbook import Flowbook
from dialogs.problems import Located, Path
from dialogs.rehearsal.beginning import started, wrong_with
from dialogs.rehearsal.call import Exchange, Finds, RehearsedCall
from dialogs.rehearsal.doing import Impossible, do
from dialogs.rehearsal.mocks import Mocks, NotMocked
from dialogs.rehearsal.seeing import missing, not_as_expected
from dialogs.scenarios import DONE, ScenarioTurn


@dataclass(frozen=True)
class TurnResult:
    """number: from 1; 0 is the beginning of the call. failed: why, '' when all is well."""

    number: int
    line: int
    kind: str
    failed: str = ""


@dataclass(frozen=True)
class TrialResult:
    """number: of the test, from 0, as in `tests[2]`. turns: those that were carried out; the first that fails is the
    last. failures: where and why, none when it passed. way: the places of the flowbook that it came by."""

    number: int
    name: str
    line: int
    turns: tuple[TurnResult, ...] = ()
    failures: tuple[Located, ...] = ()
    took_ms: float = field(default=0.0, compare=False)
    way: frozenset[Path] = frozenset()

    @property
    def passed(self) -> bool:
        return not self.failures

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "number": self.number,
            "name": self.name,
            "line": self.line,
            "passed": self.passed,
            "took_ms": self.took_ms,
            "turns": [vars(turn) for turn in self.turns],
            "failures": [
                {"line": one.line, "place": one.place, "message": one.message, "node": one.node}
                for one in self.failures
            ],
        }


def carry_out(book: Flowbook, finds: Finds, number: int) -> TrialResult:
    """Carry out the test with this number (from 0). Whatever is wrong is in the result."""
    trial = _Trial(book, finds, number)
    began = perf_counter()
    trial.run()
    took_ms = round((perf_counter() - began) * 1000, 2)
    way = frozenset(path for exchange in trial.call.now.exchanges for path in exchange.way)
    line = book.line_of(("tests", number))
    return TrialResult(number, trial.test.name, line, tuple(trial.turns), tuple(trial.failures), took_ms, way)


class _Trial:
    def __init__(self, book: Flowbook, finds: Finds, number: int) -> None:
        self.book, self.number, self.test = book, number, book.tests[number]
        self.mocks = Mocks(book, self.test.mock)
        self.call = RehearsedCall(book, finds, self.mocks)
        self.turns: list[TurnResult] = []
        self.failures: list[Located] = []
        self._since = 0
        self._found = False  # whether the search that the next turn tells of was made

    def run(self) -> None:
        if wrong := wrong_with(self.book, self.test):
            self._fail(wrong, ("tests", self.number), 0)
            return
        if not self._turn(0, None, None):
            return
        for place, turn in enumerate(self.test.turns):
            following = self.test.turns[place + 1] if place + 1 < len(self.test.turns) else None
            if not self._turn(place + 1, turn, following):
                return
        for wrong in not_as_expected(self.call, self.test.expect):
            self._fail(wrong, ("tests", self.number, "expect"), None)

    def _turn(self, number: int, turn: ScenarioTurn | None, following: ScenarioTurn | None) -> bool:
        before = len(self.call.now.exchanges)
        try:
            failed = self._done(turn, following) if turn is None or turn.kind in DONE else self._seen(turn)
        except (Impossible, NotMocked) as error:
            failed = str(error)
        failed = failed or _broken(self.call.now.exchanges[before:])
        path: Path = ("tests", self.number, "turns", number - 1) if number else ("tests", self.number)
        self.turns.append(TurnResult(number, self.book.line_of(path), turn.kind if turn else "begins", failed))
        if failed:
            self._fail(failed, path, number)
        return not failed

    def _done(self, turn: ScenarioTurn | None, following: ScenarioTurn | None) -> str:
        if turn is not None and (turn.kind == "finds" or turn.happens == "search_fails") and self._found:
            self._found = False
            return ""
        self._since = len(self.call.now.exchanges)
        if turn is None:
            self.call.begins(started(self.book, self.test))
            return ""
        do(self.call, turn, following)
        told = following is not None and (following.kind == "finds" or following.happens == "search_fails")
        self._found = told and self.call.instead is None
        self.call.instead = None
        return ""

    def _seen(self, turn: ScenarioTurn) -> str:
        return missing(self.call, self.call.now.exchanges[self._since :], turn)

    def _fail(self, why: str, path: Path, turn: int | None) -> None:
        place = f"tests[{self.number}] {self.test.name!r}"
        place += ", in the end" if turn is None else f", turn {turn}" if turn else ""
        node = ".".join(map(str, path))
        line, column = self.book.line_of(path), self.book.column_of(path)
        self.failures.append(Located(self.book.file, line, place, why, False, column, node, "test"))


def _broken(exchanges: tuple[Exchange, ...]) -> str:
    """What the engine could not do because the flowbook is wrong."""
    notes = [action for exchange in exchanges for action in exchange.actions if isinstance(action, Note)]
    broken = [note.values["detail"] for note in notes if note.values.get("part") == "flowbook"]
    return f"the flowbook fails here: {broken[0]}" if broken else ""
