"""`[outbound]`: what is lawful by default, and what cannot be set."""

from __future__ import annotations

from datetime import time

import pytest
from pydantic import ValidationError

from telephony.outbound.hours import Span
from telephony.outbound.settings import HoursSettings, OutboundSettings


def test_reminders_get_the_strict_hours_until_they_are_widened() -> None:
    usual = OutboundSettings()
    assert usual.hours("service") == usual.hours("marketing")
    wider = OutboundSettings(service=HoursSettings(weekdays="08:30-20:30"))
    assert wider.hours("service").weekdays == Span(time(8, 30), time(20, 30))
    assert wider.hours("marketing").weekdays == Span(time(9), time(20))


@pytest.mark.parametrize(
    "hours",
    [
        HoursSettings(weekdays="08:00-20:00"),
        HoursSettings(before_rest="10:00-20:00"),
        HoursSettings(rest="10:00-12:00"),
    ],
)
def test_advertising_hours_can_only_be_narrowed_in_italy(hours: HoursSettings) -> None:
    with pytest.raises(ValidationError, match="wider than the Italian code of conduct"):
        OutboundSettings(marketing=hours)
    assert OutboundSettings(marketing=hours, country="AT").hours("marketing")
    assert OutboundSettings(marketing=HoursSettings(weekdays="10:00-18:00", before_rest=""))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"country": "XX"}, "no holidays are known"),
        ({"service": {"weekdays": "9-20"}}, "hours are written"),
        ({"service": {"weekdays": "20:00-09:00"}}, "open before they close"),
        ({"callback_minutes": {"completed": 5}}, "outcomes that are tried again"),
        ({"ring_s": 200}, "less than or equal to 60"),
    ],
)
def test_what_cannot_be_set_is_told(given: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        OutboundSettings.model_validate(given)
