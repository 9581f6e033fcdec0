"""A call-back at a day and a time that an operator agrees on with a caller: whether it can be then. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from telephony.lines import Line
from telephony.outbound.hours import LOOK_AHEAD_DAYS, may_call
from telephony.outbound.settings import OutboundSettings

SCHEDULED = "scheduled"
"""Why somebody is called back, in the history."""


def wrong_time(at: datetime, now: datetime, line: Line, settings: OutboundSettings) -> str:
    """Why nobody can be called then: 'in_the_past' | 'too_far' | 'outside_hours' (of the line, or in which calls may
    begin at all); '' when somebody can. at, now: aware."""
    if at <= now:
        return "in_the_past"
    if at > now + timedelta(days=LOOK_AHEAD_DAYS):
        return "too_far"
    is_open = line.hours is None or line.hours.calendar.is_open(at)
    return "" if is_open and may_call(at, settings.hours("service")) else "outside_hours"
