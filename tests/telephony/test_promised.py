"""A caller who keeps their place without the line: offered when their turn comes, done when the operator has called."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from history import Entry, Timeline
from telephony.operators.call_side import NobodyThere, Placed
from telephony.operators.desk import Desk
from telephony.operators.presence import Presence
from telephony.operators.queue import Candidate, WaitingCall, hopeless, is_full
from telephony.operators.restoring import restore_places
from tests.telephony.test_desk import Console, House, house

__all__ = ["house"]


async def promised(house: House, call_id: str) -> int:
    """The caller asks to be called back; returns the seq of the promise."""
    since = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    asked = {"queue": "ordini", "number": "+39021234", "reason": "asked_in_queue", "slots": {}, "since": since}
    seq = await house.journal.append(call_id, [Entry("callback.requested", {**asked, "priority": 0})])
    assert house.desk.kept_places.keep(call_id, seq, "+39021234")
    await house.journal.append(call_id, [Entry("call.ended", {"reason": "bot_ended", "outcome": "callback"})])
    return seq


async def test_the_place_is_kept_and_the_operator_calls_back_in_turn(house: House) -> None:
    anna = house.operator("anna", available=False)
    house.desk.choose("anna", Presence.AVAILABLE)
    first = await house.caller("c1")
    house.desk.choose("anna", Presence.AWAY)
    house.desk.choose("anna", Presence.AVAILABLE)
    house.now_ms += 10
    second = await house.caller("c2")
    house.now_ms += 10
    third = await house.caller("c3")
    await house.desk.look()  # c1 rings at Anna's
    await house.desk.answer("anna", anna.offer, accept=True)
    assert await promised(house, "c2")
    await house.later(10)
    assert third.events[-1] == Placed(2)
    assert house.desk.figures() == {"waiting": 1, "promised": 1, "operators": 1, "talking": 1}
    house.desk.leave("c1", "caller_hung_up")
    house.desk.choose("anna", Presence.AVAILABLE)
    await house.later(10)
    offer = anna.of("offer")[-1]
    assert (offer["call_id"], offer["kind"], offer["caller"]) == ("c2", "callback", "+39021234")
    await house.desk.answer("anna", anna.offer, accept=True)
    assert anna.of("connected")[-1]["call_back"] == "+39021234"
    house.desk.sit("anna", "Anna", frozenset(), anna := Console())  # the page is loaded again
    assert anna.of("connected")[-1]["call_back"] == "+39021234"
    house.desk.hang_up("anna")
    await asyncio.sleep(0)
    assert anna.kinds[-1] == "wrap_up"
    await house.journal.probe()  # after what was appended before
    log = await house.log("c2")
    assert log[-1] == ("callback.done", "")
    assert NobodyThere("nobody_available") not in second.events
    assert first.events


async def test_no_operator_no_time_makes_a_promise_hopeless_and_whoever_keeps_it_frees_the_place(house: House) -> None:
    house.operator("anna", available=True)
    await house.caller("c1")
    seq = await promised(house, "c1")
    house.desk.choose("anna", Presence.AWAY)
    await house.later(10_000_000)
    assert list(house.desk.kept_places) == ["c1"]
    house.desk.kept_places.called_back("c1")
    assert (list(house.desk.kept_places), seq) == ([], 2)


async def test_places_outlive_a_restart(house: House) -> None:
    house.operator("anna")
    await house.caller("c1")
    await promised(house, "c1")
    timeline = Timeline(house.journal.path)
    after = Desk(house.journal, lambda: house.now_ms)
    assert await restore_places(timeline, after, house.now_ms) == 1
    await timeline.close()
    found = after.place_of("c1")
    assert found is not None
    place, waiting = found
    assert (place, waiting.caller) == (1, "+39021234")
    assert 290_000 < house.now_ms - waiting.since_ms < 310_000
    console = Console()
    after.sit("bruno", "Bruno", frozenset(), console)
    after.choose("bruno", Presence.AVAILABLE)
    await after.look()
    assert console.of("offer")[-1]["call_id"] == "c1"


def waiting(**more: object) -> WaitingCall:
    return WaitingCall("c", "ordini", 0, 0, 60_000, "IT", "", "it", "asked", **more)  # type: ignore[arg-type]


ANNA = Candidate("anna", frozenset(), Presence.AVAILABLE, 0)


def test_full_and_empty_queues() -> None:
    assert is_full(waiting(max_length=2), [waiting(), waiting()])
    assert not is_full(waiting(max_length=2), [waiting(), waiting(promised=True)])
    assert not is_full(waiting(), [waiting()] * 50)
    closed, patient, leaving = waiting(), waiting(join_empty=True, leave_when_empty=False), waiting(join_empty=True)
    for call, comes, stays in ((closed, False, False), (patient, True, True), (leaving, True, False)):
        assert (hopeless(call, [], 0, joined=False) == "") is comes
        assert (hopeless(call, [], 0, joined=True) == "") is stays
        assert hopeless(call, [ANNA], 0, joined=True) == ""
        assert hopeless(call, [ANNA], 60_000) == "waited_too_long"


async def test_a_full_queue_says_so_at_once(house: House) -> None:
    house.operator("anna", available=True)
    await house.caller("c1")
    caller = await house.caller("c2")
    full = await house.caller("c3")
    house.desk.leave("c3", "test")
    house.desk.enqueue(waiting(max_length=2), full)
    assert full.events[-1] == NobodyThere("full")
    assert caller.events == []
