"""`[outbound]` in centralino.toml: without this section nobody is called."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from telephony.outbound.hours import CallingHours, Purpose, Span, known_countries
from telephony.outbound.picking import Caps
from telephony.outbound.spacing import Spacing

_SPAN = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")


def span_of(written: str) -> Span | None:
    """'09:00-20:00'; '' is never. Raises ValueError."""
    if not written.strip():
        return None
    found = _SPAN.fullmatch(written.replace(" ", ""))
    if found is None:
        raise ValueError(f"{written!r}: hours are written 09:00-20:00, '' is never")
    return Span(time.fromisoformat(found[1]), time.fromisoformat(found[2]))


def _checked(written: str) -> str:
    span_of(written)
    return written


Hours = Annotated[str, AfterValidator(_checked)]


class HoursSettings(BaseModel):
    """When people may be called. before_rest: Saturdays and the days before holidays; rest: Sundays and holidays."""

    model_config = ConfigDict(extra="forbid")

    weekdays: Hours = "09:00-20:00"
    before_rest: Hours = "10:00-19:00"
    rest: Hours = ""


class OutboundSettings(BaseModel):
    """Calls that the server places by itself."""

    model_config = ConfigDict(extra="forbid")

    doors: list[str] = Field(default_factory=list, description="Through which calls go out, the best first; else any.")
    caller_ids: dict[str, str] = Field(
        default_factory=dict, description="Line → the number that is shown; else the line's own."
    )
    country: str = Field(default="IT", description="Of numbers without a prefix, and of holidays (ISO 3166).")
    zone: str = Field(default="Europe/Rome", description="Of the people who are called.")
    marketing: HoursSettings = Field(default_factory=HoursSettings, description="Hours for advertising and surveys.")
    service: HoursSettings = Field(default_factory=HoursSettings, description="Hours for reminders and call-backs.")
    ring_s: float = Field(default=25.0, ge=5, le=60, description="How long it rings.")
    most_calls: int = Field(default=5, ge=1, le=1000, description="Calls of ours at once.")
    kept_free: int = Field(default=5, ge=0, description="Of the server's most_calls, for people who call us.")
    a_line: int = Field(default=5, ge=1, le=1000, description="Calls of ours at once from one line.")
    callbacks: bool = Field(default=True, description="Dial promised call-backs; else people do it.")
    callback_tries: int = Field(default=3, ge=1, le=10)
    callback_minutes: dict[str, int] = Field(
        default_factory=lambda: {"no_answer": 30, "machine": 60}, description="Outcome → minutes until the next try."
    )
    taken_minutes: int = Field(default=30, ge=1, le=1440, description="How long an operator has a call-back they took.")

    @model_validator(mode="after")
    def _lawful(self) -> Self:
        if self.country not in known_countries():
            raise ValueError(f"country {self.country!r}: no holidays are known; a code such as 'IT' is expected")
        if self.country == "IT":
            strict = HoursSettings()
            for name in ("weekdays", "before_rest", "rest"):
                wide, lawful = span_of(getattr(self.marketing, name)), span_of(getattr(strict, name))
                if wide and (lawful is None or wide.within(lawful) != wide):
                    raise ValueError(
                        f"marketing.{name}: {getattr(self.marketing, name)} is wider than the Italian code of conduct "
                        f"allows ({getattr(strict, name) or 'never'})"
                    )
        self.callback_spacing()
        return self

    def hours(self, purpose: Purpose) -> CallingHours:
        chosen = self.marketing if purpose == "marketing" else self.service
        weekdays, before_rest, rest = map(span_of, (chosen.weekdays, chosen.before_rest, chosen.rest))
        return CallingHours(weekdays, before_rest, rest, self.country, self.zone)

    def caps(self) -> Caps:
        return Caps(self.most_calls, self.kept_free, self.a_line)

    def callback_spacing(self) -> Spacing:
        return Spacing(self.callback_tries, self.callback_minutes)
