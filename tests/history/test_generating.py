"""The made-up history is one that the journal could have written, and what people look up in it is measured."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from dialogs.events import from_json
from history import Contacts, Database, HistoryUnavailable, Journal, Timeline, kpis_bench, reads_bench
from history.deriving.report import KpiReport
from history.deriving.worker import Deriving
from history.events import StoredEvent, checked
from history.generating.loading import generate
from history.generating.year import year
from history.kpis import KPIS, Ahead, Totals, contribution
from history.kpis.funnel import STAGES, stages
from history.kpis.kpi import added
from history.kpis.log import read
from history.projections import Projection, project_all

UNTIL = datetime(2026, 5, 4, tzinfo=UTC)


def test_what_is_made_up_is_as_the_journal_would_store_it() -> None:
    kinds = set()
    for call, entries, _ in year(300, 3, UNTIL):
        assert [entry.at_ms for entry in entries] == sorted(entry.at_ms for entry in entries), call
        for entry in entries:
            assert entry.occurred_at is not None
            assert entry.occurred_at.utcoffset() == timedelta(0)
            assert checked(entry, UNTIL) == entry
            if entry.type.startswith("dialog."):
                kinds.add(type(from_json(entry.payload)).__name__)
    assert kinds >= {"CallStarted", "CallerSaid", "CallerSilent", "LookedUp", "Say", "Note", "Handoff", "HandoffFailed"}
    assert list(year(300, 3, UNTIL)) == list(year(300, 3, UNTIL)) != list(year(300, 4, UNTIL))


def of_calls(count: int) -> tuple[Totals, set[str]]:
    """What a made-up year's calls sum up to, and their outcomes."""
    sums, outcomes = [], set()
    for call, entries, received in year(count, 7, UNTIL):
        if received is not None:
            continue
        events = [
            StoredEvent(call, seq, one.type, one.payload, one.at_ms, one.actor, UNTIL, UNTIL)
            for seq, one in enumerate(entries, start=1)
        ]
        log = read(events)
        outcomes.add(log.outcome)
        sums.append(contribution(log, UNTIL, UTC, Ahead(known=True)).base)
    return added(sums), outcomes


def test_a_made_up_year_has_something_of_every_figure_of_the_bot() -> None:
    totals, outcomes = of_calls(1500)
    assert outcomes == {"answered", "handed_off", "callback", "abandoned"}
    funnel = stages(totals)
    assert [one.name for one in funnel] == list(STAGES)
    assert funnel[0].sessions == totals["calls"]
    assert all(before.sessions > after.sessions > 0 for before, after in pairwise(funnel[:4]))
    assert all(one.lost for one in funnel[:2]), "at the greeting, and not understood"
    found = {kpi.name: kpi.of(totals, 20).value or 0 for kpi in KPIS}
    assert 0.5 < found["containment"] < 0.8
    assert 0.1 < found["transfer"] < 0.3
    assert 0.6 < found["coverage"] < 0.9
    assert 0.1 < found["no_match"] < 0.3
    assert 0.02 < found["no_input"] < 0.1
    assert 0.01 < found["early_hangups"] < 0.08
    assert 0.7 < found["confidence"] < 0.9


async def test_a_made_up_year_agrees_with_its_log_and_is_the_same_again(place: Database) -> None:
    assert generate(place, 60, 3, UNTIL) > 300
    with pytest.raises(HistoryUnavailable, match="generate into a new history"):
        generate(place, 60, 3, UNTIL)
    journal, timeline = await Journal.open(place, node="n1"), Timeline(place)
    rows = await timeline.list_interactions(100, channel=None)
    assert len(rows) == 60
    assert {row.channel for row in rows} >= {"voice", "email"}
    for row in rows[:20]:
        events = await timeline.events(row.id)
        detail = await timeline.get(row.id)
        found = Projection(detail.interaction, detail.transcript, detail.callbacks, detail.media)
        assert found == project_all(events, node="generated")
        assert not row.contact_id or (await Contacts(timeline).get(row.contact_id)).points
    assert await Deriving(journal, timeline, ZoneInfo("Europe/Rome")).catch_up() >= 60  # some twice
    report, calls = KpiReport(timeline), sum(row.channel == "voice" for row in rows)
    [arrived, *_, solved] = await report.funnel((UNTIL - timedelta(days=366)).date(), UNTIL.date())
    assert arrived.sessions == calls > solved.sessions > 0
    figures = await reads_bench.run(place, 20)
    assert figures.interactions == 60
    assert all(0 < one.p50_ms <= one.p95_ms for one in (figures.timeline, figures.search, figures.kpis))
    await timeline.close()
    await journal.close()


async def test_a_large_company_s_totals_agree_with_each_other_whatever_they_are_looked_at_by(place: Database) -> None:
    wanted = kpis_bench.Wanted(100_000, times=2, lines=3, days=40)
    figures = await kpis_bench.run(place, wanted)
    assert set(figures.pages) == {name or "all" for name in kpis_bench.GROUPINGS}
    assert figures.cells > 40 * 3 * 80
    timeline = Timeline(place)
    report, first = KpiReport(timeline), kpis_bench.LAST_DAY - timedelta(days=39)
    try:
        calls = {by: await report.rows(first, kpis_bench.LAST_DAY, by) for by in kpis_bench.GROUPINGS}
    finally:
        await timeline.close()
    whole = calls[""][0].calls
    assert whole == pytest.approx(100_000, rel=0.01)  # each day's share is rounded
    assert sum(row.calls for row in calls["day"]) == sum(row.calls for row in calls["month"]) == whole
    assert {row.key for row in calls["line"]} == {"line-0", "line-1", "line-2"}
    assert len(calls["article"]) == 3 * kpis_bench.OF_A_LINE["article"]
