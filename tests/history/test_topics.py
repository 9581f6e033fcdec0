"""What people are in touch about: counts by topic, urgency and mood."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from history import Journal, Timeline
from history.deriving.days import moments
from history.deriving.topics import OTHERS, Told, Topics, ordered
from history.deriving.worker import Deriving
from tests.history.calls import ANSWERED, MONDAY, ended, entries, handed, said, started

ROME = ZoneInfo("Europe/Rome")
DAY = date(2026, 5, 4)


async def test_topics_by_urgency_and_mood_of_those_who_were_in_touch(journal: Journal, timeline: Timeline) -> None:
    angry = (started(), said("caller", "è una vergogna, voglio restituire il libro subito, è urgente"), ended())
    calls = [
        (started(), said("caller", "vorrei fare un reso"), ended()),
        angry,
        (*handed("desk", 1, 5)[:3], said("caller", "vorrei fare un reso"), *handed("desk", 1, 5)[3:]),
        (started(line="en"), said("caller", "che orari fate"), ended()),
        (started(direction="outbound"), said("caller", "vorrei fare un reso"), ended()),
        (started(), ended()),
    ]
    for n, call in enumerate(calls):
        await journal.append(f"call-{n}", entries(*call, began=MONDAY))
    await journal.append("later", entries(*ANSWERED, began=MONDAY + timedelta(days=1)))
    await Deriving(journal, timeline, ROME).catch_up()
    topics, day = Topics(timeline), moments(DAY, DAY, ROME)
    assert await topics.told(*day) == [
        Told("returns", "normal", "neutral", 2, 1), Told("returns", "high", "angry", 1, 0),
        Told("", "normal", "neutral", 1, 0), Told("opening_hours", "normal", "neutral", 1, 0)]  # fmt: skip
    assert [one.topic for one in await topics.told(*day, line="en")] == ["opening_hours"]
    assert await topics.told(*day, channel="email") == []
    assert sum(one.interactions for one in await topics.told(*moments(DAY, DAY + timedelta(days=1), ROME))) == 6


def test_the_rarest_topics_are_told_together() -> None:
    found = [Told("a", "normal", "neutral", 5, 0), Told("b", "high", "angry", 3, 1), Told("c", "high", "angry", 1, 1),
             Told("d", "high", "angry", 2, 1)]  # fmt: skip
    assert ordered(found, 2) == [*found[:2], Told(OTHERS, "high", "angry", 3, 2)]
    assert ordered([]) == []


def test_days_are_the_companys_and_a_report_has_an_end() -> None:
    begins, ends = moments(date(2026, 3, 29), date(2026, 3, 29), ROME)
    assert ends.timestamp() - begins.timestamp() == 23 * 3600  # the night clocks go forward
    for first, last in ((DAY, DAY - timedelta(days=1)), (date(1980, 1, 1), DAY), (date.max, date.max)):
        with pytest.raises(ValueError, match="expected"):
            moments(first, last, ROME)
