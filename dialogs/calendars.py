"""When somebody is there: weekly hours, public holidays, days that are different.

Pure: every question comes with its time. Spans are of the wall clock of the calendar's time zone, so that half past
eight stays half past eight when the clocks change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import holidays
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOKED_AHEAD_DAYS = 400
"""How far the next opening is looked for: a yearly day, and the holidays around it, lie within."""

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


class Span(BaseModel):
    """From one minute of a day to another (not included), in minutes since midnight; 1440 is the end of the day."""

    model_config = ConfigDict(frozen=True)

    from_min: int
    to_min: int

    def __str__(self) -> str:
        """As it is written: 08:30-12:30."""
        return "{:02}:{:02}-{:02}:{:02}".format(*divmod(self.from_min, 60), *divmod(self.to_min, 60))


def _span(written: object) -> object:
    match = _SPAN.fullmatch(written.strip()) if isinstance(written, str) else None
    if match is None:
        return written if isinstance(written, Span | dict) else _wrong(written)
    hours_from, minutes_from, hours_to, minutes_to = map(int, match.groups())
    span = Span(from_min=hours_from * 60 + minutes_from, to_min=hours_to * 60 + minutes_to)
    if minutes_from > 59 or minutes_to > 59 or span.to_min > 1440:
        return _wrong(written)
    if span.from_min >= span.to_min:
        raise ValueError(f"{written!r} ends before it begins; write a night as two spans, on two days")
    return span


def _wrong(written: object) -> object:
    raise ValueError(f'{written!r} is no span of hours; write for instance "08:30-12:30" (the end of a day is 24:00)')


Hours = tuple[Annotated[Span, BeforeValidator(_span)], ...]
"""A day's spans, written "08:30-12:30"; none: closed."""


class Override(BaseModel):
    """A day, or the days `on` to `until`, with hours of their own; none: closed. every_year: whatever the year."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: date
    until: date | None = None
    every_year: bool = False
    hours: Hours = ()

    @model_validator(mode="after")
    def _in_order(self) -> Override:
        if self.until and self.until < self.on:
            raise ValueError(f"until ({self.until}) lies before on ({self.on})")
        return self

    def covers(self, day: date) -> bool:
        last = self.until or self.on
        if not self.every_year:
            return self.on <= day <= last
        first, end, here = (on.timetuple()[1:3] for on in (self.on, last, day))
        return first <= here <= end if self.on.year == last.year else here >= first or here <= end


class Calendar(BaseModel):
    """tz: an IANA time zone. holidays: the country whose public holidays are closed days ('IT'), with a province or
    region where it has days of its own ('IT-BO': Bologna's patron saint). week: hours by day or days ('mon-fri',
    'sat', 'mon, wed'). overrides: the first that covers a day wins over holidays and week.

    Validation raises ValueErrors that say what may be written.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tz: str = "Europe/Rome"
    holidays: str = Field(default="", pattern=r"^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$")
    week: Mapping[str, Hours]
    overrides: tuple[Override, ...] = ()

    @field_validator("tz")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"there is no time zone {name!r}; write for instance Europe/Rome") from None
        return name

    @field_validator("holidays")
    @classmethod
    def _known_holidays(cls, name: str) -> str:
        try:
            if name:
                _holidays_of(name)
        except NotImplementedError:
            raise ValueError(f"no holidays are known for {name!r}; write for instance IT, or IT-BO") from None
        return name

    @field_validator("week", mode="before")
    @classmethod
    def _by_day(cls, written: Any) -> Any:
        if not isinstance(written, Mapping):
            return written
        by_day: dict[str, Any] = {}
        for names, hours in written.items():
            for day in days_in(str(names)):
                if day in by_day:
                    raise ValueError(f"{day} has its hours twice")
                by_day[day] = hours
        return by_day

    def hours_of(self, day: date) -> Hours:
        """The spans of a day, in order."""
        for override in self.overrides:
            if override.covers(day):
                return _sorted(override.hours)
        if self.holidays and day in _holidays_of(self.holidays):
            return ()
        return _sorted(self.week.get(DAYS[day.weekday()], ()))

    def is_open(self, at: datetime) -> bool:
        """at: aware. Raises ValueError for a time without zone."""
        here = self._here(at)
        minute = here.hour * 60 + here.minute
        return any(span.from_min <= minute < span.to_min for span in self.hours_of(here.date()))

    def next_opening(self, at: datetime) -> datetime | None:
        """The first moment from `at` on at which it is open, in the calendar's zone: `at` itself when it is open then;
        None when it stays closed for more than a year. Raises ValueError for a time without zone."""
        if self.is_open(at):
            return self._here(at)
        return next((opens for opens in self._openings(self._here(at)) if opens.astimezone(UTC) > at), None)

    def _openings(self, here: datetime) -> Iterator[datetime]:
        for ahead in range(LOOKED_AHEAD_DAYS):
            day = here.date() + timedelta(days=ahead)
            for span in self.hours_of(day):
                hour, minute = divmod(span.from_min, 60)
                yield datetime(day.year, day.month, day.day, hour, minute, tzinfo=here.tzinfo)

    def _here(self, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise ValueError("the time has no zone; use datetime.now(UTC)")
        return at.astimezone(ZoneInfo(self.tz))


def _sorted(hours: Hours) -> Hours:
    return tuple(sorted(hours, key=lambda span: span.from_min))


def days_in(names: str) -> Iterator[str]:
    """'mon-wed, sat' → mon, tue, wed, sat. Raises ValueError for what is no day."""
    for name in (part.strip().lower() for part in names.split(",")):
        first, _, last = name.partition("-")
        if first not in DAYS or (last or first) not in DAYS or DAYS.index(last or first) < DAYS.index(first):
            raise ValueError(
                f"{name!r} is no day or row of days; days are {', '.join(DAYS)}; write for instance mon-fri"
            )
        yield from DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]


@lru_cache(maxsize=32)
def _holidays_of(name: str) -> holidays.HolidayBase:
    """Raises NotImplementedError for a country or a part of it that the package does not know."""
    country, _, part = name.partition("-")
    return holidays.country_holidays(country, subdiv=part or None)
