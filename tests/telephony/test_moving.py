"""Supervisors move callers who wait: to another queue, to the front, to an operator; each is in the history."""

from __future__ import annotations

import pytest

from history import Entry, HistoryUnavailable, Timeline
from history.kpis.log import read
from telephony.operators.desk import Accepted, Moved, NobodyThere, NotTaken, Placed
from telephony.operators.moving import CannotMove, NotWaiting, QueueRules
from telephony.operators.seats import OFFER_MS
from tests.telephony.test_desk import House, house

__all__ = ["house"]

RULES = QueueRules(60_000, 30_000, max_length=0, join_empty=False, leave_when_empty=True)


async def talks(house: House, operator: str) -> None:
    console = house.operator(operator)
    await house.caller(f"other-{operator}")
    await house.later(0)
    await house.desk.answer(operator, console.offer, accept=True)


async def test_a_caller_goes_to_another_queue_and_hears_the_place_there(house: House) -> None:
    house.operator("anna", "resi", available=False)
    house.operator("bruno", "ordini")
    first = await house.caller("c1")
    second = await house.caller("c2")
    await house.later(1000)
    assert (first.events, second.events) == ([Placed(1)], [Placed(2)])
    bruno = house.operator("carla", "resi")
    await house.desk.moving.to_queue("c2", "resi", RULES, "sara")
    assert second.events[-1] == Moved("resi")
    await house.later(0)
    assert second.events[-1] == Placed(1)
    assert (bruno.of("offer")[-1]["call_id"], bruno.of("offer")[-1]["queue"]) == ("c2", "resi")
    log = await house.log("c2")
    assert log == [("handoff.moved", ""), ("offer.made", "carla")]


async def test_the_wait_is_counted_where_it_ends_and_begins_where_it_began(house: House) -> None:
    await talks(house, "anna")
    caller = await house.caller("c1")
    await house.later(170_000)
    await house.desk.moving.to_queue("c1", "resi", RULES, "sara")
    await house.later(50_000)  # longer than their first queue allows, shorter than this one does
    assert not any(isinstance(event, NobodyThere) for event in caller.events)
    await house.later(10_000)
    assert caller.events[-1] == NobodyThere("waited_too_long")
    timeline = Timeline(house.journal.path)
    row = (await timeline.get("c1")).interaction
    moved = (await timeline.events("c1"))[-1]
    await timeline.close()
    assert row.queue == "resi"
    assert (moved.type, moved.actor, moved.payload) == ("handoff.moved", "sara", {"from": "ordini", "queue": "resi"})


async def test_a_queue_where_nobody_works_is_refused(house: House) -> None:
    house.operator("anna", "ordini")
    caller = await house.caller("c1")
    await house.later(0)
    with pytest.raises(CannotMove, match="nobody works in resi") as refused:
        await house.desk.moving.to_queue("c1", "resi", RULES, "sara")
    assert refused.value.code == "nobody_there"
    with pytest.raises(CannotMove, match="wait in ordini already"):
        await house.desk.moving.to_queue("c1", "ordini", RULES, "sara")
    assert caller.events == [Placed(1)]


async def test_who_is_put_to_the_front_is_the_next(house: House) -> None:
    await talks(house, "anna")
    callers = [await house.caller(f"c{n}", priority) for n, priority in ((1, 5), (2, 0), (3, 0))]
    await house.later(0)
    await house.desk.moving.to_front("c3", "sara")
    await house.later(0)
    assert [caller.events[-1] for caller in callers] == [Placed(2), Placed(3), Placed(1)]
    with pytest.raises(CannotMove, match="the next of ordini already"):
        await house.desk.moving.to_front("c3", "sara")
    assert [(one.call_id, one.place) for one in house.desk.now().waiting] == [("c3", 1), ("c1", 2), ("c2", 3)]


async def test_it_rings_at_the_operator_who_was_chosen_and_nowhere_else(house: House) -> None:
    anna = house.operator("anna", "ordini")
    caller = await house.caller("c1")
    await house.later(0)
    bruno = house.operator("bruno", "resi")  # of another queue, and never asked by themselves
    assert house.desk.now().waiting[0].rings_at == "anna"
    await house.desk.moving.to_operator("c1", "bruno", "sara")
    assert anna.of("offer_gone")[-1]["why"] == "withdrawn"
    assert bruno.of("offer")[-1]["call_id"] == "c1"
    await house.later(0)
    assert len(anna.of("offer")) == 1
    assert house.desk.now().waiting[0].rings_at == "bruno"
    await house.desk.answer("bruno", bruno.offer, accept=True)
    assert caller.events == [Placed(1), Accepted("bruno", "Bruno")]
    with pytest.raises(NotWaiting):
        await house.desk.moving.to_front("c1", "sara")


async def test_who_does_not_answer_the_chosen_call_leaves_it_at_its_place(house: House) -> None:
    await talks(house, "anna")
    bruno = house.operator("bruno", "resi")
    first, second = await house.caller("c1"), await house.caller("c2")
    await house.later(0)
    await house.desk.moving.to_operator("c2", "bruno", "sara")
    await house.later(OFFER_MS)
    await house.later(0)
    assert bruno.of("state")[-1]["state"] == "away"
    assert NotTaken() in second.events
    assert [one.call_id for one in house.desk.now().waiting] == ["c1", "c2"]
    assert first.events == [Placed(1)]


async def test_who_is_busy_is_not_given_a_call(house: House) -> None:
    await talks(house, "anna")
    await house.caller("c1")
    for operator in ("anna", "nobody"):
        with pytest.raises(CannotMove, match="not free now"):
            await house.desk.moving.to_operator("c1", operator, "sara")
    assert await house.log("c1") == []


async def test_without_a_history_nobody_is_moved(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await talks(house, "anna")
    callers = [await house.caller("c1"), await house.caller("c2")]
    await house.later(0)

    async def fails(*_: object) -> int:
        raise HistoryUnavailable("no answer")

    monkeypatch.setattr(house.journal, "append", fails)
    with pytest.raises(HistoryUnavailable):
        await house.desk.moving.to_front("c2", "sara")
    assert [caller.events[-1] for caller in callers] == [Placed(1), Placed(2)]


async def test_who_is_called_back_is_not_moved(house: House) -> None:
    await talks(house, "anna")
    await house.caller("c1")
    house.desk.kept_places.keep("c1", 2, "+39021234")
    with pytest.raises(CannotMove, match="list of call-backs"):
        await house.desk.moving.to_front("c1", "sara")
    assert house.desk.now().waiting == ()


async def test_a_call_that_is_moved_while_another_is_offered_rings_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A round has paired two calls with two operators; during the first offer the second call goes elsewhere."""
    await house.caller("c1")
    await house.caller("c2")
    consoles = {name: house.operator(name) for name in ("anna", "bruno", "carla")}
    append = house.journal.append
    waits = [True]

    async def moved_meanwhile(call_id: str, entries: object) -> int:
        if waits and call_id == "c1":
            waits.clear()
            await house.desk.moving.to_operator("c2", "carla", "sara")
        return await append(call_id, entries)  # type: ignore[arg-type]

    monkeypatch.setattr(house.journal, "append", moved_meanwhile)
    await house.later(0)
    await house.later(0)
    offered = {name: [offer["call_id"] for offer in console.of("offer")] for name, console in consoles.items()}
    assert offered == {"anna": ["c1"], "bruno": [], "carla": ["c2"]}


async def test_a_moved_stay_belongs_to_the_queue_where_it_ended(house: House) -> None:
    began = {"line": "IT", "door": "browser", "language": "it", "caller": "+39021234"}
    await house.journal.append(
        "k1",
        [
            Entry("call.started", began),
            Entry("handoff.queued", {"queue": "ordini"}, 1000),
            Entry("handoff.moved", {"queue": "resi", "from": "ordini"}, 31_000),
            Entry("operator.joined", {"operator": "anna"}, 41_000),
            Entry("call.ended", {"reason": "operator_ended"}, 60_000),
        ],
    )
    timeline = Timeline(house.journal.path)
    log = read(await timeline.events("k1"))
    await timeline.close()
    assert [(stay.queue, stay.wait_ms, stay.how) for stay in log.stays] == [("resi", 40_000, "answered")]
    assert [handled.queue for handled in log.handled] == ["resi"]
