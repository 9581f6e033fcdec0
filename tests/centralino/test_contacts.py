"""What a call is told of its caller, from the history as it is."""

from __future__ import annotations

from pathlib import Path

from centralino.contacts import contacts_in
from dialogs.contact import Contact
from history import Entry, Journal, Timeline, new_id


async def test_a_caller_who_was_here_before_and_waits_for_a_call_back(tmp_path: Path) -> None:
    journal = await Journal.open(tmp_path / "history.db", node="n")
    started = {"line": "l", "door": "d", "language": "it", "caller": "+39051"}
    for outcome in ("answered", "callback"):
        call = new_id()
        await journal.append(call, [Entry("call.started", started, 0)])
        if outcome == "callback":
            wanted = {"queue": "ordini", "reason": "closed", "number": "+39051", "slots": {}}
            await journal.append(call, [Entry("callback.requested", wanted, 5)])
        await journal.append(call, [Entry("call.ended", {"reason": "bot_ended", "outcome": outcome}, 9)])
    await journal.append(new_id(), [Entry("call.started", started, 0)])  # the call that asks
    timeline = Timeline(tmp_path / "history.db")
    try:
        contact = await contacts_in(timeline)("+39051")
        assert (contact.known, contact.interactions, contact.last.outcome) == (True, 2, "callback")
        assert [(matter.kind, matter.subject) for matter in contact.open] == [("callback", "ordini")]
        assert contact.facts()["open"][0]["since"] == contact.last.day
        assert await contacts_in(timeline)("+39000") == Contact()
        assert await contacts_in(timeline)("") == Contact()
    finally:
        await timeline.close()
        await journal.close()
