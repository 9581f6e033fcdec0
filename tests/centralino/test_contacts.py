"""What a call is told of its caller, from the history as it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from centralino.contacts import contacts_in
from dialogs.contact import Contact
from history import Entry, Journal, Timeline, new_id
from history.ingestion.envelope import received


async def test_a_caller_who_was_here_before_and_waits_for_a_call_back(tmp_path: Path) -> None:
    journal = await Journal.open(tmp_path / "history.db", node="n")
    started = {"line": "l", "door": "d", "language": "it", "caller": "+39051"}
    for outcome in ("answered", "callback"):
        call = new_id()
        await journal.append(call, [Entry("call.started", started, 0)])
        if outcome == "callback":
            wanted = {"queue": "ordini", "reason": "closed", "number": "+39051", "slots": {}}
            await journal.append(call, [Entry("callback.requested", wanted, 5)])
        if outcome == "answered":
            await journal.append(call, [Entry("operator.joined", {"operator": "acc_1", "name": "Anna"}, 5)])
        await journal.append(call, [Entry("call.ended", {"reason": "bot_ended", "outcome": outcome}, 9)])
    await journal.append(new_id(), [Entry("call.started", started, 0)])  # the call that asks
    timeline = Timeline(tmp_path / "history.db")
    try:
        contact = await contacts_in(timeline)("+39051")
        assert (contact.known, contact.interactions, contact.last.outcome) == (True, 2, "callback")
        assert [(matter.kind, matter.subject) for matter in contact.open] == [("callback", "ordini")]
        assert contact.operator == "acc_1", "who talked to them before, though nobody did in the latest call"
        assert contact.facts()["open"][0]["since"] == contact.last.day
        assert await contacts_in(timeline)("+39000") == Contact()
        assert await contacts_in(timeline)("") == Contact()
    finally:
        await timeline.close()
        await journal.close()


async def test_a_caller_who_wrote_and_ordered_before(tmp_path: Path) -> None:
    journal = await Journal.open(tmp_path / "history.db", node="n")
    now = datetime.now(UTC)
    points = [{"kind": "email", "value": "a@example.org", "verified": True},
              {"kind": "tel", "value": "051 22 33 44", "verified": True}]  # fmt: skip
    order = {"channel": "shop", "subject": "A-7", "thread": "A-7", "outcome": "shipped",
             "contact": {"name": "Anna Rossi", "points": points}}  # fmt: skip
    mail = {"channel": "email", "subject": "Resi", "thread": "m", "contact": {"points": points[:1]}}
    events = [
        {"specversion": "1.0", "id": str(n), "source": "s", "type": "t", "data": data,
         "time": (now - timedelta(hours=9 - n)).isoformat()}
        for n, data in enumerate((order, mail))
    ]  # fmt: skip
    await journal.receive([received(event) for event in events], trusted=True)
    timeline = Timeline(tmp_path / "history.db")
    try:
        contact = await contacts_in(timeline)("+39051223344")
        assert (contact.known, contact.name, contact.interactions) == (True, "Anna Rossi", 2)
        assert (contact.last.channel, contact.last.subject) == ("email", "Resi")
        assert [(matter.kind, matter.subject) for matter in contact.open] == [("order", "A-7"), ("message", "Resi")]
    finally:
        await timeline.close()
        await journal.close()
