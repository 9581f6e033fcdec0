"""Interactions whose words were taken out are never derived again from what is left of them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from history import Entry, Journal, Media, Timeline
from history.analyses.stored import analyses_of
from history.deriving.report import KpiReport, Row
from history.deriving.storing import Mark, StoreDerived
from history.deriving.tables import interaction_fact
from history.deriving.worker import Deriving
from history.journeys.segments import Rule, everybody
from history.privacy.erasing import erase_contact
from history.privacy.retention import Clocks, Retention, Sweeper
from history.search.searching import Search
from tests.history.calls import ANSWERED, MONDAY, ended, entries, handed, noted, said, started, told

ROME = ZoneInfo("Europe/Rome")
HOUR = timedelta(hours=1)


async def no_file(media: Media) -> None:
    raise AssertionError(f"nothing was recorded: {media}")


async def filled(journal: Journal) -> None:
    """Two people: one calls twice about a return and is handed over, the other asks for opening hours."""
    words = said("caller", "vorrei restituire il dizionario, è urgente")
    flows = [("flow.entered", {"flow": name}) for name in ("welcome", "returns")]
    first = (started(), told("CallStarted"), *flows, 2, words, told("CallerSaid", text="vorrei restituire"),
             noted("no_match"), 3, ended())  # fmt: skip
    second = handed("desk", 12, 60, words)
    other = (started(caller="+39051000002"), *ANSWERED[1:4], said("caller", "che orari fate"), *ANSWERED[4:])
    for n, steps in enumerate((first, second, other)):
        await journal.append(f"call-{n}", entries(*steps, began=MONDAY + n * 3 * HOUR))


async def figures(timeline: Timeline) -> list[Sequence[Row]]:
    report = KpiReport(timeline)
    by = ("", "day", "flow", "article", "queue", "outcome", "hour")
    return [await report.rows(date(2026, 5, 1), date(2026, 5, 31), one) for one in by]


async def facts(timeline: Timeline) -> dict[str, Any]:
    rows = await timeline.read(lambda c: c.execute(select(interaction_fact)).mappings().all())
    return {row["interaction_id"]: (row["topic"], row["contribution"], row["contact_id"]) for row in rows}


async def person_of(timeline: Timeline, interaction_id: str) -> str:
    return (await timeline.get(interaction_id)).interaction.contact_id


async def nothing_is_found(timeline: Timeline, *ids: str) -> None:
    for asked in ("dizionario", "restituire"):
        assert (await Search(timeline).find(asked)).hits == ()
    for one in ids:
        assert await analyses_of(timeline, one) == []


async def test_after_an_erasure_and_a_rollup_figures_are_as_before(journal: Journal, timeline: Timeline) -> None:
    await filled(journal)
    deriving = Deriving(journal, timeline, ROME)
    await deriving.catch_up()
    before, known = await figures(timeline), await facts(timeline)
    assert len((await Search(timeline).find("dizionario")).hits) == 2
    contact = await person_of(timeline, "call-0")
    await erase_contact(timeline, journal, contact, actor="a", delete_file=no_file)
    await journal.change(Mark(("call-0", "call-1", "call-2")))
    await deriving.catch_up()
    assert await figures(timeline) == before
    await nothing_is_found(timeline, "call-0", "call-1")
    other = await person_of(timeline, "call-2")
    await journal.append("call-2", [Entry("note.added", {"text": "Richiamare"}, 9000, "op-1")])
    for _ in range(2):
        await deriving.rebuild()
        assert await figures(timeline) == before
        assert await facts(timeline) == {
            key: (topic, counted, other if key == "call-2" else "") for key, (topic, counted, _) in known.items()
        }
        await nothing_is_found(timeline, "call-0", "call-1")
    assert len((await Search(timeline).find("orari")).hits) == 1
    assert len(await analyses_of(timeline, "call-2")) >= 4
    elsewhere = Deriving(journal, timeline, ZoneInfo("Asia/Seoul"))
    assert await elsewhere.mark_stale() == 1


async def test_words_whose_time_is_over_stay_gone_and_the_contact_counts(journal: Journal, timeline: Timeline) -> None:
    await filled(journal)
    deriving = Deriving(journal, timeline, ROME)
    await deriving.catch_up()
    before, known = await figures(timeline), await facts(timeline)
    now = MONDAY + timedelta(days=3)
    retention = Retention(Clocks(transcript_days=2))
    assert len((await Sweeper(timeline, journal, retention, no_file, lambda: now).sweep()).words) == 3
    await deriving.catch_up()
    await deriving.rebuild()
    assert (await figures(timeline), await facts(timeline)) == (before, known)
    await nothing_is_found(timeline, "call-0", "call-1", "call-2")
    [one] = await everybody(timeline, Rule(within_days=7, at_least=2), now)
    assert one.contact_id == await person_of(timeline, "call-0")


async def test_who_was_read_before_the_erasure_is_not_stored_after_it(journal: Journal, timeline: Timeline) -> None:
    await filled(journal)
    deriving = Deriving(journal, timeline, ROME)
    read_before, _ = await timeline.read(lambda connection: deriving._derived(connection, 9))
    contact = await person_of(timeline, "call-0")
    await erase_contact(timeline, journal, contact, actor="a", delete_file=no_file)
    await journal.change(StoreDerived(read_before))
    await nothing_is_found(timeline, "call-0", "call-1")
    known = await facts(timeline)
    assert (known["call-0"][2], known["call-1"][2]) == ("", "")
    [whole] = (await figures(timeline))[0]
    assert whole.calls == 3


async def test_who_was_erased_before_anything_was_derived_is_counted_once(journal: Journal, timeline: Timeline) -> None:
    await filled(journal)
    contact = await person_of(timeline, "call-0")
    await erase_contact(timeline, journal, contact, actor="a", delete_file=no_file)
    deriving = Deriving(journal, timeline, ROME)
    await deriving.mark_stale()
    await deriving.catch_up()
    await deriving.rebuild()
    [whole] = (await figures(timeline))[0]
    assert whole.calls == 3
    await nothing_is_found(timeline, "call-0", "call-1")
