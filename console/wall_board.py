"""The wall as supervisors read it, made once for all who watch: a reader who is slow is told the newest, never a queue
of old ones."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, tzinfo
from typing import Literal

import structlog
from pydantic import BaseModel

from console.following import PING_S, Ping
from history import HistoryUnavailable
from history.deriving.report import KpiReport
from history.kpis import KPIS
from telephony.operators.desk_now import OperatorNow, QueueNow, WaitingNow
from telephony.wall import LineNow, Wall

log = structlog.get_logger()

EVERY_S = 1.0
"""How often it is looked at, and told where something changed."""
FIGURES_EVERY_S = 15.0
"""Today's figures come from totals in the database."""
STILL_MAY_S = 5.0
"""How often it is asked whether a reader still may."""
MOST_WATCHERS = 50
MOST_WAITING = 100
"""Callers that are shown one by one."""
WITHIN_S = 20

_FORMULA = next(kpi.formula for kpi in KPIS if kpi.name == "service_level")


class LevelView(BaseModel):
    """value: 0 to 1, None when nobody has been answered and nobody has given up. n: what it rests on."""

    value: float | None
    n: int


class ServiceLevelView(BaseModel):
    """Today's, of contacts that are over. known: False while the history cannot be read."""

    known: bool
    day: date
    within_s: int
    formula: str
    whole: LevelView


class WallQueueView(BaseModel):
    """since: when who waits longest came. high, normal, low: the callers on the line, by urgency."""

    queue: str
    waiting: int
    promised: int
    since: datetime | None
    high: int
    normal: int
    low: int
    free: int
    service_level: LevelView | None


class WallWaitingView(BaseModel):
    """A caller on the line. place: 1 = next of the queue. reason: why the bot passes them on. rings_at: the id of the
    operator who is being asked, '' for none. queues: to which they can be moved. skills: what they ask for."""

    call_id: str
    queue: str
    line: str
    place: int
    since: datetime
    urgency: Literal["low", "normal", "high"]
    reason: str
    rings_at: str
    queues: list[str]
    skills: list[str]


class WallOperatorView(BaseModel):
    """queues: none for all. skills: what they have. why: in words; 'unanswered': a call rang in vain. forced: what is
    done after the call. call_id: of the call they talk in, '' for none. with_bot: they wait, the bot has that call and
    brings it back."""

    id: str
    name: str
    queues: list[str]
    skills: list[str]
    state: Literal["away", "available", "offered", "on_call", "wrap_up"]
    why: str
    since: datetime
    forced: Literal["", "available", "away", "offline"]
    call_id: str
    with_bot: bool
    by_phone: bool
    connected: bool


class WallLineView(BaseModel):
    """Calls that talk: with the bot, in a queue, with a person."""

    line: str
    title: str
    bot: int
    queue: int
    person: int


class WallView(BaseModel):
    """at: by the server's clock, for how long something lasts. waiting: the first ones, in the order in which they are
    offered; `queues` counts all. All of this server."""

    at: datetime
    queues: list[WallQueueView]
    waiting: list[WallWaitingView]
    operators: list[WallOperatorView]
    lines: list[WallLineView]
    service_level: ServiceLevelView


class WallBoard:
    """zone: whose day is today."""

    def __init__(self, wall: Wall, report: KpiReport, zone: tzinfo, every_s: float = EVERY_S) -> None:
        self.wall, self._report, self._zone, self._every_s = wall, report, zone, every_s
        self._behind_s = time.time() - time.monotonic()  # fixed, so that what does not change reads the same
        self._levels: tuple[date, dict[str, LevelView], bool] | None = None
        self._levels_at_s = 0.0
        self._reading = asyncio.Lock()
        self.watchers = 0

    async def now(self) -> WallView:
        day, levels, known = await self._todays_levels()
        now = self.wall.now()
        return WallView(
            at=datetime.now(UTC),
            queues=[self._queue(one, levels.get(one.queue)) for one in now.desk.queues],
            waiting=[self._waiting(one) for one in now.desk.waiting[:MOST_WAITING]],
            operators=[self._operator(one) for one in now.desk.operators],
            lines=[_line(one) for one in now.lines],
            service_level=ServiceLevelView(
                known=known, day=day, within_s=WITHIN_S, formula=_FORMULA,
                whole=levels.get("", LevelView(value=None, n=0)),
            ),
        )  # fmt: skip

    async def items(self, may: Callable[[], Awaitable[bool]]) -> AsyncIterator[WallView | Ping]:
        """Now, and whenever something changed, until the reader may no more."""
        self.watchers += 1
        try:
            told: WallView | None = None
            told_s = asked_s = time.monotonic()
            while True:
                view, now_s = await self.now(), time.monotonic()
                if told is None or view.model_copy(update={"at": told.at}) != told:
                    told, told_s = view, now_s
                    yield view
                elif now_s - told_s >= PING_S:
                    told_s = now_s
                    yield Ping()
                await asyncio.sleep(self._every_s)
                if time.monotonic() - asked_s >= STILL_MAY_S:
                    asked_s = time.monotonic()
                    if not await may():
                        return
        finally:
            self.watchers -= 1

    async def _todays_levels(self) -> tuple[date, dict[str, LevelView], bool]:
        """By queue, '' for all together; and whether they could be read."""
        async with self._reading:
            today = datetime.now(self._zone).date()
            fresh = time.monotonic() - self._levels_at_s < FIGURES_EVERY_S
            if self._levels is None or self._levels[0] != today or not fresh:
                self._levels_at_s = time.monotonic()
                try:
                    whole = await self._report.rows(today, today, within_s=WITHIN_S)
                    by_queue = await self._report.rows(today, today, "queue", within_s=WITHIN_S)
                    values = {row.key: row.values["service_level"] for row in (*whole, *by_queue)}
                    levels = {key: LevelView(value=one.value, n=one.n) for key, one in values.items()}
                    self._levels = today, levels, True
                except HistoryUnavailable as error:
                    log.warning("console.wall_without_figures", error=str(error))
                    self._levels = today, {}, False
            return self._levels

    def _time(self, desk_ms: int) -> datetime:
        return datetime.fromtimestamp(self._behind_s + desk_ms / 1000, UTC)

    def _queue(self, one: QueueNow, level: LevelView | None) -> WallQueueView:
        urgency = {name: one.by_urgency.get(name, 0) for name in ("high", "normal", "low")}
        return WallQueueView(
            queue=one.queue, waiting=one.waiting, promised=one.promised, free=one.free, service_level=level,
            since=None if one.since_ms is None else self._time(one.since_ms), **urgency,
        )  # fmt: skip

    def _waiting(self, one: WaitingNow) -> WallWaitingView:
        queues = sorted({*self.wall.queue_rules(one.line)} - {one.queue})
        return WallWaitingView.model_validate(
            {
                "call_id": one.call_id, "queue": one.queue, "line": one.line, "place": one.place,
                "since": self._time(one.since_ms), "urgency": one.urgency, "reason": one.reason,
                "rings_at": one.rings_at, "queues": queues, "skills": one.skills,
            }
        )  # fmt: skip

    def _operator(self, one: OperatorNow) -> WallOperatorView:
        return WallOperatorView.model_validate(
            {
                "id": one.id, "name": one.name, "queues": one.queues, "skills": one.skills, "state": str(one.presence),
                "why": one.why, "since": self._time(one.since_ms), "forced": one.forced, "call_id": one.call_id,
                "with_bot": one.with_bot, "by_phone": one.by_phone, "connected": one.connected,
            }
        )  # fmt: skip


def _line(one: LineNow) -> WallLineView:
    return WallLineView(line=one.line, title=one.title, bot=one.bot, queue=one.queue, person=one.person)
