"""What interactions counted for outlives them: after `facts_days`, a rollup gives the same figures."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from history import Journal, Timeline
from history.deriving.report import KpiReport
from history.deriving.storing import Mark
from history.deriving.tables import interaction_fact, kpi_carried
from history.deriving.worker import Deriving
from history.ingestion.envelope import received
from history.privacy.holds import set_hold
from history.privacy.retention import Clocks, Retention, Sweeper
from tests.history.calls import ANSWERED, MONDAY, ended, entries, handed, said, started, told
from tests.history.test_emptied import HOUR, ROME, figures, filled, no_file

MAY = (date(2026, 5, 1), date(2026, 5, 31))


async def kpis(timeline: Timeline) -> Mapping[str, Any]:
    [whole] = await KpiReport(timeline).rows(*MAY)
    return {name: (value.value, value.n) for name, value in whole.values.items()} | {"calls": whole.calls}


async def swept(journal: Journal, timeline: Timeline, days: int, retention: Retention) -> int:
    now = MONDAY + timedelta(days=days)
    return len((await Sweeper(timeline, journal, retention, no_file, lambda: now).sweep()).facts)


async def rows_of(timeline: Timeline, table: Any) -> int:
    return await timeline.read(lambda c: c.execute(select(func.count()).select_from(table)).scalar_one())


async def test_after_a_sweep_of_facts_and_a_rollup_figures_are_as_before(journal: Journal, timeline: Timeline) -> None:
    await filled(journal)
    later = MONDAY + timedelta(days=5)
    await journal.append("call-9", entries(started("en"), *ANSWERED[1:], began=later))
    deriving = Deriving(journal, timeline, ROME)
    await deriving.catch_up()
    before, month = await figures(timeline), Retention(Clocks(facts_days=30))
    assert await swept(journal, timeline, 32, month) == 3  # call-9 is whole
    assert (await figures(timeline), await rows_of(timeline, interaction_fact)) == (before, 1)
    for _ in range(2):
        await deriving.rebuild()
        assert await figures(timeline) == before
    assert await swept(journal, timeline, 40, month) == 1
    await deriving.rebuild()
    assert (await figures(timeline), await rows_of(timeline, interaction_fact)) == (before, 0)
    # Days that lost facts go on counting what comes to them, once.
    await journal.append("call-new", entries(*handed("desk", 10, 50), began=MONDAY + HOUR))
    await deriving.catch_up()
    grown = await figures(timeline)
    assert grown[0][0].calls == before[0][0].calls + 1
    await journal.change(Mark(["call-new"]))
    await deriving.rebuild()
    assert await figures(timeline) == grown


async def test_who_came_back_has_come_back_though_that_was_removed_first(journal: Journal, timeline: Timeline) -> None:
    words = said("caller", "vorrei restituire il dizionario")
    call = entries(started(), told("CallStarted"), 2, words, told("CallerSaid", text="vorrei restituire"), ended())
    await journal.append("call", call)
    about = {"channel": "chat", "direction": "inbound", "text": "vorrei restituire il dizionario",
             "contact": {"points": [{"kind": "tel", "value": "+39051000001"}]}}  # fmt: skip
    at = (MONDAY + timedelta(days=2)).isoformat()
    event = {"specversion": "1.0", "id": "1", "source": "s", "type": "t", "time": at, "data": about}
    await journal.receive([received(event)], trusted=False)
    deriving = Deriving(journal, timeline, ROME)
    await deriving.catch_up()
    before = await kpis(timeline)
    assert before["fcr"] == (0.0, 1)
    chats = Retention(Clocks(), {"chat": Clocks(facts_days=3)})
    assert await swept(journal, timeline, 9, chats) == 1
    await journal.change(Mark(["call"]))
    await deriving.catch_up()
    assert await kpis(timeline) == before
    await deriving.rebuild()
    assert await kpis(timeline) == before
    assert await swept(journal, timeline, 40, Retention(Clocks(facts_days=30))) == 1
    await deriving.rebuild()
    assert await kpis(timeline) == before


async def test_what_is_held_is_neither_removed_nor_carried(journal: Journal, timeline: Timeline) -> None:
    await filled(journal)
    deriving = Deriving(journal, timeline, ROME)
    await deriving.catch_up()
    before = await figures(timeline)
    for n in range(3):
        await set_hold(journal, "interaction", f"call-{n}", reason="causa", actor="a")
    assert await swept(journal, timeline, 90, Retention(Clocks(facts_days=30))) == 0
    await deriving.rebuild()
    assert (await figures(timeline), await rows_of(timeline, kpi_carried)) == (before, 0)
