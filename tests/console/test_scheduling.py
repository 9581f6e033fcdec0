"""An operator agrees with a caller on when to call back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dialogs.calendars import Calendar
from history import Entry
from telephony.lines import Hours, Lines
from telephony.outbound.appointing import wrong_time
from telephony.outbound.office import Outbound
from telephony.outbound.owed import Owed, may_dial
from telephony.outbound.settings import OutboundSettings
from tests.console.test_outbound import Place, place

__all__ = ["place"]

MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)
"""10:00 in Rome."""


@dataclass(frozen=True)
class Scene:
    house: Any
    outbound: Outbound
    call: str
    path: str


@pytest.fixture
async def scene(house_of: Any, place: Place) -> Scene:
    """A call that is answered by an operator of the queue `assistenza`."""
    line = replace(next(iter(place.outbound.lines())), id="it")
    outbound = replace(place.outbound, lines=lambda: Lines([line]))
    house = house_of(outbound=outbound)
    call = await house.an_answered_call()
    await house.journal.append(call, [Entry("handoff.queued", {"queue": "assistenza", "slots": {}}, 1000)])
    return Scene(house, outbound, call, f"/api/interactions/{call}/callback")


def next_monday_at_ten() -> datetime:
    now = datetime.now(UTC)
    return (now + timedelta(days=7 - now.weekday())).replace(hour=9, minute=0, second=0, microsecond=0)


async def test_it_is_on_the_list_with_its_time_and_is_not_dialled_before(scene: Scene) -> None:
    _, anna = await scene.house.member("anna", "operator", ("assistenza",))
    rules = scene.outbound.settings.hours("service")
    at = next_monday_at_ten()
    while not rules.on(at.date()):
        at += timedelta(days=1)
    made = await anna.post(scene.path, json={"at": at.isoformat()})
    assert made.status_code == 201, made.text
    assert (made.json()["number"], made.json()["dials"]) == ("+393331112222", False)
    (shown,) = (await anna.get("/api/callbacks")).json()
    assert (shown["reason"], shown["queue"], shown["number"]) == ("scheduled", "assistenza", "+393331112222")
    assert datetime.fromisoformat(shown["due_at"]) == at
    key = (scene.call, made.json()["seq"])
    task = (await scene.outbound.promises.tasks([key]))[key]
    owed = [Owed(key, "assistenza", "+393331112222", MONDAY, {}, task)]
    early, then = at - timedelta(minutes=1), at
    assert may_dial(owed, [], [frozenset()], [], early) == []
    assert may_dial(owed, [], [frozenset()], [], then) == owed
    assert not await scene.outbound.promises.claim(key, "c1", then, early)
    assert await scene.outbound.promises.claim(key, "c1", then, then)


async def test_what_cannot_be_is_refused_with_the_reason(scene: Scene) -> None:
    _, anna = await scene.house.member("anna", "operator")
    _, fausto = await scene.house.member("fausto", "flow-admin")
    at = next_monday_at_ten()

    async def refused(client: Any, path: str, at: datetime) -> tuple[int, str]:
        answer = await client.post(path, json={"at": at.isoformat()})
        return answer.status_code, answer.json()["detail"]["code"]

    assert await refused(anna, scene.path, at - timedelta(days=30)) == (422, "in_the_past")
    assert await refused(anna, scene.path, at + timedelta(days=90)) == (422, "too_far")
    assert await refused(anna, scene.path, at - timedelta(hours=6)) == (422, "outside_hours")
    assert await refused(anna, "/api/interactions/nothing/callback", at) == (404, "unknown_interaction")
    assert await refused(fausto, scene.path, at) == (403, "role_missing")
    hidden = await scene.house.an_answered_call(caller="")
    assert await refused(anna, f"/api/interactions/{hidden}/callback", at) == (409, "no_number")
    await scene.outbound.opt_outs.add(["+393331112222"], "admin", MONDAY)
    assert await refused(anna, scene.path, at) == (409, "opted_out")
    assert (await anna.get("/api/callbacks")).json() == []


def test_the_lines_own_hours_and_those_of_calls_both_hold(place: Place) -> None:
    line = next(iter(place.outbound.lines()))
    mornings = replace(line, hours=Hours(Calendar(tz="Europe/Rome", week={"mon-fri": ["09:00-12:00"]})))
    settings, now = OutboundSettings(), MONDAY - timedelta(days=1)
    assert wrong_time(MONDAY, now, mornings, settings) == ""
    afternoon = MONDAY + timedelta(hours=5)
    assert wrong_time(afternoon, now, mornings, settings) == "outside_hours"
    assert wrong_time(afternoon, now, line, settings) == ""
    assert wrong_time(MONDAY + timedelta(hours=12), now, line, settings) == "outside_hours"
