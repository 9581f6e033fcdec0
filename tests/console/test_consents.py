"""Consents with their proof, over HTTP."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from history import Entry, new_id
from history.deriving.worker import Deriving

HELLO = "Sono un assistente automatico; la chiamo al 333 1112222."


async def test_the_proof_of_a_call_and_of_a_contact(house: Any) -> None:
    call = new_id()
    say = {"kind": "Say", "text": HELLO, "key": "disclosure"}
    played = {"speaker": "bot", "text": HELLO, "key": "disclosure", "start_ms": 0, "end_ms": 2000}
    note = {"kind": "Note", "topic": "opt_out", "values": {"how": "keyed"}}
    await house.journal.append(
        call,
        [
            Entry("call.started", {"line": "it", "language": "it", "caller": "+393331112222"}),
            Entry("dialog.event", {"kind": "CallStarted"}),
            Entry("dialog.action", say),
            Entry("transcript", played),
            Entry("dialog.event", {"kind": "CallerTyped", "key": "9"}),
            Entry("dialog.action", note),
            Entry("call.ended", {"reason": "bot_ended", "outcome": "opted_out"}, 3000),
        ],
    )
    await Deriving(house.journal, house.timeline, ZoneInfo("Europe/Rome")).catch_up()
    who = (await house.timeline.get(call)).interaction.contact_id
    _, operator = await house.member("anna", "operator")
    _, supervisor = await house.member("sara", "supervisor")
    disclosure, refused = (await supervisor.get(f"/api/interactions/{call}/consents")).json()
    assert (disclosure["kind"], disclosure["state"], disclosure["told_words"]) == ("ai_disclosure", "told", HELLO)
    assert (refused["kind"], refused["state"], refused["method"], refused["answer_seq"]) == (
        "outbound_opt_out", "refused", "key", 5,
    )  # fmt: skip
    for path in (f"/api/interactions/{call}/consents", f"/api/contacts/{who}/consents"):
        shown = await operator.get(path)
        assert {one["seq"] for one in shown.json()} == {4, 6}
        assert "1112222" not in shown.text
        assert (await house.browser().get(path)).status_code == 401
        assert (await operator.get(path.replace(call, "none").replace(who, "none"))).status_code == 404
