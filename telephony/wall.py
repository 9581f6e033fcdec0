"""Everything a supervisor sees at one glance: the desk, and the calls in progress of every line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from dialogs.frame import Queue
from telephony.lines import Lines
from telephony.operators.desk import Desk
from telephony.operators.desk_now import DeskNow
from telephony.operators.moving import QueueRules


@dataclass(frozen=True)
class LineNow:
    """Calls that talk: with the bot, in a queue (or being put through), with a person."""

    line: str
    title: str
    bot: int
    queue: int
    person: int


@dataclass(frozen=True)
class WallNow:
    desk: DeskNow
    lines: tuple[LineNow, ...]


class Wall:
    """lines: as they are now. in_progress: (line, 'bot' | 'queue' | 'person') of each call that talks."""

    def __init__(
        self, desk: Desk, lines: Callable[[], Lines], in_progress: Callable[[], Iterable[tuple[str, str]]]
    ) -> None:
        self.desk, self._lines, self._in_progress = desk, lines, in_progress

    def queue_rules(self, line_id: str) -> Mapping[str, QueueRules]:
        """Of each queue that this line's flowbook has; none for a line that is gone."""
        line = next((one for one in self._lines() if one.id == line_id), None)
        return {name: _rules(queue) for name, queue in line.book.queues.items()} if line else {}

    def now(self) -> WallNow:
        """Every queue that a flowbook has, and every line, also where nothing happens."""
        lines = list(self._lines())
        queues = {name for line in lines for name in line.book.queues}
        calls = Counter(self._in_progress())
        titles = {line.id: line.title or line.id for line in lines}
        of_lines = (
            LineNow(line, titles.get(line, line), *(calls[line, whom] for whom in ("bot", "queue", "person")))
            for line in sorted({*titles, *(line for line, _ in calls)})
        )
        return WallNow(self.desk.now().with_queues(queues), tuple(of_lines))


def _rules(queue: Queue) -> QueueRules:
    return QueueRules(
        queue.max_wait, queue.announce_every, queue.max_length, queue.join_empty, queue.leaves_when_empty,
        frozenset(queue.skills),
    )  # fmt: skip
