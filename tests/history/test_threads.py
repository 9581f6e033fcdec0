"""What belongs together across channels: decided from what there is, in whatever order it came."""

from __future__ import annotations

import asyncio
import random
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from centralino.contacts import contacts_in
from history import Contacts, Entry, Journal, Stories, Timeline, new_id
from history.identity.points import Point
from history.ingestion.envelope import received
from history.thread_decisions import NotTogether, UnknownDecision, begin_thread, join_threads, take_back
from history.threads import Decided, Piece, threads
from history.topics import key_of, references, subject_keys

NOW = datetime.now(UTC).replace(microsecond=0)
TEL = {"kind": "tel", "value": "+39051223344"}
MAIL = {"kind": "email", "value": "a@example.org"}


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Re: R: Fwd: Resi e rimborsi!", ["resi e rimborsi"]),
        ("RE[2]: resi   E rimborsi", ["resi e rimborsi"]),
        ("Ordine A-7", ["ordinea7"]),
        ("A-77", ["a77", "a77"]),
        ("Dov'è il mio ordine BX-4711?", ["dov è il mio ordine bx 4711", "bx4711"]),
        ("Catalogo 2026", ["catalogo2026"]),
        ("", []),
        ("Re:", []),
    ],
)
def test_a_subject_is_compared_without_what_programs_and_people_put_around_it(text: str, keys: list[str]) -> None:
    assert subject_keys(text) == keys


def test_telephone_numbers_years_and_addresses_are_no_references() -> None:
    assert references("333 1234567890 nel 2026, anna99@example.org o +393331234567") == ["333"]
    assert references("ordine 12345 e reso RX-9") == ["12345", "rx9"]
    assert key_of("12345") == "12345"


def test_the_same_topic_within_days_and_the_same_conversation_are_linked() -> None:
    pieces = [
        Piece("1", at(0), "chat c1", frozenset(["resi"])),
        Piece("2", at(24), "", frozenset(["resi", "12345"])),
        Piece("3", at(24 * 30), "chat c1"),
        Piece("4", at(24 * 31), "", frozenset(["resi"])),
        Piece("5", at(24 * 5), "", frozenset(["orari"])),
        Piece("6", at(24 * 7), "", frozenset(["12345"])),
    ]
    assert threads(pieces, Decided()) == {"1": "1", "2": "1", "3": "1", "4": "4", "5": "5", "6": "1"}
    assert threads(pieces, Decided(), timedelta(0))["2"] == "2"
    assert threads(pieces, Decided(joins=frozenset([("5", "6"), ("5", "gone")])))["5"] == "1"
    split = threads(pieces, Decided(begins=frozenset(["3"])))
    assert (split["1"], split["2"], split["3"]) == ("1", "1", "3")
    both = Decided(joins=frozenset([("1", "3")]), begins=frozenset(["3"]))
    assert threads(pieces, both)["3"] == "1"


drawn = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from(["", "a", "b"]), st.frozensets(st.sampled_from("xyz"), max_size=2)),
    max_size=14,
)


@given(drawn, st.data())
def test_no_order_matters_and_a_beginning_separates(wanted: list[tuple[int, str, frozenset[str]]], data: Any) -> None:
    pieces = [Piece(str(n), at(hours), of, keys) for n, (hours, of, keys) in enumerate(wanted)]
    ids = [piece.id for piece in pieces]
    some = st.lists(st.sampled_from(ids), max_size=2) if ids else st.just([])
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(ids)), max_size=2)) if ids else []
    decided = Decided(frozenset(pairs), frozenset(data.draw(some)))
    found = threads(pieces, decided)
    assert found == threads(data.draw(st.permutations(pieces)), decided)
    place = {piece.id: (piece.at, piece.id) for piece in pieces}
    assert all(found[thread] == thread and place[thread] <= place[one] for one, thread in found.items())
    assert all(found[one] == found[other] for one, other in pairs)
    alone = threads(pieces, Decided(begins=decided.begins))
    for begun in decided.begins:
        before = {one for one in ids if place[one] < place[begun]}
        assert not {alone[one] for one in before} & {alone[begun]}


def an_event(number: int, hours: float, channel: str, point: dict[str, Any], **facts: Any) -> dict[str, Any]:
    data = {"channel": channel, "contact": {"points": [point]}, **facts}
    whole = {"specversion": "1.0", "id": str(number), "source": channel, "type": "t", "time": at(hours).isoformat()}
    return {**whole, "data": data}


async def test_a_call_continues_a_chat(journal: Journal, timeline: Timeline) -> None:
    chat = an_event(1, -20, "chat", TEL, subject="Reso dell'ordine BX-4711", thread="c9", text="Come faccio?")
    mail = an_event(2, -30, "email", TEL, subject="Orari", thread="m1", text="Aprite il lunedì?")
    await journal.receive([received(chat), received(mail)], trusted=False)
    stories, contact = Stories(timeline), contacts_in(timeline)
    who = await Contacts(timeline).at(Point("tel", "+39051223344"))
    assert who is not None
    assert {matter.kind for matter in (await stories.story(who.id)).open} == {"message"}
    call = new_id()
    queued = {"queue": "resi", "reason": "asked", "slots": {"ordine": "bx4711", "numero": 3}}
    await journal.append(
        call,
        [
            Entry("call.started", {"line": "it", "caller": "+39051223344"}),
            Entry("handoff.queued", queued, 9),
            Entry("call.ended", {"reason": "done", "outcome": "handed_off"}, 99),
        ],
    )
    story = await stories.story(who.id)
    ids = {event["id"]: received(event).interaction_id for event in (chat, mail)}
    assert story.thread_of == {ids["1"]: ids["1"], call: ids["1"], ids["2"]: ids["2"]}
    newest = story.threads[0]
    assert (newest.channels, newest.interactions, newest.subject) == (
        ("chat", "voice"), 2, "Reso dell'ordine BX-4711",
    )  # fmt: skip
    assert [matter.subject for matter in story.open] == ["Orari"]  # the chat was answered on the telephone
    told = await contact("+39051223344")
    assert (told.last.channel, told.last.subject, len(told.open)) == ("voice", "Reso dell'ordine BX-4711", 1)
    assert [row.id for row in await stories.interactions(who.id, thread_id=ids["1"])] == [call, ids["1"]]


async def test_people_join_and_part_threads_and_take_it_back(journal: Journal, timeline: Timeline) -> None:
    events = [an_event(n, -n, "chat", TEL, subject=("Resi" if n < 3 else "Altro")) for n in range(1, 4)]
    stranger = an_event(4, -1, "email", MAIL, subject="Resi")
    hidden = new_id()
    await journal.receive([received(event) for event in (*events, stranger)], trusted=False)
    await journal.append(hidden, [Entry("call.started", {"line": "it", "caller": ""})])
    new, middle, old, other = (received(event).interaction_id for event in (*events, stranger))
    who, stories = (await timeline.get(new)).interaction.contact_id, Stories(timeline)
    assert await stories.thread_of(who) == {new: middle, middle: middle, old: old}
    for apart, why in ((other, "two people"), (hidden, "withheld"), ("none", "not in the history"), (new, "different")):
        with pytest.raises(NotTogether, match=why):
            await join_threads(journal, new, apart, actor="op-1")
    joined = await join_threads(journal, middle, old, actor="op-1")
    begun = await begin_thread(journal, new, actor="op-1")
    assert await stories.thread_of(who) == {new: new, middle: old, old: old}
    for decision in (joined, begun):
        await take_back(journal, decision, actor="op-2")
        with pytest.raises(UnknownDecision):
            await take_back(journal, decision, actor="op-2")
    assert await stories.thread_of(who) == {new: middle, middle: middle, old: old}
    with pytest.raises(NotTogether):
        await begin_thread(journal, "none", actor="op-1")


@settings(max_examples=2, deadline=None)
@given(st.lists(st.tuples(st.integers(-300, 0), st.integers(0, 3)), min_size=2, max_size=8), st.randoms())
def test_events_in_another_order_give_the_same_threads(wanted: list[tuple[int, int]], chance: random.Random) -> None:
    events = [
        an_event(n, hours, ("chat", "email")[n % 2], TEL, subject=f"Ordine 4711{topic}")
        for n, (hours, topic) in enumerate(wanted)
    ]
    mixed = chance.sample(events, len(events))

    async def found(these: list[dict[str, Any]]) -> object:
        with tempfile.TemporaryDirectory() as folder:
            journal = await Journal.open(Path(folder) / "history.db", node="n1", group_ms=0)
            for event in these:
                await journal.receive([received(event)], trusted=False)
            timeline = Timeline(journal.path)
            who = await Contacts(timeline).at(Point("tel", "+39051223344"))
            assert who is not None
            threads = await Stories(timeline).thread_of(who.id)
            await timeline.close()
            await journal.close()
            return threads

    assert asyncio.run(found(events)) == asyncio.run(found(mixed))
