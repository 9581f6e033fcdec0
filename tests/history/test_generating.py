"""The made-up history is one that the journal could have written, and what people look up in it is measured."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from history import Contacts, Database, HistoryUnavailable, Journal, Timeline, kpis_bench, reads_bench
from history.deriving.report import KpiReport
from history.deriving.worker import Deriving
from history.generating.loading import generate
from history.projections import Projection, project_all

UNTIL = datetime(2026, 5, 4, tzinfo=UTC)


async def test_a_made_up_year_agrees_with_its_log_and_is_the_same_again(place: Database) -> None:
    assert generate(place, 60, 3, UNTIL) > 150
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
