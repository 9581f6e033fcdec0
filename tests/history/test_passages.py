"""What calls did at each step of their flowbook, added up while they end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from history import Journal, Timeline
from history.deriving.passages import passages
from history.deriving.worker import Deriving
from tests.history.calls import MONDAY, did, ended, entries, noted, started, told

ROME = ZoneInfo("Europe/Rome")
BOOK = {"flowbook": {"id": "shop", "revision": "0123456789ab", "number": 3}}
FIRST, LAST = date(2026, 5, 1), date(2026, 5, 31)


def walked(at: str, *steps: str) -> tuple[Any, ...]:
    return "dialog.walked", {"at": f"flows.{at}", "steps": [f"flows.{step}" for step in steps]}


BEGUN = (started(**BOOK), told("CallStarted"), walked("a.1", "a.0", "a.1"))
HUNG_UP = (*BEGUN, told("CallerSilent"), noted("no_input"), 4, ended("abandoned", "caller_hung_up"))
UNCLEAR = (
    *BEGUN, told("CallerSaid", text="eh"), noted("no_match"), told("CallerSaid", text="eh"), noted("no_match"),
    walked("b.1", "b.0", "b.1"), did("End", outcome="answered"), 2, ended("answered", "caller_hung_up"),
)  # fmt: skip
HANDED = (
    *BEGUN, told("CallerSaid", text="un operatore"), noted("command", name="operator"), did("Handoff", queue="desk"),
    ("handoff.queued", {"queue": "desk"}), 5, ("operator.joined", {"operator": "op"}), 60,
    ended("handed_off", "caller_hung_up"),
)  # fmt: skip
AGAIN = (*BEGUN, told("CallerSaid", text="sì"), walked("a.1", "b.0", "a.1"), ended("failed", "bad_media"))


async def test_each_call_counts_once_where_it_came_by_and_where_it_ended(journal: Journal, timeline: Timeline) -> None:
    for n, call in enumerate((HUNG_UP, UNCLEAR, HANDED, AGAIN)):
        await journal.append(f"call-{n}", entries(*call, began=MONDAY + timedelta(days=n)))
    await journal.append("without", entries(started(), told("CallStarted"), walked("a.1", "a.0"), ended()))
    other = {"flowbook": {"id": "shop", "revision": "ba9876543210"}}
    await journal.append("other", entries(started(**other), told("CallStarted"), walked("a.1", "a.0"), ended()))
    deriving = Deriving(journal, timeline, ROME)
    await deriving.catch_up()
    found = await passages(timeline, "0123456789ab", FIRST, LAST)
    assert (found.calls, found.steps) == (
        4,
        {
            "flows.a.0": {"passed": 4, "ended": 0, "dropped": 0, "no_match": 0, "no_input": 0},
            "flows.a.1": {"passed": 4, "ended": 3, "dropped": 1, "no_match": 2, "no_input": 1},
            "flows.b.0": {"passed": 2, "ended": 0, "dropped": 0, "no_match": 0, "no_input": 0},
            "flows.b.1": {"passed": 1, "ended": 1, "dropped": 0, "no_match": 0, "no_input": 0},
        },
    )
    assert (await passages(timeline, "0123456789ab", date(2026, 5, 5), date(2026, 5, 6))).calls == 2
    assert (await passages(timeline, "0123456789ab", date(2026, 6, 1), date(2026, 6, 9))).steps == {}
    assert (await passages(timeline, "ba9876543210", FIRST, LAST)).calls == 1
    await deriving.rebuild(at_once=2)
    assert await passages(timeline, "0123456789ab", FIRST, LAST) == found


async def test_a_log_from_elsewhere_may_say_anything(journal: Journal, timeline: Timeline) -> None:
    strange = ("dialog.walked", {"at": 7, "steps": "flows.a.0"}), ("dialog.walked", {"steps": [None] * 2000})
    await journal.append("call", entries(started(flowbook={"id": "x", "revision": ""}), *strange, ended()))
    await journal.append("more", entries(started(**BOOK), *strange, ended()))
    await Deriving(journal, timeline, ROME).catch_up()
    assert (await passages(timeline, "0123456789ab", FIRST, LAST)).steps == {
        "None": {"passed": 1, "ended": 0, "dropped": 0, "no_match": 0, "no_input": 0}
    }
