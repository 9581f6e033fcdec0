"""Supervisors change what operators do, and see who waits and who works; a call is never cut off for it."""

from __future__ import annotations

import pytest

from telephony.operators.desk import NotTaken, OperatorGone
from telephony.operators.forcing import CannotForce, NobodySits
from telephony.operators.presence import Presence
from telephony.operators.seats import OFFER_MS, Forced
from telephony.operators.wrap_up import USUAL
from tests.telephony.test_desk import Caller, Console, House, house

__all__ = ["house"]

AWAY = Forced("away", "Riunione")


async def in_a_call(house: House) -> tuple[Console, Caller]:
    anna = house.operator("anna")
    caller = await house.caller("c1")
    await house.later(0)
    await house.desk.answer("anna", anna.offer, accept=True)
    return anna, caller


async def test_who_is_free_is_put_away_and_hears_why(house: House) -> None:
    anna = house.operator("anna")
    assert house.desk.force("anna", AWAY)
    assert anna.told[-2:] == [
        {"type": "forced", "state": "away", "why": "Riunione"},
        {"type": "state", "state": "away", "why": "Riunione"},
    ]
    (shown,) = house.desk.now().operators
    assert (shown.presence, shown.why, shown.since_ms) == (Presence.AWAY, "Riunione", house.now_ms)
    assert house.desk.force("anna", Forced("available", "Serve aiuto"))
    assert house.desk.free_operators() == [frozenset()]


async def test_a_call_is_not_cut_off_and_what_is_wanted_comes_after_the_work_behind_it(house: House) -> None:
    anna, caller = await in_a_call(house)
    assert not house.desk.force("anna", AWAY)
    await house.later(1000)
    (shown,) = house.desk.now().operators
    assert (shown.presence, shown.forced, shown.call_id) == (Presence.ON_CALL, "away", "c1")
    assert not any(isinstance(event, OperatorGone) for event in caller.events)
    house.desk.leave("c1", "caller_hung_up")
    await house.later(1000)
    assert house.desk.now().operators[0].presence is Presence.WRAP_UP
    house.desk.wrap_up("anna", "solved", "", Presence.AVAILABLE)
    await house.caller("c2")
    await house.later(0)
    assert house.desk.now().operators[0].presence is Presence.AWAY
    assert len(anna.of("offer")) == 1


async def test_a_work_behind_a_call_that_takes_long_is_ended_with_what_was_chosen(house: House) -> None:
    anna, _ = await in_a_call(house)
    house.desk.leave("c1", "caller_hung_up")
    house.desk.wrap_up("anna", "follow_up", "", None)
    assert house.desk.force("anna", Forced("available", "La coda è lunga"))
    await house.later(0)
    assert (await house.log("c1"))[-1] == ("operator.wrapped_up", "anna")
    assert anna.of("state")[-1]["state"] == "available"
    await house.later(USUAL.seconds * 1000)
    assert not anna.of("wrapped_up")


async def test_an_offer_is_withdrawn_and_the_caller_keeps_the_place(house: House) -> None:
    anna, bruno = house.operator("anna"), house.operator("bruno", available=False)
    caller = await house.caller("c1")
    await house.later(1000)
    await house.caller("c2")
    house.desk.choose("bruno", Presence.AVAILABLE)
    assert house.desk.force("anna", AWAY)
    await house.later(0)
    assert anna.of("offer_gone")[-1]["why"] == "withdrawn"
    assert bruno.of("offer")[-1]["call_id"] == "c1"
    assert caller.events.count(NotTaken()) == 1


async def test_who_is_signed_off_is_disconnected_and_told_first(house: House) -> None:
    anna = house.operator("anna")
    assert house.desk.force("anna", Forced("offline", "Fine turno"))
    assert (anna.told[-2]["why"], anna.closed) == ("Fine turno", "signed_off")
    house.desk.stand("anna", anna)  # as its socket does
    with pytest.raises(NobodySits):
        house.desk.force("anna", AWAY)


async def test_a_phone_is_not_signed_off(house: House) -> None:
    house.desk.sit("anna", "Anna", frozenset(), Console(), calls_back=False)
    with pytest.raises(CannotForce, match="put them away instead"):
        house.desk.force("anna", Forced("offline", "Fine turno"))


async def test_what_waits_is_told_by_queue_with_who_waits_longest(house: House) -> None:
    house.operator("anna", "ordini")
    bruno = house.operator("bruno", "resi")
    first_ms = house.now_ms
    await house.caller("c1", queue="resi")
    await house.later(0)
    await house.later(OFFER_MS)  # it rings in vain
    await house.caller("c2", queue="resi")
    now = house.desk.now().with_queues(["ordini", "resi", "tecnici"])
    told = [(one.queue, one.waiting, one.since_ms, dict(one.by_urgency), one.free) for one in now.queues]
    assert told == [
        ("ordini", 0, None, {}, 1),
        ("resi", 1, house.now_ms, {"normal": 1}, 0),
        ("tecnici", 0, None, {}, 0),
    ]
    assert [(one.name, one.presence, one.why) for one in now.operators] == [
        ("Anna", Presence.AVAILABLE, ""),
        ("Bruno", Presence.AWAY, "unanswered"),
    ]
    assert bruno.of("offer_gone")[-1]["why"] == "timed_out"
    assert first_ms < house.now_ms
