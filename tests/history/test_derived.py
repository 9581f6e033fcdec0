import asyncio
import os
import random
import tempfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from history import Entry, Journal, Timeline
from history.analyses.next_action import our_rules
from history.contact_rows import joined_with
from history.deriving.facts import Later, look_ahead, made_of
from history.deriving.report import KpiReport, spans
from history.deriving.storing import StoreDerived
from history.deriving.tables import interaction_fact, kpi_total, to_derive
from history.deriving.worker import Deriving
from history.kpis import Cell, Contribution, contribution, totals
from history.kpis.log import read
from tests.history.calls import ANSWERED, MONDAY, ended, entries, handed, noted, started, told

ROME = ZoneInfo("Europe/Rome")
CALLERS = ("+39051000001", "+39051000002", "+39051000003", "")


def a_call(chance: random.Random, began: datetime) -> list[Entry]:
    topic = chance.choice(["returns", "orders"])
    entered = [("flow.entered", {"flow": name}) for name in ("welcome", topic)]
    kinds = [
        ANSWERED[1:],
        (ANSWERED[1], *entered, *ANSWERED[2:]),
        handed(chance.choice(["desk", "orders"]), chance.randrange(90), chance.randrange(300))[1:],
        (told("CallStarted"), ended("abandoned", "caller_hung_up")),
        (told("CallStarted"), *entered, told("CallerSaid", text="eh"), noted("no_match"), ended("failed", "bad_media")),
    ]
    line = chance.choice(["it", "en"])
    return entries(started(line, chance.choice(CALLERS)), *chance.choice(kinds), began=began)


async def everything(timeline: Timeline) -> tuple[dict[Cell, dict[str, int]], dict[Cell, dict[str, int]], int]:
    """The totals as they are stored, as the logs define them, and how many are still to be derived."""

    def rows(connection: Connection) -> tuple[dict[str, str], dict[Cell, dict[str, int]], int]:
        columns = [kpi_total.c[name] for name in ("grain", "start", "line", "dimension", "value", "sums")]
        stored = {Cell(*names): sums for *names, sums in connection.execute(select(*columns))}
        left = len(connection.execute(select(to_derive.c.mark)).all())
        return joined_with(connection, [one.contact_id for one in found]), stored, left

    found = [one for one in await timeline.list_interactions(500, channel=None) if one.status == "ended"]
    logs = {one.id: await timeline.events(one.id) for one in found}
    survivor, stored, left = await timeline.read(rows)
    said = {one.id: (await timeline.get(one.id)).transcript for one in found}
    rules = our_rules()
    topics = {one.id: made_of(one, logs[one.id], said[one.id], (), ROME, rules).fact.topic for one in found}
    parts: list[Contribution] = []
    for one in found:
        who = survivor.get(one.contact_id, one.contact_id)
        theirs = [
            Later(other.channel, other.direction, topics[other.id], other.started_at)
            for other in found
            if one.contact_id and survivor.get(other.contact_id) == who and other.id != one.id
        ]
        ahead = look_ahead(one, topics[one.id], theirs)
        parts.append(contribution(read(logs[one.id]), one.started_at, ROME, ahead))
    return stored, totals(parts), left


async def story(path: Path, seed: int, calls: int) -> None:
    chance = random.Random(seed)
    journal = await Journal.open(path, node="n1")
    timeline = Timeline(path)
    deriving = Deriving(journal, timeline, ROME)
    logs = {f"call-{n:03}": a_call(chance, MONDAY + timedelta(hours=chance.randrange(300))) for n in range(calls)}
    open_ones: list[tuple[str, Sequence[Entry]]] = []
    merges: list[str] = []
    for key in chance.sample(sorted(logs), calls):
        log, cut = logs[key], chance.randrange(1, len(logs[key]))
        await journal.append(key, log[:cut])
        open_ones.append((key, log[cut:]))
        while open_ones and chance.random() < 0.6:
            other, rest = open_ones.pop(chance.randrange(len(open_ones)))
            await journal.append(other, rest)
        if chance.random() < 0.3:
            await deriving.catch_up(at_once=chance.randrange(1, 5))
        if chance.random() < 0.1:
            known = sorted({one.contact_id for one in await timeline.list_interactions() if one.contact_id})
            if len(known) > 1 and not merges:
                merges.append(await journal.merge_contacts(*chance.sample(known, 2), actor="a"))
            elif merges:
                await journal.unmerge_contacts(merges.pop(), actor="a")
    for key, rest in open_ones:
        await journal.append(key, rest)
    await deriving.catch_up()
    stored, defined, left = await everything(timeline)
    assert (left, stored) == (0, {cell: {n: v for n, v in sums.items() if v} for cell, sums in defined.items()})
    await deriving.rebuild(at_once=chance.randrange(1, 9))
    assert (await everything(timeline))[0] == stored
    await timeline.close()
    await journal.close()


@settings(max_examples=int(os.environ.get("CENTRALINO_HISTORY_EXAMPLES", "3")), deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 12))
def test_totals_are_what_the_logs_say_in_whatever_order_and_after_merges(seed: int, calls: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(story(Path(folder) / "history.db", seed, calls))


@settings(max_examples=30, deadline=None)
@given(st.dates(date(2024, 1, 1), date(2027, 1, 1)), st.integers(0, 400))
def test_spans_cover_every_day_once(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    covered = []
    for span in spans(first, last):
        day = date.fromisoformat(span.first if span.grain == "day" else f"{span.first}-01")
        while day.isoformat()[: len(span.last)] <= span.last:
            covered.append(day)
            day += timedelta(days=1)
    assert sorted(covered) == [first + timedelta(days=n) for n in range(days + 1)]


async def test_reports_by_line_day_queue_and_hour(journal: Journal, timeline: Timeline) -> None:
    for n, (call, line) in enumerate(
        [(ANSWERED, "it"), (handed("desk", 12, 60), "en"), (handed("desk", 50, 60), "it")]
    ):
        log = [started(line, CALLERS[n]), *call[1:]]
        await journal.append(f"call-{n}", entries(*log, began=MONDAY + timedelta(days=n)))
    await Deriving(journal, timeline, ROME).catch_up()
    report = KpiReport(timeline)
    first, last = date(2026, 5, 1), date(2026, 5, 31)
    [whole] = await report.rows(first, last)
    assert (whole.calls, whole.values["transfer"].value) == (3, 2 / 3)
    assert [row.key for row in await report.rows(first, last, "line")] == ["it", "en"]
    assert [row.key for row in await report.rows(first, last, "day")] == ["2026-05-04", "2026-05-05", "2026-05-06"]
    assert [row.key for row in await report.rows(first, last, "hour")] == ["10"]
    [desk] = await report.rows(first, last, "queue", line="it", within_s=20)
    assert (desk.values["service_level"].value, desk.values["service_level"].n) == (0, 1)
    assert [row.calls for row in await report.rows(first, date(2026, 5, 4))] == [1]
    assert [row.calls for row in await report.rows(date(2026, 6, 1), date(2026, 6, 2))] == [0]


async def test_what_another_version_derived_is_derived_again(journal: Journal, timeline: Timeline) -> None:
    await journal.append("call", entries(*ANSWERED))
    await Deriving(journal, timeline, ROME).catch_up()
    elsewhere = Deriving(journal, timeline, ZoneInfo("Asia/Seoul"))
    assert await elsewhere.mark_stale() == 1
    await elsewhere.catch_up()
    assert [row.key for row in await KpiReport(timeline).rows(date(2026, 5, 4), date(2026, 5, 4), "hour")] == ["17"]
    assert await elsewhere.mark_stale() == 0


async def test_what_was_marked_again_meanwhile_stays_marked(journal: Journal, timeline: Timeline) -> None:
    await journal.append("call", entries(*ANSWERED))
    deriving = Deriving(journal, timeline, ROME)
    read_before, _ = await timeline.read(lambda connection: deriving._derived(connection, 9))
    await journal.append("call", [Entry("callback.done", {"callback_seq": 1}, 9000)])
    await journal.change(StoreDerived(read_before))
    assert await deriving.catch_up() == 1
    fact = await timeline.read(lambda c: c.execute(select(interaction_fact)).mappings().one())
    assert fact["seq"] == (await timeline.get("call")).interaction.last_seq


async def test_a_log_that_nobody_can_count_keeps_no_other_from_being_derived(
    journal: Journal, timeline: Timeline
) -> None:
    for n in range(3):  # as another system may have written it
        await journal.append(f"a{n}", entries(started(), told("CallerSaid", confidence="high"), ended()))
    await journal.append("b", entries(*ANSWERED))
    deriving = Deriving(journal, timeline, ROME)
    assert await deriving.catch_up(at_once=2) == 1
    [whole] = await KpiReport(timeline).rows(date(2026, 5, 1), date(2026, 5, 31))
    assert whole.calls == 1
    assert await deriving.mark_stale() == 3  # tried again at the next start
    await deriving.catch_up()


async def test_the_worker_derives_what_ends_while_it_runs(journal: Journal, timeline: Timeline) -> None:
    running = asyncio.create_task(Deriving(journal, timeline, ROME).run())
    await journal.append("call", entries(*ANSWERED))
    report = KpiReport(timeline)
    async with asyncio.timeout(20):
        while not (await report.rows(date(2026, 5, 4), date(2026, 5, 4)))[0].calls:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
