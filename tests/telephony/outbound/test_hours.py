"""When somebody may be called: the Italian code of conduct's hours, a campaign's own window, summer time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.outbound.hours import CallingHours, Span, Window, may_call, next_moment

ROME = ZoneInfo("Europe/Rome")
STRICT = CallingHours()


def rome(day: str, at: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(at), ROME)


@pytest.mark.parametrize(
    ("day", "at", "allowed"),
    [
        ("2026-11-27", "08:59", False),  # a Friday
        ("2026-11-27", "09:00", True),
        ("2026-11-27", "19:59", True),
        ("2026-11-27", "20:00", False),
        ("2026-11-28", "09:30", False),  # a Saturday
        ("2026-11-28", "10:00", True),
        ("2026-11-28", "19:00", False),
        ("2026-11-29", "12:00", False),  # a Sunday
        ("2026-12-08", "12:00", False),  # a Tuesday, the Immaculate Conception
        ("2026-12-07", "09:30", False),  # the day before it
        ("2026-12-07", "10:00", True),
        ("2027-03-29", "12:00", False),  # Easter Monday
    ],
)
def test_the_hours_of_the_code_of_conduct(day: str, at: str, allowed: bool) -> None:
    assert may_call(rome(day, at), STRICT) is allowed
    assert may_call(rome(day, at).astimezone(UTC), STRICT) is allowed


def test_the_next_moment_after_friday_evening_is_saturday_at_ten() -> None:
    assert next_moment(rome("2026-11-27", "20:30"), STRICT) == rome("2026-11-28", "10:00")


def test_a_long_weekend_is_waited_out() -> None:
    # Saturday evening, a Sunday, and a Monday that is the day before a holiday.
    assert next_moment(rome("2026-12-05", "19:30"), STRICT) == rome("2026-12-07", "10:00")
    assert next_moment(rome("2026-12-24", "19:30"), STRICT) == rome("2026-12-28", "09:00")


def test_a_campaigns_window_narrows_the_hours_and_never_widens_them() -> None:
    afternoons = Window(Span(time(15), time(23)), frozenset({0, 1}))
    assert not may_call(rome("2026-11-30", "14:59"), STRICT, afternoons)
    assert may_call(rome("2026-11-30", "15:00"), STRICT, afternoons)
    assert not may_call(rome("2026-11-30", "20:00"), STRICT, afternoons)
    assert next_moment(rome("2026-12-01", "20:00"), STRICT, afternoons) == rome("2026-12-07", "15:00")


def test_a_campaign_ends_with_its_last_day() -> None:
    window = Window(last=date(2026, 11, 27))
    assert next_moment(rome("2026-11-27", "20:00"), STRICT, window) is None
    assert window.is_over(date(2026, 11, 28))


def test_clocks_that_change_do_not_move_the_opening() -> None:
    assert next_moment(rome("2027-03-27", "19:30"), STRICT) == rome("2027-03-30", "09:00")  # Easter lies in between
    assert next_moment(rome("2026-10-24", "19:30"), STRICT) == datetime(2026, 10, 26, 8, tzinfo=UTC)


@given(st.integers(0, 4 * 365 * 24 * 60))
def test_the_next_moment_is_allowed_and_no_earlier_one_is(minutes: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    moment = next_moment(now, STRICT)
    assert moment is not None
    assert moment >= now
    assert may_call(moment, STRICT)
    if moment > now:
        assert not may_call(now, STRICT)
        assert not may_call(moment - timedelta(minutes=1), STRICT)
