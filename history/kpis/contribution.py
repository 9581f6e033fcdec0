"""What one interaction adds to the totals, and to which of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from history.kpis import funnel, handling, satisfaction, sessions, understanding, waiting
from history.kpis.ahead import Ahead
from history.kpis.kpi import added
from history.kpis.log import CallLog

DIMENSIONS = ("flow", "article", "queue", "hour", "weekday", "outcome")
"""Besides the line and the day. hour: of the day, '00' to '23'; weekday: '1' is Monday."""
STEPS = "steps"
"""No dimension of KPIs: its values are revisions of flowbooks, its sums `Passing.sums`."""
LONGEST_NAME = 64


@dataclass(frozen=True, order=True)
class Cell:
    """Whose totals: grain 'day' | 'month'; start: '2026-05-04' or '2026-05'; line '' for all lines together; dimension
    and value '' for everything."""

    grain: str
    start: str
    line: str
    dimension: str
    value: str


@dataclass(frozen=True)
class Contribution:
    """day: local, where the company is. base: measures of the whole call. values: by dimension, the values it counts
    for. queues: by queue, the measures that belong to that queue, in place of the base's. passages: what it did at the
    steps of `revision`, see `Passing`."""

    day: str
    line: str
    base: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, list[str]] = field(default_factory=dict)
    queues: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    revision: str = ""
    passages: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Contribution:
        return cls(**stored)

    def cells(self) -> Iterator[tuple[Cell, Mapping[str, int]]]:
        """Every cell it counts in, with what it adds there. A call counts in every flow, article and queue that it came
        through, so that these need not add up to all calls."""
        for line in dict.fromkeys(("", self.line)):
            for grain, start in (("day", self.day), ("month", self.day[:7])):
                yield Cell(grain, start, line, "", ""), self.base
                for dimension, values in self.values.items():
                    for value in values:
                        sums = self.queues.get(value, self.base) if dimension == "queue" else self.base
                        yield Cell(grain, start, line, dimension, value), sums
        if self.revision and self.passages:
            for grain, start in (("day", self.day), ("month", self.day[:7])):
                yield Cell(grain, start, "", STEPS, self.revision), self.passages


def contribution(log: CallLog, started_at: datetime, zone: tzinfo, ahead: Ahead) -> Contribution:
    """log: of a call that is over. zone: where the company is."""
    local = started_at.astimezone(zone)
    told = sessions.measures(log, ahead), funnel.measures(log, ahead), satisfaction.measures(log, ahead)
    elsewhere = added([*told, understanding.measures(log)])
    base = added([elsewhere, waiting.measures(log), handling.measures(log)])
    values = {
        "flow": log.flows,
        "article": log.articles,
        "queue": log.queues,
        "hour": [f"{local.hour:02}"],
        "weekday": [str(local.isoweekday())],
        "outcome": [log.outcome] if log.outcome else [],
    }
    cut = {name: list(dict.fromkeys(one[:LONGEST_NAME] for one in found)) for name, found in values.items() if found}
    queues = (
        {} if len(log.queues) < 2 else {name[:LONGEST_NAME]: added([elsewhere, _of(log, name)]) for name in log.queues}
    )
    day, line = local.date().isoformat(), log.line[:LONGEST_NAME]
    return Contribution(day, line, base, cut, queues, log.revision, log.passages)


def _of(log: CallLog, queue: str) -> dict[str, int]:
    stays = [stay for stay in log.stays if stay.queue == queue]
    return added([waiting.of_stays(stays), handling.of_handled(one for one in log.handled if one.queue == queue)])


def totals(contributions: Iterable[Contribution]) -> dict[Cell, dict[str, int]]:
    """What many add up to, cell by cell: the definition that the tables of totals are held to."""
    found: dict[Cell, dict[str, int]] = {}
    for one in contributions:
        for cell, sums in one.cells():
            into = found.setdefault(cell, {})
            for name, n in sums.items():
                into[name] = into.get(name, 0) + n
    return found
