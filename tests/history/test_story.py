"""One person's story across channels, and what is open in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from history import Contacts, Entry, Interaction, Journal, Stories, Timeline, new_id
from history.identity.points import Point, contact_of
from history.ingestion.envelope import received
from history.open_matters import open_matters

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
MAIL, TEL = contact_of(Point("email", "a@example.org")), contact_of(Point("tel", "+39051223344"))


def row(n: int, days_ago: float, **changed: Any) -> Interaction:
    return Interaction(**{"id": str(n), "started_at": NOW - timedelta(days=days_ago), "channel": "chat", **changed})


def test_an_order_is_open_until_its_latest_state_is_final() -> None:
    paid = row(1, 9, channel="shop", thread="A-7", subject="A-7", outcome="paid")
    shipped = row(2, 3, channel="shop", thread="A-7", subject="A-7", outcome="shipped")
    done = row(3, 1, channel="shop", thread="A-7", subject="A-7", outcome="Delivered")
    assert [(m.kind, m.subject, m.interaction_id) for m in open_matters([shipped, paid], [], NOW)] == [
        ("order", "A-7", "2")
    ]
    assert open_matters([done, paid, shipped], [], NOW) == []


def test_a_message_is_open_until_it_is_answered_or_a_week_old() -> None:
    asked = row(1, 2, direction="inbound", thread="c9", subject="Resi")
    answered = row(2, 1, direction="outbound", thread="c9", subject="Resi")
    elsewhere = row(3, 1, direction="outbound", thread="c9", door="other")
    assert [m.kind for m in open_matters([asked, elsewhere], [], NOW)] == ["message"]
    assert open_matters([answered, asked], [], NOW) == []
    assert open_matters([row(1, 8, direction="inbound", thread="c9")], [], NOW) == []
    assert open_matters([row(1, 1, direction="inbound")], [], NOW) == []  # belongs to nothing that could be answered


def an_event(n: int, channel: str, point: dict[str, Any], **facts: Any) -> dict[str, Any]:
    at = (NOW + timedelta(hours=n)).isoformat()
    data = {"channel": channel, "contact": {"points": [point]}, **facts}
    return {"specversion": "1.0", "id": str(n), "source": "s", "type": "t", "time": at, "data": data}


async def test_the_story_of_who_was_merged_runs_across_channels_in_pages(journal: Journal, timeline: Timeline) -> None:
    mail, tel = {"kind": "email", "value": "a@example.org"}, {"kind": "tel", "value": "051 223344"}
    events = [an_event(n, "email" if n % 2 else "whatsapp", mail if n % 2 else tel, thread=f"t{n}") for n in range(6)]
    await journal.receive([received(event) for event in events], trusted=False)
    call = new_id()
    started = {"line": "it", "caller": "+39051223344"}
    wanted = {"queue": "ordini"}
    await journal.append(call, [Entry("call.started", started), Entry("callback.requested", wanted, 5)])
    stories = Stories(timeline)
    assert {found.channel for found in await stories.interactions(MAIL)} == {"email"}
    await journal.merge_contacts(MAIL, TEL, actor="op-1")
    first = await stories.interactions(MAIL, 3)
    second = await stories.interactions(TEL, 10, first[-1].id)
    assert [found.thread for found in first + second] == ["", "t5", "t4", "t3", "t2", "t1", "t0"]
    mails = await stories.interactions(TEL, channel="email", since=NOW + timedelta(hours=2))
    assert [found.thread for found in mails] == ["t5", "t3"]
    assert [found.thread for found in await stories.interactions(TEL, until=NOW + timedelta(hours=1))] == ["t0"]
    story = await stories.story(TEL, now=NOW + timedelta(days=1))
    assert len(story.latest) == 6  # the call still runs
    assert [matter.kind for matter in story.open].count("callback") == 1
    assert (await Contacts(timeline).get(MAIL)).id == story.contact.id == min(MAIL, TEL)


async def test_who_told_an_address_as_theirs_may_be_whoever_uses_it(journal: Journal, timeline: Timeline) -> None:
    tel, chat = {"kind": "tel", "value": "051 223344"}, {"kind": "chat", "value": "web-7"}
    told = an_event(1, "chat", chat)
    told["data"]["contact"] = {"name": "Anna", "points": [chat, tel]}
    await journal.receive([received(told), received(an_event(2, "voice", tel))], trusted=False)
    stories, other = Stories(timeline), contact_of(Point("chat", "web-7"))
    assert [(one.contact_id, one.name) for one in (await stories.story(TEL)).may_be] == [(other, "Anna")]
    assert (await stories.story(other)).may_be == ()
    merge = await journal.merge_contacts(TEL, other, actor="op-1")
    assert (await stories.story(TEL)).may_be == ()  # they are one
    await journal.unmerge_contacts(merge, actor="op-1")
    assert (await stories.story(TEL)).may_be == ()  # they are not
