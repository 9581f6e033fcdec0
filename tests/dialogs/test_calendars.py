"""When somebody is there, at given moments."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dialogs.calendars import Calendar

ROME = ZoneInfo("Europe/Rome")
WEEK = {"mon-fri": ["08:30-12:30", "14:00-17:00"], "sat": ["09:00-12:00"]}


def office(**more: Any) -> Calendar:
    return Calendar.model_validate({"week": WEEK, "holidays": "IT", **more})


def rome(*when: int) -> datetime:
    return datetime(*when, tzinfo=ROME)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("at", "open_"),
    [
        (rome(2026, 11, 27, 8, 29), False),
        (rome(2026, 11, 27, 8, 30), True),
        (rome(2026, 11, 27, 12, 29, 59), True),
        (rome(2026, 11, 27, 12, 30), False),
        (rome(2026, 11, 27, 14, 0), True),
        (rome(2026, 11, 28, 11, 0), True),  # Saturday
        (rome(2026, 11, 29, 11, 0), False),  # Sunday
        (rome(2026, 12, 8, 10, 0), False),  # Immacolata
        (rome(2027, 3, 29, 10, 0), False),  # Easter Monday
        (datetime(2026, 11, 27, 7, 30, tzinfo=UTC), True),  # 8:30 in Rome in winter
        (datetime(2026, 7, 1, 6, 30, tzinfo=UTC), True),  # and in summer
    ],
)
def test_hours_holidays_and_zones(at: datetime, open_: bool) -> None:
    assert office().is_open(at) is open_


def test_a_province_has_its_patron_saint() -> None:
    bologna, milan = rome(2027, 10, 4, 10, 0), rome(2026, 12, 7, 10, 0)
    assert office(holidays="IT-BO").is_open(bologna) is False
    assert office().is_open(milan)
    assert not office(holidays="IT-MI").is_open(milan)


def test_overrides_win_over_week_and_holidays() -> None:
    calendar = office(
        overrides=[
            {"on": "2026-12-24", "hours": ["08:30-12:00"]},
            {"on": "2026-12-08", "hours": ["10:00-11:00"]},
            {"on": "2025-12-27", "until": "2026-01-05", "every_year": True},
        ]
    )
    assert not calendar.is_open(rome(2026, 12, 24, 14, 30))
    assert calendar.is_open(rome(2026, 12, 8, 10, 30))
    assert not calendar.is_open(rome(2028, 12, 28, 10, 0))
    assert not calendar.is_open(rome(2029, 1, 4, 10, 0))
    assert calendar.is_open(rome(2029, 1, 8, 10, 0))


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        (rome(2026, 11, 27, 9, 0), rome(2026, 11, 27, 9, 0)),
        (rome(2026, 11, 27, 13, 0), rome(2026, 11, 27, 14, 0)),
        (rome(2026, 11, 28, 12, 0), rome(2026, 11, 30, 8, 30)),
        (rome(2026, 12, 24, 18, 0), rome(2026, 12, 28, 8, 30)),  # Christmas, Santo Stefano, Sunday
    ],
)
def test_the_next_opening(at: datetime, opens: datetime) -> None:
    assert office().next_opening(at) == opens


def test_what_never_opens_has_no_next_opening() -> None:
    assert Calendar.model_validate({"week": {}}).next_opening(rome(2026, 1, 1)) is None


FROM, TO = datetime(2026, 1, 1), datetime(2031, 1, 1)  # noqa: DTZ001 (hypothesis adds the zone)


@given(st.datetimes(FROM, TO, timezones=st.just(UTC)))
def test_it_is_open_at_the_next_opening_and_closed_just_before(at: datetime) -> None:
    calendar = office()
    opens = calendar.next_opening(at)
    assert opens is not None
    assert calendar.is_open(opens)
    assert opens >= at
    if opens > at:
        assert not calendar.is_open(at)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"week": {"lun": ["08:00-09:00"]}}, "mon-fri"),
        ({"week": {"fri-mon": ["08:00-09:00"]}}, "row of days"),
        ({"week": {"mon-tue": [], "tue": []}}, "twice"),
        ({"week": {"mon": ["22:00-02:00"]}}, "two spans"),
        ({"week": {"mon": ["8-12"]}}, "08:30-12:30"),
        ({"week": {}, "tz": "Rome"}, "Europe/Rome"),
        ({"week": {}, "holidays": "ZZ"}, "IT-BO"),
        ({"week": {}, "overrides": [{"on": "2026-12-24", "until": "2026-12-01"}]}, "before"),
    ],
)
def test_mistakes_are_told_with_what_may_be_written(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Calendar.model_validate(wrong)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        office().is_open(datetime(2026, 11, 27, 9, 0))  # noqa: DTZ001 (that is the point)
