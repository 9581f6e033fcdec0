"""The work behind a call: a code and a note, in the time there is for it, and what the history has of it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from history import Timeline
from telephony.operators.presence import Presence
from telephony.operators.rounds import RECONNECT_MS
from telephony.operators.wrap_up import USUAL, CodeTitles, WrapUpSettings
from tests.telephony.test_desk import Console, House, house

__all__ = ["house"]

TIME_MS = USUAL.seconds * 1000


async def after_a_call(house: House) -> Console:
    anna = house.operator("anna")
    await house.caller("c1")
    await house.later(0)
    await house.desk.answer("anna", anna.offer, accept=True)
    house.desk.leave("c1", "operator_ended")
    return anna


def state_of(console: Console) -> str:
    return str(console.of("state")[-1]["state"])


async def written(house: House) -> list[dict[str, Any]]:
    """Once the desk has looked again: the work behind the call, as its history has it."""
    await house.later(0)
    timeline = Timeline(house.journal.path)
    try:
        events = await timeline.events("c1")
        rows = (await timeline.get("c1")).wrapups
    finally:
        await timeline.close()
    payloads = [dict(event.payload) for event in events if event.type == "operator.wrapped_up"]
    assert [(row.operator, row.duration_ms, row.code, row.note) for row in rows] == [
        tuple(payload.values()) for payload in payloads
    ]
    return payloads


def work(duration_ms: int, code: str, note: str = "") -> dict[str, Any]:
    return {"operator": "anna", "duration_ms": duration_ms, "code": code, "note": note}


async def test_the_code_and_the_note_are_in_the_history_of_the_call(house: House) -> None:
    anna = await after_a_call(house)
    (told,) = anna.of("wrap_up")
    assert told == {
        "type": "wrap_up",
        "call_id": "c1",
        "codes": [{"code": code, "it": titles.it, "en": titles.en} for code, titles in USUAL.codes.items()],
        "default": "other",
        "code": "",
        "note": "",
        "ends_in_ms": TIME_MS,
        "more_ms": TIME_MS,
    }
    await house.later(17_000)
    assert await written(house) == []
    house.desk.wrap_up("anna", "solved", " Rimborsato. ", Presence.AWAY)
    assert state_of(anna) == "away"
    assert await written(house) == [work(17_000, "solved", "Rimborsato.")]


async def test_when_the_time_is_over_the_default_code_is_written_and_calls_come_again(house: House) -> None:
    anna = await after_a_call(house)
    await house.later(TIME_MS - 1)
    assert state_of(anna) == "wrap_up"
    await house.later(1)
    assert anna.of("wrapped_up") == [{"type": "wrapped_up", "code": "other"}]
    assert state_of(anna) == "available"
    assert await written(house) == [work(TIME_MS, "other")]
    await house.caller("c2")
    await house.later(0)
    assert anna.of("offer")[-1]["call_id"] == "c2"


async def test_what_was_chosen_and_written_so_far_outlives_the_time(house: House) -> None:
    anna = await after_a_call(house)
    house.desk.wrap_up("anna", "follow_up", "Aspetta la fat", None)
    await house.later(TIME_MS)
    assert anna.of("wrapped_up") == [{"type": "wrapped_up", "code": "follow_up"}]
    assert await written(house) == [work(TIME_MS, "follow_up", "Aspetta la fat")]
    house.desk.wrap_up("anna", "solved", "troppo tardi", Presence.AVAILABLE)
    assert "its time was over" in anna.of("error")[-1]["message"]
    assert len(await written(house)) == 1


async def test_what_is_written_down_during_the_call_is_the_note_of_the_work_behind_it(house: House) -> None:
    anna = house.operator("anna")
    await house.caller("c1")
    await house.later(0)
    await house.desk.answer("anna", anna.offer, accept=True)
    house.desk.wrap_up("anna", "", "Vuole la fattura", None)
    house.desk.stand("anna", anna)
    again = Console()
    house.desk.sit("anna", "Anna", frozenset(), again)
    assert again.of("noted") == [{"type": "noted", "call_id": "c1", "note": "Vuole la fattura"}]
    house.desk.leave("c1", "caller_hung_up")
    assert again.of("wrap_up")[-1]["note"] == "Vuole la fattura"
    house.desk.wrap_up("anna", "solved", "Vuole la fattura", Presence.AVAILABLE)
    assert await written(house) == [work(0, "solved", "Vuole la fattura")]
    await house.caller("c2")
    await house.later(0)
    await house.desk.answer("anna", again.of("offer")[-1]["offer"], accept=True)
    house.desk.leave("c2", "caller_hung_up")
    assert again.of("wrap_up")[-1]["note"] == ""


async def test_more_time_is_given_once(house: House) -> None:
    anna = await after_a_call(house)
    for _ in range(2):
        await house.later(1000)
        house.desk.more_time("anna")
    shown = anna.of("wrap_up")
    assert [one["more_ms"] for one in shown] == [TIME_MS, 0, 0]
    assert [one["ends_in_ms"] for one in shown] == [TIME_MS, 2 * TIME_MS - 1000, 2 * TIME_MS - 2000]
    await house.later(2 * TIME_MS - 2001)
    assert state_of(anna) == "wrap_up"
    await house.later(1)
    assert await written(house) == [work(2 * TIME_MS, "other")]


async def test_a_code_that_there_is_not_changes_nothing(house: House) -> None:
    anna = await after_a_call(house)
    house.desk.wrap_up("anna", "vacanza", "", Presence.AVAILABLE)
    assert "there is no wrap-up code 'vacanza'" in anna.told[-1]["message"]
    assert state_of(anna) == "wrap_up"
    assert await written(house) == []


async def test_a_page_that_is_loaded_again_goes_on_where_it_was(house: House) -> None:
    anna = await after_a_call(house)
    house.desk.wrap_up("anna", "solved", "Tutto a posto", None)
    house.desk.stand("anna", anna)
    await house.later(RECONNECT_MS - 1)
    again = Console()
    house.desk.sit("anna", "Anna", frozenset(), again)
    assert again.kinds == ["welcome", "wrap_up", "wrap_up", "transcript"]
    (shown,) = again.of("wrap_up")
    assert (shown["call"]["caller"], shown["call"]["slots"]) == ("+39021234", {"ordine": "4711"})
    assert shown["ended"] == "operator_ended"
    assert (shown["code"], shown["note"], shown["ends_in_ms"]) == (
        "solved",
        "Tutto a posto",
        TIME_MS - RECONNECT_MS + 1,
    )
    house.desk.choose("anna", Presence.AVAILABLE)
    assert [one["code"] for one in await written(house)] == ["solved"]


async def test_who_does_not_come_back_has_written_what_they_had(house: House) -> None:
    anna = await after_a_call(house)
    house.desk.stand("anna", anna)
    await house.later(RECONNECT_MS)
    assert house.desk.figures()["operators"] == 0
    assert await written(house) == [work(RECONNECT_MS, "other")]


async def test_who_lost_the_connection_is_offered_nothing_when_the_time_is_over(house: House) -> None:
    anna = await after_a_call(house)
    await house.later(TIME_MS - 5000)
    house.desk.stand("anna", anna)
    await house.later(6000)
    assert house.desk.free_operators() == []
    house.desk.sit("anna", "Anna", frozenset(), Console())
    assert await written(house) == [work(TIME_MS + 1000, "other")]


def test_the_default_must_be_one_of_the_codes() -> None:
    with pytest.raises(ValidationError, match="default 'other' is none of the codes: venduto"):
        WrapUpSettings(codes={"venduto": CodeTitles(it="Venduto", en="Sold")})
