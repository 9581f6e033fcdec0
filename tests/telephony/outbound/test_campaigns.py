"""Campaigns on the disk: imported whole, claimed by one, settled once, found again after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from history import HistoryUnavailable
from telephony.outbound.campaign import Campaign, CampaignError, Plan
from telephony.outbound.campaigns import Campaigns
from telephony.outbound.contact_list import read_contacts
from telephony.outbound.database import OutboundDatabase
from telephony.outbound.opt_outs import OptOuts
from telephony.outbound.owed import Key
from telephony.outbound.promises import Promises

NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)
LATER = NOW + timedelta(minutes=2)
LIST = "number,name,titolo\n0512345678,Anna,Gomorra\n3331234567,Marco,Il nome della rosa\n12,Lia,Emma\n"


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[OutboundDatabase]:
    opened = await OutboundDatabase.open(tmp_path / "outbound.db")
    yield opened
    await opened.close()


@pytest.fixture
def campaigns(database: OutboundDatabase) -> Campaigns:
    return Campaigns(database)


async def made(campaigns: Campaigns, name: str = "ritiri", text: str = LIST, **plan: object) -> Campaign:
    described = Plan("ritiro", "it", **{"purpose": "service", **plan})  # type: ignore[arg-type]
    slots = ["titolo"] if "titolo" in text else []
    await campaigns.create(name, described, read_contacts(text, slots, described.purpose), NOW)
    return await campaigns.change(name, "running")


async def test_a_list_is_imported_whole_bad_lines_too(campaigns: Campaigns) -> None:
    one = await made(campaigns)
    assert [row["number"] for row in await campaigns.reports.contacts(one.id)] == ["+390512345678", "+393331234567"]
    columns, bad = await campaigns.reports.bad_rows(one.id)
    assert columns == ["number", "name", "titolo"]
    assert [(row["row"], row["fields"]) for row in bad] == [(4, ["12", "Lia", "Emma"])]
    assert (await campaigns.reports.figures(one.id)).bad_rows == 1
    with pytest.raises(CampaignError, match="already"):
        await made(campaigns)


async def test_one_of_many_gets_a_contact(campaigns: Campaigns) -> None:
    due = await campaigns.due(await made(campaigns), NOW)
    won = await asyncio.gather(*(campaigns.claim(due[0].id, f"call-{n}", LATER) for n in range(8)))
    assert sum(won) == 1


async def test_two_processes_get_a_contact_once(campaigns: Campaigns, database: OutboundDatabase) -> None:
    due = await campaigns.due(await made(campaigns), NOW)
    other = await OutboundDatabase.open(database.path)
    try:
        both = (campaigns, Campaigns(other))
        won = await asyncio.gather(*(one.claim(due[0].id, f"call-{n}", LATER) for n, one in enumerate(both)))
    finally:
        await other.close()
    assert sum(won) == 1


async def test_an_outcome_decides_what_comes_next(campaigns: Campaigns) -> None:
    one = await made(campaigns)
    first, second = await campaigns.due(one, NOW)
    for due, outcome, again in ((first, "busy", NOW + timedelta(minutes=15)), (second, "completed", None)):
        assert await campaigns.claim(due.id, f"call {due.number}", LATER)
        await campaigns.settle(f"call {due.number}", outcome, again, NOW)
        await campaigns.settle(f"call {due.number}", "failed", None, NOW)  # a second time changes nothing
    assert await campaigns.due(one, NOW) == []
    again = await campaigns.due(one, NOW + timedelta(minutes=15))
    assert [(due.number, due.tried) for due in again] == [("+390512345678", 1)]
    figures = await campaigns.reports.figures(one.id)
    assert (figures.outcomes, figures.tries) == ({"busy": 1, "completed": 1}, 2)
    assert figures.statuses == {"waiting": 1, "done": 1}


async def test_a_paused_campaign_gives_nobody_away(campaigns: Campaigns) -> None:
    due = await campaigns.due(await made(campaigns), NOW)
    await campaigns.change("ritiri", "paused")
    assert not await campaigns.claim(due[0].id, "call", LATER)
    await campaigns.change("ritiri", "running")
    assert await campaigns.claim(due[0].id, "call", LATER)
    await campaigns.change("ritiri", "stopped")
    with pytest.raises(CampaignError, match="is stopped and cannot become running"):
        await campaigns.change("ritiri", "running")


async def test_who_opted_out_in_the_meantime_is_not_called(campaigns: Campaigns, database: OutboundDatabase) -> None:
    one = await made(campaigns)
    due = await campaigns.due(one, NOW)
    await OptOuts(database).add(["+390512345678"], "spoken", NOW, "some call")
    assert not await campaigns.claim(due[0].id, "call", LATER)
    assert [other.number for other in await campaigns.due(one, NOW)] == ["+393331234567"]
    figures = await campaigns.reports.figures(one.id)
    assert (figures.held, figures.statuses["refused"]) == ({"opted_out": 1}, 1)


async def test_advertising_waits_for_the_register(campaigns: Campaigns, database: OutboundDatabase) -> None:
    text = "number,consent\n0512345678,web\n3331234567,web\n"
    one = await made(campaigns, text=text, purpose="marketing")
    assert await campaigns.due(one, NOW) == []
    assert (await campaigns.reports.figures(one.id)).held == {"not_checked": 2}
    opt_outs, later = OptOuts(database), NOW + timedelta(hours=1)
    await opt_outs.checked(["+390512345678"], False, later)
    await opt_outs.checked(["+393331234567"], True, later)
    assert [due.number for due in await campaigns.due(one, later)] == ["+390512345678"]
    assert (await campaigns.reports.figures(one.id)).statuses == {"refused": 1, "waiting": 1}


async def test_one_number_of_two_campaigns_is_called_by_one_at_a_time(campaigns: Campaigns) -> None:
    first = await campaigns.due(await made(campaigns), NOW)
    second = await campaigns.due(await made(campaigns, "altri"), NOW)
    assert await campaigns.claim(first[0].id, "call", LATER)
    assert not await campaigns.claim(second[0].id, "other", LATER)


async def test_claims_are_found_after_a_restart(campaigns: Campaigns, database: OutboundDatabase) -> None:
    one = await made(campaigns)
    due = await campaigns.due(one, NOW)
    await campaigns.claim(due[0].id, "claim", LATER)
    await campaigns.renamed("claim", "call")
    again = Campaigns(database)
    assert await again.abandoned(NOW) == []
    assert await again.abandoned(NOW, everything=True) == ["call"]
    assert await again.abandoned(LATER + timedelta(seconds=1)) == ["call"]
    claimed = await again.claimed("call")
    assert claimed
    assert claimed.number == "+390512345678"
    await again.release("call", NOW)
    assert len(await again.due(one, NOW)) == 2


async def test_a_campaign_is_finished_when_nobody_is_left(campaigns: Campaigns) -> None:
    one = await made(campaigns)
    assert not await campaigns.finish(one, over=False)
    for due in await campaigns.due(one, NOW):
        await campaigns.claim(due.id, due.id, LATER)
        await campaigns.settle(due.id, "completed", None, NOW)
    assert await campaigns.finish(one, over=False)
    assert (await campaigns.get("ritiri")).status == "finished"


async def test_an_unknown_campaign_is_told(campaigns: Campaigns) -> None:
    await made(campaigns)
    with pytest.raises(CampaignError, match="there are: 'ritiri'"):
        await campaigns.get("nessuna")


async def test_the_file_is_the_owners_only(database: OutboundDatabase) -> None:
    assert database.path.stat().st_mode & 0o077 == 0


async def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "outbound.db").write_text("this is no database, and long enough to be looked at" * 40)
    with pytest.raises(HistoryUnavailable, match="not a"):
        await OutboundDatabase.open(tmp_path / "outbound.db")


# --------------------------------------------------------------------------------------------- promised call-backs

KEY: Key = ("call-1", 7)


async def test_a_call_back_has_one_who_deals_with_it(database: OutboundDatabase) -> None:
    promises = Promises(database)
    takers = [promises.take(KEY, f"op{n}", LATER, NOW) for n in range(5)]
    dials = [promises.claim(KEY, f"claim{n}", LATER, NOW) for n in range(5)]
    assert sum(await asyncio.gather(*takers, *dials)) == 1


async def test_who_took_it_and_forgot_it_loses_it(database: OutboundDatabase) -> None:
    promises = Promises(database)
    assert await promises.take(KEY, "anna", LATER, NOW)
    assert await promises.take(KEY, "anna", LATER, NOW), "taking it again prolongs it"
    assert not await promises.take(KEY, "bruno", LATER, NOW)
    assert not await promises.claim(KEY, "call", LATER, NOW)
    after = LATER + timedelta(seconds=1)
    assert await promises.claim(KEY, "call", after + timedelta(minutes=2), after)


async def test_given_back_it_is_anybodys(database: OutboundDatabase) -> None:
    promises = Promises(database)
    await promises.take(KEY, "anna", LATER, NOW)
    assert not await promises.give_back(KEY, "bruno", NOW)
    assert await promises.give_back(KEY, "anna", NOW)
    assert await promises.claim(KEY, "call", LATER, NOW)


async def test_tries_are_spaced_and_end(database: OutboundDatabase) -> None:
    promises = Promises(database)
    await promises.claim(KEY, "a", LATER, NOW)
    task = await promises.settle("a", "no_answer", LATER, False, NOW)
    assert task
    assert (task.status, task.tried, task.outcome) == ("waiting", 1, "no_answer")
    assert await promises.settle("a", "busy", LATER, False, NOW) is None
    assert not await promises.claim(KEY, "b", LATER, NOW), "not due yet"
    assert await promises.claim(KEY, "b", LATER + timedelta(minutes=2), LATER)
    task = await promises.settle("b", "no_answer", None, False, LATER)
    assert task
    assert (task.status, task.tried) == ("failed", 2)
    assert await promises.take(KEY, "anna", LATER, NOW), "people may still take it"


async def test_what_was_being_dialled_is_found_after_a_restart(database: OutboundDatabase) -> None:
    promises = Promises(database)
    await promises.claim(KEY, "claim", LATER, NOW)
    await promises.renamed("claim", "call-2")
    assert list(await promises.abandoned(NOW, everything=True)) == [KEY]
    assert await promises.abandoned(NOW) == {}
    await promises.release("call-2", NOW)
    assert await promises.claim(KEY, "call-3", LATER, NOW)
