"""Callers and operators at the desk, with a real history: who gets whom, and what is left of it in the log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from history import Entry, HistoryUnavailable, Journal, Timeline
from telephony.operators.desk import (
    Accepted,
    Desk,
    DeskEvent,
    NobodyThere,
    NotTaken,
    OperatorGone,
    Placed,
)
from telephony.operators.presence import Presence
from telephony.operators.queue import WaitingCall
from telephony.operators.rounds import RECONNECT_MS
from telephony.operators.seats import OFFER_MS


class Console:
    """An operator's connection that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.heard = b""
        self.closed = ""

    def tell(self, message: Mapping[str, Any]) -> None:
        self.told.append(dict(message))

    def sound(self, pcm: bytes) -> None:
        self.heard += pcm

    def close(self, reason: str) -> None:
        self.closed = reason

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.told if message["type"] == kind]

    @property
    def kinds(self) -> list[str]:
        told = [message for message in self.told if message["type"] != "recording"]
        return [message.get("state") or message["type"] for message in told]

    @property
    def offer(self) -> str:
        """The id of the last offer."""
        return str(self.of("offer")[-1]["offer"])


class Caller:
    """A call's side that keeps what the desk said."""

    def __init__(self, call_id: str) -> None:
        self.call_id = call_id
        self.events: list[DeskEvent] = []
        self.heard = b""

    def now_ms(self) -> int:
        return 1234

    def transcript(self) -> Sequence[Mapping[str, Any]]:
        return ({"speaker": "caller", "text": "un operatore", "at_ms": 900},)

    recording_state = "off"
    bot_flows: Sequence[Mapping[str, Any]] | None = None
    told_again: Sequence[Mapping[str, Any]] = ()

    def retold(self) -> Sequence[Mapping[str, Any]]:
        return self.told_again

    async def operator_wants(self, wanted: str, who: str) -> str:
        self.recording_state = "paused" if wanted == "pause" else "on"
        return self.recording_state

    def from_desk(self, event: DeskEvent) -> None:
        self.events.append(event)

    def from_operator(self, pcm: bytes) -> None:
        self.heard += pcm


class House:
    """The desk on a clock of its own, beside a real journal."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.now_ms = 1_000_000
        self.failing = False
        self.desk = Desk(journal, lambda: self.now_ms, announce_every_ms=30_000)

    def operator(self, name: str, queues: str = "", available: bool = True) -> Console:
        console = Console()
        self.desk.sit(name, name.title(), frozenset(queues.split()), console)
        if available:
            self.desk.choose(name, Presence.AVAILABLE)
        return console

    async def caller(self, call_id: str, priority: int = 0, queue: str = "ordini") -> Caller:
        began = {"line": "IT", "door": "browser", "language": "it", "caller": "+39021234"}
        await self.journal.append(call_id, [Entry("call.started", began)])
        caller = Caller(call_id)
        waiting = WaitingCall(
            call_id, queue, priority, self.now_ms, 180_000, "IT", "+39021234", "it", "asked", {"ordine": "4711"}
        )
        self.desk.enqueue(waiting, caller)
        return caller

    async def later(self, ms: int) -> None:
        self.now_ms += ms
        await self.desk.look()

    async def log(self, call_id: str) -> list[tuple[str, str]]:
        """(type, operator) of everything after the start."""
        timeline = Timeline(self.journal.path)
        try:
            events = await timeline.events(call_id)
        finally:
            await timeline.close()
        return [(event.type, str(event.payload.get("operator", ""))) for event in events[1:]]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    journal = await Journal.open(tmp_path / "history.db", node="n1")
    yield House(journal)
    await journal.close()


async def test_an_offer_is_accepted_and_both_voices_pass(house: House) -> None:
    anna = house.operator("anna")
    caller = await house.caller("c1")
    await house.desk.look()
    assert caller.events == [Placed(1)]
    (offer,) = anna.of("offer")
    assert offer == {
        "type": "offer",
        "offer": anna.offer,
        "call_id": "c1",
        "queue": "ordini",
        "line": "IT",
        "caller": "+39021234",
        "language": "it",
        "reason": "asked",
        "kind": "call",
        "urgency": "normal",
        "skills": [],
        "slots": {"ordine": "4711"},
        "at_ms": 1234,
        "transcript": [{"speaker": "caller", "text": "un operatore", "at_ms": 900}],
        "expires_in_ms": OFFER_MS,
    }
    await house.desk.answer("anna", anna.offer, accept=True)
    assert caller.events[-1] == Accepted("anna", "Anna")
    house.desk.connected("c1")
    house.desk.sound_to_operator("c1", b"\x01\x00")
    house.desk.sound_from_operator("anna", b"\x02\x00")
    house.desk.tell_operator("c1", {"type": "transcript", "text": "pronto"})
    await house.desk.look()
    assert (anna.heard, caller.heard) == (b"\x01\x00", b"\x02\x00")
    assert anna.kinds[-4:] == ["on_call", "connected", "transcript", "waiting"]
    assert anna.of("transcript") == [{"type": "transcript", "text": "pronto", "call_id": "c1"}]
    house.desk.leave("c1", "caller_hung_up")
    assert anna.told[-3:-1] == [
        {"type": "ended", "call_id": "c1", "reason": "caller_hung_up"},
        {"type": "state", "state": "wrap_up"},
    ]
    house.desk.choose("anna", Presence.AVAILABLE)
    assert anna.kinds[-1] == "available"
    assert await house.log("c1") == [("offer.made", "anna"), ("offer.accepted", "anna")]


async def test_an_operator_is_told_that_the_disk_ended_the_recording_of_their_call(house: House) -> None:
    anna = house.operator("anna")
    caller = await house.caller("c1")
    caller.recording_state = "on"
    await house.desk.look()
    await house.desk.answer("anna", anna.offer, accept=True)
    house.desk.connected("c1")
    await house.desk.look()
    caller.recording_state = "failed"
    for _ in range(2):
        await house.later(1000)
    assert [told["state"] for told in anna.of("recording")] == ["on", "failed"]


async def test_nothing_is_shown_before_it_is_in_the_history(house: House) -> None:
    anna = house.operator("anna")
    await house.caller("c1")
    subscription = house.journal.subscribe("c1")
    await house.desk.look()
    assert anna.of("offer")
    async for event in subscription:
        assert (getattr(event, "type", ""), getattr(event, "actor", "")) == ("offer.made", "anna")
        break


async def test_what_was_declined_rings_at_the_next_operator_and_never_again_at_this_one(house: House) -> None:
    anna = house.operator("anna")
    house.now_ms += 5
    bruno = house.operator("bruno")
    caller = await house.caller("c1")
    await house.desk.look()
    assert not bruno.of("offer")
    await house.desk.answer("anna", anna.offer, accept=False)
    assert anna.told[-2:] == [
        {"type": "offer_gone", "offer": anna.offer, "why": "declined"},
        {"type": "state", "state": "available"},
    ]
    await house.later(10)
    assert len(anna.of("offer")) == 1
    await house.desk.answer("bruno", bruno.offer, accept=True)
    assert caller.events == [Placed(1), NotTaken(), Accepted("bruno", "Bruno")]
    assert await house.log("c1") == [
        ("offer.made", "anna"),
        ("offer.declined", "anna"),
        ("offer.made", "bruno"),
        ("offer.accepted", "bruno"),
    ]


async def test_when_everybody_declined_the_caller_is_told(house: House) -> None:
    anna = house.operator("anna")
    caller = await house.caller("c1")
    await house.desk.look()
    await house.desk.answer("anna", anna.offer, accept=False)
    await house.desk.look()
    assert caller.events == [Placed(1), NobodyThere("nobody_available")]
    assert house.desk.figures() == {"waiting": 0, "promised": 0, "operators": 1, "talking": 0}


async def test_who_does_not_answer_is_away_and_the_caller_keeps_their_place(house: House) -> None:
    anna = house.operator("anna")
    first = await house.caller("c1")
    await house.desk.look()
    bruno = house.operator("bruno")
    house.now_ms += 1
    second = await house.caller("c2")
    await house.desk.look()
    assert bruno.of("offer")[0]["call_id"] == "c2"
    await house.desk.answer("bruno", bruno.offer, accept=False)
    await house.later(OFFER_MS - 2)
    assert anna.kinds[-1] != "away"
    await house.later(1)
    assert [message for message in anna.told if message["type"] in ("offer_gone", "state")][-2:] == [
        {"type": "offer_gone", "offer": anna.offer, "why": "timed_out"},
        {"type": "state", "state": "away", "why": "unanswered"},
    ]
    assert bruno.of("offer")[-1]["call_id"] == "c1"  # still before c2
    await house.desk.answer("anna", anna.offer, accept=True)  # too late
    assert anna.told[-1] == {"type": "offer_gone", "offer": anna.offer, "why": "taken", "by": "Bruno"}
    assert first.events == [Placed(1), NotTaken()]
    assert second.events[0] == Placed(2)
    assert await house.log("c1") == [("offer.made", "anna"), ("offer.timed_out", "anna"), ("offer.made", "bruno")]


async def test_whose_call_several_do_not_take_hears_so_at_once_and_every_20_s_at_most(house: House) -> None:
    names = ("anna", "bruno", "carla", "dario", "elena")
    operators = {}
    for name in names:
        operators[name] = house.operator(name)
        house.now_ms += 1
    caller = await house.caller("c1")
    await house.desk.look()
    heard_ms = []
    for name in names[:4]:
        await house.desk.answer(name, operators[name].offer, accept=False)
        told = caller.events.count(NotTaken())
        await house.desk.look()
        if caller.events.count(NotTaken()) > told:
            heard_ms.append(house.now_ms)
        await house.later(7_000)
    assert [at - heard_ms[0] for at in heard_ms] == [0, 21_000]
    assert caller.events.count(NotTaken()) == 2  # nothing is kept for later either


async def test_the_operator_who_was_asked_closes_the_console(house: House) -> None:
    anna = house.operator("anna")
    house.now_ms += 1
    bruno = house.operator("bruno")
    caller = await house.caller("c1")
    await house.desk.look()
    house.desk.stand("anna", anna)
    await house.desk.look()
    assert bruno.of("offer")
    assert caller.events == [Placed(1), NotTaken()]


async def test_the_caller_leaves_while_it_rings(house: House) -> None:
    anna = house.operator("anna")
    await house.caller("c1")
    await house.desk.look()
    house.desk.leave("c1", "caller_hung_up")
    assert anna.told[-2:] == [
        {"type": "offer_gone", "offer": anna.offer, "why": "caller_left"},
        {"type": "state", "state": "available"},
    ]
    await house.desk.answer("anna", anna.offer, accept=True)
    assert anna.told[-1] == {"type": "offer_gone", "offer": anna.offer, "why": "caller_left"}
    await house.desk.look()
    assert await house.log("c1") == [("offer.made", "anna"), ("offer.revoked", "anna")]
    assert house.desk.figures()["waiting"] == 0


async def test_two_operators_and_one_call(house: House) -> None:
    anna, bruno = house.operator("anna"), house.operator("bruno")
    caller = await house.caller("c1")
    await house.desk.look()
    winner, loser = (anna, bruno) if anna.of("offer") else (bruno, anna)
    names = {id(anna): "anna", id(bruno): "bruno"}
    assert not loser.of("offer")
    assert [call["call_id"] for call in loser.of("waiting")[-1]["calls"]] == ["c1"]
    await house.desk.answer(names[id(loser)], winner.offer, accept=True)
    gone = {"type": "offer_gone", "offer": winner.offer, "why": "taken", "by": names[id(winner)].title()}
    assert loser.told[-1] == gone
    await house.desk.answer(names[id(winner)], winner.offer, accept=True)
    await house.desk.answer(names[id(winner)], winner.offer, accept=True)  # a double click
    await house.desk.look()
    assert [event for event in caller.events if isinstance(event, Accepted)] == [
        Accepted(names[id(winner)], names[id(winner)].title())
    ]
    assert loser.of("waiting")[-1]["calls"] == []


async def test_an_operator_whose_connection_broke_comes_back_in_time(house: House) -> None:
    old = house.operator("anna")
    caller = await house.caller("c1")
    await house.desk.look()
    await house.desk.answer("anna", old.offer, accept=True)
    house.desk.stand("anna", old)
    house.desk.sound_to_operator("c1", b"\x01\x00")  # nobody hears it
    await house.later(RECONNECT_MS - 1)
    new = Console()
    house.desk.sit("anna", "Anna", frozenset(), new)
    assert new.kinds == ["welcome", "on_call", "connected", "transcript"]
    assert (new.of("connected")[0]["call"]["caller"], new.of("connected")[0]["call"]["slots"]) == (
        "+39021234",
        {"ordine": "4711"},
    )
    await house.later(RECONNECT_MS)
    house.desk.sound_to_operator("c1", b"\x03\x00")
    assert new.heard == b"\x03\x00"
    assert not any(isinstance(event, OperatorGone) for event in caller.events)


async def test_a_console_that_comes_back_knows_what_the_one_before_was_told(house: House) -> None:
    old = house.operator("anna")
    caller = await house.caller("c1")
    await house.desk.look()
    await house.desk.answer("anna", old.offer, accept=True)
    house.desk.connected("c1")
    house.desk.mute("anna", True)
    caller.told_again = [{"type": "held", "held": True}]
    house.desk.server_stops(600)
    await house.later(7_000)
    new = Console()
    house.desk.sit("anna", "Anna", frozenset(), new)
    assert new.kinds[:5] == ["draining", "welcome", "on_call", "connected", "held"]
    assert new.of("draining")[0]["within_s"] == 593
    assert new.of("held") == [{"type": "held", "held": True, "call_id": "c1"}]
    (connected,) = new.of("connected")
    assert (connected["since_ms_ago"], connected["muted"]) == (7_000, True)
    house.desk.leave("c1", "caller_hung_up")
    house.desk.choose("anna", Presence.AVAILABLE)
    await house.caller("c2")
    await house.desk.look()
    await house.desk.answer("anna", new.offer, accept=True)
    again = Console()
    house.desk.sit("anna", "Anna", frozenset(), again)
    (connected,) = again.of("connected")
    assert (connected["muted"], connected["since_ms_ago"]) == (False, 0)


async def test_an_operator_who_does_not_come_back_is_gone(house: House) -> None:
    anna = house.operator("anna")
    caller = await house.caller("c1")
    await house.desk.look()
    await house.desk.answer("anna", anna.offer, accept=True)
    house.desk.stand("anna", anna)
    await house.later(RECONNECT_MS)
    assert caller.events[-1] == OperatorGone("lost")
    assert house.desk.figures()["operators"] == 0
    house.desk.leave("c1", "caller_hung_up")


async def test_the_caller_hangs_up_while_the_operator_is_gone(house: House) -> None:
    anna = house.operator("anna")
    await house.caller("c1")
    await house.desk.look()
    await house.desk.answer("anna", anna.offer, accept=True)
    house.desk.stand("anna", anna)
    house.desk.leave("c1", "caller_hung_up")
    await house.later(RECONNECT_MS)
    assert house.desk.figures()["operators"] == 0


async def test_an_operator_disappears_while_it_rings(house: House) -> None:
    anna = house.operator("anna")
    await house.caller("c1")
    await house.desk.look()
    bruno = house.operator("bruno")
    house.desk.stand("anna", anna)
    await house.desk.look()
    assert bruno.of("offer")[-1]["call_id"] == "c1"
    assert sorted(await house.log("c1")) == [("offer.made", "anna"), ("offer.made", "bruno"), ("offer.revoked", "anna")]


async def test_a_second_tab_takes_the_seat_over(house: House) -> None:
    old = house.operator("anna")
    await house.caller("c1")
    await house.desk.look()
    new = Console()
    house.desk.sit("anna", "Anna", frozenset(), new)
    assert old.closed == "replaced"
    assert new.kinds == ["welcome", "offered", "offer"]
    house.desk.stand("anna", old)  # its socket closes a little later
    told = len(old.told)
    await house.desk.answer("anna", new.offer, accept=True)
    assert new.kinds[-1] == "on_call"
    assert len(old.told) == told


async def test_nobody_is_there(house: House) -> None:
    house.operator("anna", available=False)
    house.operator("bruno", queues="resi")
    caller = await house.caller("c1")
    await house.desk.look()
    assert caller.events == [NobodyThere("nobody_available")]


async def test_a_caller_waits_no_longer_than_agreed(house: House) -> None:
    anna = house.operator("anna")
    first = await house.caller("c1")
    await house.desk.look()
    await house.desk.answer("anna", anna.offer, accept=True)
    second = await house.caller("c2")
    await house.desk.look()
    await house.later(179_999)
    assert isinstance(second.events[-1], Placed)
    await house.later(1)
    assert second.events[-1] == NobodyThere("waited_too_long")
    assert first.events[-1] == Accepted("anna", "Anna")


async def test_places_are_told_when_they_change_and_now_and_then(house: House) -> None:
    anna = house.operator("anna")
    await house.caller("c0")
    await house.desk.look()
    await house.desk.answer("anna", anna.offer, accept=True)
    first, second = await house.caller("c1"), await house.caller("c2")
    await house.desk.look()
    await house.later(29_999)
    assert (first.events, second.events) == ([Placed(1)], [Placed(2)])
    await house.later(1)
    assert (first.events, second.events) == ([Placed(1)] * 2, [Placed(2)] * 2)
    house.desk.leave("c1", "caller_hung_up")
    await house.later(1)
    assert second.events[-1] == Placed(1)


async def test_saying_available_again_does_not_cost_the_turn(house: House) -> None:
    anna = house.operator("anna")
    house.now_ms += 10
    bruno = house.operator("bruno")
    house.now_ms += 10
    house.desk.choose("anna", Presence.AVAILABLE)
    await house.caller("c1")
    await house.desk.look()
    assert anna.of("offer")
    assert not bruno.of("offer")


async def test_what_makes_no_sense_is_answered_with_an_error(house: House) -> None:
    anna = house.operator("anna")
    await house.caller("c1")
    await house.desk.look()
    house.desk.choose("anna", Presence.AWAY)
    assert anna.told[-2:] == [
        {"type": "error", "message": "away is not possible while offered"},
        {"type": "state", "state": "offered"},
    ]


async def test_an_offer_that_cannot_be_recorded_is_not_made(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = house.operator("anna")
    caller = await house.caller("c1")
    working = house.journal.append

    async def full(interaction_id: str, entries: Sequence[Entry]) -> int:
        raise HistoryUnavailable("the disk is full")

    monkeypatch.setattr(house.journal, "append", full)
    with pytest.raises(HistoryUnavailable):
        await house.desk.look()
    assert not anna.of("offer")
    assert house.desk.figures()["waiting"] == 1
    monkeypatch.setattr(house.journal, "append", working)
    await house.desk.look()
    monkeypatch.setattr(house.journal, "append", full)
    await house.desk.answer("anna", anna.offer, accept=True)
    assert anna.told[-1] == {"type": "error", "message": "the history cannot be written; try again"}
    assert not any(isinstance(event, Accepted) for event in caller.events)
    monkeypatch.setattr(house.journal, "append", working)
    await house.desk.answer("anna", anna.offer, accept=True)
    assert caller.events[-1] == Accepted("anna", "Anna")
