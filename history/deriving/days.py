"""The days that a report is about. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

LONGEST = timedelta(days=3660)
EARLIEST, LATEST = date(1970, 1, 1), date(9998, 12, 31)


def check_days(first: date, last: date) -> None:
    """first, last: both belong to it. Raises ValueError saying what is wrong with them."""
    if last < first or last - first > LONGEST:
        raise ValueError(f"from {first} to {last}: a time of one day to {LONGEST.days} is expected")
    if first < EARLIEST or last > LATEST:
        raise ValueError(f"from {first} to {last}: days between {EARLIEST} and {LATEST} are expected")


def moments(first: date, last: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """When these days begin, and when they are over. zone: whose days they are. Raises ValueError."""
    check_days(first, last)
    begins, ends = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    return begins, ends
