"""How a test's call begins: the moment, the caller, what is known before."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialogs.events import CallStarted
from dialogs.flowbook import Flowbook
from dialogs.rehearsal.mocks import Mocks
from dialogs.scenarios import Opening

USUAL_DAY, USUAL_TIME = date(2026, 1, 12), time(10, 0)
"""A Monday: when calls of tests begin that say nothing else, so that they go the same way on every day."""
_ZONE = "Europe/Rome"
_HALF_HOURS = 2 * 24 * 21
"""Three weeks, in which everything that has hours is open once."""


def started(book: Flowbook, opening: Opening) -> CallStarted:
    """The event that such a call begins with."""
    at = moment(book, opening.at)
    return CallStarted(
        0,
        opening.line,
        opening.language or book.languages.default,
        opening.caller,
        at.date().isoformat(),
        flow=opening.flow,
        slots=opening.slots,
        answered_by=opening.answered_by if opening.flow else "",
        closed_flow=opening.closed,
        records=opening.records,
        clock=at.isoformat(),
        contact={"known": True, **opening.contact} if opening.contact else {},
    )


def wrong_with(book: Flowbook, opening: Opening) -> str:
    """Why such a call cannot begin; '' when it can."""
    for kind, name in (("flow", opening.flow), ("closed", opening.closed)):
        if name and name not in book.flows:
            return f"{kind}: there is no flow {name!r}"
    if opening.flow and opening.flow not in book.outgoing:
        return f"flow: {opening.flow!r} begins no call of ours; it is not under outgoing:"
    if opening.language and opening.language not in book.codes:
        return f"language: {opening.language!r} is no language of this flowbook"
    if unknown := Mocks(book, opening.mock).unknown():
        return f"mock: no step asks another system under the name {unknown[0]!r}"
    return ""


def usual_moment(book: Flowbook) -> datetime:
    """The first moment from the usual one on at which all calendars are open; else one of them; else the usual one."""
    calendars = list(book.calendars.values())
    first = datetime.combine(USUAL_DAY, USUAL_TIME, _zone(book))
    ahead = [first + timedelta(minutes=30 * number) for number in range(_HALF_HOURS if calendars else 0)]
    for enough in (all, any):
        for moment in ahead:
            if enough(calendar.is_open(moment) for calendar in calendars):
                return moment
    return first


def moment(book: Flowbook, at: datetime | None) -> datetime:
    """The same moment in the time zone of the calendars, where it also is when it says no zone; None: the usual one."""
    if at is None:
        return usual_moment(book)
    return at.astimezone(_zone(book)) if at.tzinfo else at.replace(tzinfo=_zone(book))


def _zone(book: Flowbook) -> ZoneInfo:
    return ZoneInfo(next((calendar.tz for calendar in book.calendars.values()), _ZONE))
