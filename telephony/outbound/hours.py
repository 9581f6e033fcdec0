"""When somebody may be called. Pure; the time comes in.

The defaults are those of the Italian code of conduct for telemarketing and teleselling (Garante per la protezione dei
dati personali, 7 March 2024; Gazzetta Ufficiale of 27 March 2024): Monday to Friday 9 to 20, Saturdays and the days
before holidays 10 to 19, never on Sundays and holidays. See docs/outbound.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import holidays

Purpose = Literal["marketing", "service"]
"""marketing: advertising, sales and market research, surveys among them; service: about something that the called
person has with the company: an order, an appointment, a call-back they asked for."""

LOOK_AHEAD_DAYS = 60
SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True)
class Span:
    """From `opens` to `closes` of one day, local time; no call begins at `closes` or later."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(
                f"calling hours from {self.opens:%H:%M} to {self.closes:%H:%M}: they must open before they close"
            )

    def within(self, other: Span) -> Span | None:
        """What both allow."""
        opens, closes = max(self.opens, other.opens), min(self.closes, other.closes)
        return Span(opens, closes) if opens < closes else None


@dataclass(frozen=True)
class CallingHours:
    """weekdays, before_rest: Monday to Friday; Saturdays and the days before holidays. rest: Sundays and holidays.
    None: never. country: whose holidays (ISO 3166); zone: of the people who are called."""

    weekdays: Span | None = Span(time(9), time(20))
    before_rest: Span | None = Span(time(10), time(19))
    rest: Span | None = None
    country: str = "IT"
    zone: str = "Europe/Rome"

    def on(self, day: date) -> Span | None:
        if day.weekday() == SUNDAY or self._holiday(day):
            return self.rest
        if day.weekday() == SATURDAY or self._holiday(day + timedelta(days=1)):
            return self.before_rest
        return self.weekdays

    def _holiday(self, day: date) -> bool:
        return day in _holidays(self.country)


@dataclass(frozen=True)
class Window:
    """A campaign's own wishes, within the calling hours. days: of the week, Monday is 0; first, last: days of the
    campaign, None: no limit."""

    span: Span = Span(time(0), time(23, 59))
    days: frozenset[int] = frozenset(range(7))
    first: date | None = None
    last: date | None = None

    def on(self, day: date) -> Span | None:
        early, late = self.first is not None and day < self.first, self.last is not None and day > self.last
        return None if early or late or day.weekday() not in self.days else self.span

    def is_over(self, day: date) -> bool:
        return self.last is not None and day > self.last


ALWAYS = Window()


def may_call(at: datetime, hours: CallingHours, window: Window = ALWAYS) -> bool:
    """Whether a call may begin at this moment (with time zone)."""
    local = at.astimezone(ZoneInfo(hours.zone))
    span = _open(local.date(), hours, window)
    return span is not None and span.opens <= local.time() < span.closes


def next_moment(at: datetime, hours: CallingHours, window: Window = ALWAYS) -> datetime | None:
    """The first moment from `at` on at which a call may begin, in UTC; None: not within 60 days."""
    zone = ZoneInfo(hours.zone)
    local = at.astimezone(zone)
    for ahead in range(LOOK_AHEAD_DAYS):
        day = local.date() + timedelta(days=ahead)
        span = _open(day, hours, window)
        if span is None or (ahead == 0 and local.time() >= span.closes):
            continue
        opens = datetime.combine(day, span.opens, zone)
        return max(local, opens).astimezone(UTC)
    return None


def _open(day: date, hours: CallingHours, window: Window) -> Span | None:
    allowed, wanted = hours.on(day), window.on(day)
    return allowed.within(wanted) if allowed and wanted else None


@lru_cache(maxsize=16)
def _holidays(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country)  # grows by the years that are asked for


def known_countries() -> Sequence[str]:
    return sorted(holidays.list_supported_countries())
