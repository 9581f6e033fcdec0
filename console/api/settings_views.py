"""The settings that may be edited: the shapes of their answers and bodies. What may stand in a field is checked where
the company's file is checked; here are only its shape and its size."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from console.api.signing_in import Strict

Short = Annotated[str, Field(max_length=255)]
Revision = Annotated[str, Field(max_length=64)]
Words = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=500)]
Spans = Annotated[list[Annotated[str, Field(max_length=20)]], Field(max_length=20)]
Days = Annotated[int, Field(ge=1, le=36_500)] | None


class LineHours(Strict):
    """calendar: its name. When it is closed a call begins with the flow `closed`, or goes to the number `forward`."""

    calendar: Short
    closed: Short
    forward: Short


class LineFields(Strict):
    """A line of company.toml, as docs/lines.md has it."""

    title: Short
    number: Short
    language: Short
    recognizer: Short
    voice_engine: Short
    voice: Short
    human_number: Short
    words: Words
    hours: LineHours | None
    recording: Short
    recordings_kept_days: int | None


class LineSettingsView(LineFields):
    """flowbook: its file. languages, flows: of that, none while the line is not served. more: keys that are written for
    it and are edited in the file."""

    id: str
    flowbook: str
    languages: list[str]
    flows: list[str]
    more: list[str]


class DayHours(Strict):
    """Spans of a day, "08:30-12:30"; none: closed."""

    mon: Spans
    tue: Spans
    wed: Spans
    thu: Spans
    fri: Spans
    sat: Spans
    sun: Spans


class DayOverride(Strict):
    """A day, or the days `on` to `until`, with hours of their own; none: closed. every_year: whatever the year."""

    on: date
    until: date | None = None
    every_year: bool = False
    hours: Spans


class CalendarFields(Strict):
    """tz: an IANA time zone. holidays: whose public holidays are closed, 'IT' or 'IT-BO'; '' for none."""

    tz: Short
    holidays: Short
    week: DayHours
    overrides: Annotated[list[DayOverride], Field(max_length=500)]


class CalendarView(CalendarFields):
    """lines: ids of those that go by it. opens: when it is open next; now when it is open; None: not within a year."""

    name: str
    lines: list[str]
    open: bool
    opens: datetime | None


class SettingsView(BaseModel):
    """file, revision: of the file that all of it stands in. served: whether the server uses what stands there now;
    why: what keeps it from that."""

    file: str
    revision: str
    served: bool
    why: list[str]
    lines: list[LineSettingsView]
    calendars: list[CalendarView]
    recognizers: list[str]
    voice_engines: list[str]


class Given(Strict):
    """revision: of the file as it was read. restart: what only a restart brings about may be written."""

    revision: Revision
    restart: bool = False


class LineGiven(Given):
    line: LineFields


class NewLineGiven(LineGiven):
    id: Short


class WordsGiven(Given):
    words: Words


class CalendarGiven(Given):
    calendar: CalendarFields


class KeptView(BaseModel):
    """revision: of the file now. served: whether the server uses it from now on; why: what keeps it from that."""

    revision: str
    served: bool
    why: list[str]


class RetentionDays(Strict):
    """Days after an interaction's end; none: kept until somebody deletes it."""

    audio_days: Days = None
    transcript_days: Days = None
    facts_days: Days = None


Channel = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")]


class RetentionFields(RetentionDays):
    """channels: those that have numbers of their own, and only these."""

    channels: Annotated[dict[Channel, RetentionDays], Field(max_length=50)]


class RetentionView(BaseModel):
    """now: what the server goes by since it started; next: after a restart. from_environment: names of environment
    variables, which win over the file."""

    file: str
    revision: str
    now: RetentionFields
    next: RetentionFields
    from_environment: list[str]


class RetentionGiven(Given):
    retention: RetentionFields
