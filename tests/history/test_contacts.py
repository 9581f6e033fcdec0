"""Contacts in the history: calls have theirs, merges are taken back without loss."""

from __future__ import annotations

import json
import random

import pytest

from history import Contacts, Entry, Journal, Timeline, UnknownContact, UnknownMerge, new_id
from history.identity.points import Point, contact_of


async def a_call(journal: Journal, caller: str) -> str:
    call = new_id()
    await journal.append(call, [Entry("call.started", {"line": "it", "caller": caller})])
    return call


async def test_a_call_has_its_contact_when_it_starts(journal: Journal, timeline: Timeline) -> None:
    first, second = await a_call(journal, "+39051223344"), await a_call(journal, "051 22 33 44")
    withheld = await a_call(journal, "anonymous")
    found = await Contacts(timeline).at(Point("tel", "+39051223344"))
    assert found is not None
    owners = [(await timeline.get(call)).interaction.contact_id for call in (first, second, withheld)]
    assert owners == [found.id, found.id, ""]
    assert [(p.value, p.confidence, p.verified_at) for p in found.points] == [("+39051223344", "known", None)]
    assert await Contacts(timeline).at(Point("tel", "+39051000000")) is None


async def test_merges_in_any_order_leave_no_trace_once_they_are_undone(journal: Journal, timeline: Timeline) -> None:
    numbers = [f"+3905122330{n}" for n in range(6)]
    for number in numbers:
        await a_call(journal, number)
    contacts = Contacts(timeline)
    ids = [contact_of(Point("tel", number)) for number in numbers]
    before = [await contacts.get(one) for one in ids]
    chance = random.Random(7)
    merges = [await journal.merge_contacts(*chance.sample(ids, 2), actor="op-1", reason="same voice") for _ in range(5)]
    merges += [await journal.merge_contacts(ids[n], ids[n + 1], actor="op-1") for n in range(5)]
    whole = [await contacts.get(one) for one in ids]
    assert {one.id for one in whole} == {min(ids)}
    assert [point.value for point in whole[3].points] == numbers
    chance.shuffle(merges)
    for merge in merges:
        await journal.unmerge_contacts(merge, actor="op-2")
    after = [await contacts.get(one) for one in ids]
    assert [(c.id, c.ids, c.name, c.points) for c in after] == [(c.id, c.ids, c.name, c.points) for c in before]
    assert all(merge.undone_by == "op-2" for one in after for merge in one.merges)
    export = await contacts.export()
    assert {row["merged_into"] for row in export["contact"]} == {""}
    assert json.loads(json.dumps(export)) == export


async def test_merges_that_make_no_sense_are_refused(journal: Journal, timeline: Timeline) -> None:
    await a_call(journal, "+39051223344")
    known = contact_of(Point("tel", "+39051223344"))
    with pytest.raises(UnknownContact):
        await journal.merge_contacts(known, "nobody", actor="op-1")
    with pytest.raises(ValueError, match="two different contacts"):
        await journal.merge_contacts(known, known, actor="op-1")
    with pytest.raises(UnknownMerge):
        await journal.unmerge_contacts("none", actor="op-1")
    with pytest.raises(UnknownContact):
        await Contacts(timeline).suggestions("nobody")
    assert await a_call(journal, "+39051223344")  # the writer goes on


async def test_who_was_taken_apart_is_not_suggested_again(journal: Journal, timeline: Timeline) -> None:
    for number in ("+39051223344", "+39051223355"):
        await a_call(journal, number)
    one, other = (contact_of(Point("tel", number)) for number in ("+39051223344", "+39051223355"))
    contacts = Contacts(timeline)
    assert await contacts.suggestions(one) == []
    merge = await journal.merge_contacts(one, other, actor="op-1")
    with_both = await contacts.get(other)
    assert (with_both.ids, [m.id for m in with_both.merges]) == (tuple(sorted((one, other))), [merge])
    await journal.unmerge_contacts(merge, actor="op-1")
    assert (await contacts.get(one)).ids == (one,)
    assert await contacts.suggestions(one) == []
