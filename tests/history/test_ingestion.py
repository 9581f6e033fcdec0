"""Other channels' events: whole or refused, once, and in any order the same."""

from __future__ import annotations

import asyncio
import json
import os
import random
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from history import Contacts, Database, Journal, SqliteFile, Timeline
from history.identity.points import Point
from history.ingestion.envelope import MAX_EVENT_BYTES, EventConflict, received
from history.ingestion.formats import FORMATS

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
EXAMPLES = int(os.environ.get("CENTRALINO_HISTORY_EXAMPLES", "15"))
MANY = int(os.environ.get("CENTRALINO_HISTORY_EVENTS", "300"))


def an_event(**changed: Any) -> dict[str, Any]:
    data = {
        "channel": "chat",
        "contact": {"name": "Anna", "points": [{"kind": "email", "value": "Anna@example.org", "verified": True}]},
        "text": "Dov'è il mio ordine?",
        "colour": {"of": ["the", "shop"]},
    }
    whole = {"specversion": "1.0", "id": "1", "source": "shop", "type": "x.y", "time": "2026-05-04T09:00:00Z"}
    return {**whole, "partitionkey": "kept", "data": data, **changed}


async def test_an_event_is_an_interaction_with_its_contact_and_all_its_fields(
    journal: Journal, timeline: Timeline
) -> None:
    event = received(an_event())
    assert await journal.receive([event], trusted=True) == [True]
    detail = await timeline.get(event.interaction_id)
    row = detail.interaction
    assert (row.channel, row.door, row.status, row.caller) == ("chat", "shop", "ended", "Anna@example.org")
    assert [(turn.speaker, turn.text) for turn in detail.transcript] == [("caller", "Dov'è il mio ordine?")]
    who = await Contacts(timeline).get(row.contact_id)
    assert (who.name, who.points[0].value, who.points[0].verified_at) == ("Anna", "anna@example.org", NOW)
    (stored,) = await timeline.events(event.interaction_id)
    assert stored.payload["event"] == an_event()
    assert await timeline.list_interactions() == []  # no call
    assert [one.id for one in await timeline.list_interactions(channel=None)] == [row.id]


async def test_an_event_counts_once_and_another_body_is_a_conflict(journal: Journal, timeline: Timeline) -> None:
    first, other = received(an_event()), received(an_event(type="z"))
    fresh = received(an_event(id="2"))
    again = received(json.loads(json.dumps(an_event(), sort_keys=True)))
    assert await journal.receive([first], trusted=False) == [True]
    results = await journal.receive([again, other, fresh, fresh], trusted=False)
    assert (results[0], results[2:]) == (False, [True, False])
    assert isinstance(results[1], EventConflict)
    (stored,) = await timeline.events(first.interaction_id)
    assert stored.payload["event"]["type"] == "x.y"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"id": ""}, "id"),
        ({"source": "a\nb"}, "source"),
        ({"time": "2026-05-04T09:00:00"}, "time"),
        ({"time": "1960-05-04T09:00:00Z"}, "before 1970"),
        ({"data": {"direction": "up"}}, "direction"),
        ({"data": {"contact": {"points": [{"kind": "fax", "value": "1"}]}}}, "kind"),
        ({"data": {"text": "x" * MAX_EVENT_BYTES}}, "at most"),
        ({"data": {"text": "\ud800"}}, "cannot be stored"),
    ],
)
def test_what_is_malformed_is_refused_by_name(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        received(an_event(**changed))
    with pytest.raises(ValueError, match="object"):
        received([])


points = st.one_of(
    st.builds(lambda n: {"kind": "tel", "value": f"+3905122330{n}"}, st.integers(0, 4)),
    st.builds(lambda n: {"kind": "email", "value": f"p{n}@example.org"}, st.integers(0, 4)),
    st.just({"kind": "tel", "value": "anonymous"}),
)
told = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(["chat", "email", "shop"]),
        "contact": st.fixed_dictionaries(
            {
                "name": st.sampled_from(["", "Anna", "Anna Rossi"]),
                "points": st.lists(st.builds(lambda p, v: {**p, "verified": v}, points, st.booleans()), max_size=3),
            }
        ),
        "text": st.sampled_from(["", "ciao"]),
    }
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.tuples(told, st.integers(0, 5)), min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_events_twice_and_in_any_order_give_the_same_history(
    wanted: list[tuple[dict[str, Any], int]], chance: random.Random
) -> None:
    events = [
        an_event(id=str(n), data=data, time=(NOW + timedelta(hours=hours)).isoformat())
        for n, (data, hours) in enumerate(wanted)
    ]
    again = events + chance.choices(events, k=len(events) // 2)
    chance.shuffle(again)
    with tempfile.TemporaryDirectory() as folder:
        one, other = (SqliteFile(Path(folder) / name) for name in ("one.db", "other.db"))
        assert asyncio.run(exported(one, events, 100)) == asyncio.run(exported(other, again, chance.randint(1, 4)))


async def exported(place: Database, events: list[dict[str, Any]], at_once: int) -> bytes:
    journal = await Journal.open(place, node="n1", now=lambda: NOW)
    for at in range(0, len(events), at_once):
        await journal.receive([received(event) for event in events[at : at + at_once]], trusted=True)
    await journal.close()
    timeline = Timeline(place)
    whole: list[Any] = [await Contacts(timeline).export()]
    before = None
    while rows := await timeline.list_interactions(500, before, channel=None):
        whole += [await timeline.export(row.id) for row in rows]
        before = rows[-1].id
    await timeline.close()
    return json.dumps(whole, ensure_ascii=False).encode()


async def test_two_addresses_that_a_shop_proved_are_one_person_until_somebody_takes_them_apart(
    journal: Journal, timeline: Timeline
) -> None:
    order = {
        "number": "A-7", "time": "2026-05-04T09:00:00Z", "status": "shipped", "gift": True,
        "customer": {"id": 7, "name": "Anna Rossi", "email": "anna@example.org", "email_verified": True,
                     "phone": "051 22 33 44", "phone_verified": False},
    }  # fmt: skip
    contacts = Contacts(timeline)
    found = [received(event) for event in FORMATS["orders"](json.dumps(order).encode(), "shop")]
    await journal.receive(found, trusted=True)
    person = await contacts.at(Point("email", "anna@example.org"))
    assert person is not None
    assert {(p.kind, p.confidence) for p in person.points} == {("email", "known"), ("ext", "known"), ("tel", "maybe")}
    assert [(merge.actor, merge.reason) for merge in person.merges] == [("system", "two verified points")]
    await journal.unmerge_contacts(person.merges[0].id, actor="op-1")
    later = received({**found[0].event, "id": "A-7/delivered"})
    await journal.receive([later], trusted=True)
    alone = await contacts.at(Point("email", "anna@example.org"))
    assert alone is not None
    assert [p.kind for p in alone.points] == ["email"]


@cache
def many_events() -> list[dict[str, Any]]:
    chance = random.Random(11)
    events = []
    for n in range(MANY):
        who = chance.randrange(MANY // 4)
        points = [
            {"kind": "email", "value": f"p{who}@example.org", "verified": chance.random() < 0.7},
            {"kind": "tel", "value": f"+39051{who:07}", "verified": chance.random() < 0.7},
        ]
        chance.shuffle(points)
        data = {"channel": "shop", "thread": f"A-{who}", "contact": {"name": f"P {who}", "points": points}}
        at = NOW + timedelta(minutes=chance.randrange(90_000))
        events.append(an_event(id=str(n), data=data, time=at.isoformat()))
    return events


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return asyncio.run(exported(SqliteFile(tmp_path_factory.mktemp("in-order") / "history.db"), many_events(), 100))


def test_many_people_s_events_in_disorder_give_the_same_history(place: Database, in_order: bytes) -> None:
    """Byte for byte, on both engines."""
    chance = random.Random(13)
    again = many_events() + chance.choices(many_events(), k=MANY // 5)
    chance.shuffle(again)
    assert in_order == asyncio.run(exported(place, again, 100))
