"""Call-backs that operators take, and campaigns that admins make, start and read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

import samples
from dialogs import load_flowbook
from telephony.lines import Line, Lines
from telephony.outbound.database import OutboundDatabase
from telephony.outbound.office import Outbound
from voice.speaking.synthesizer import Voice

LIST = "number,name,titolo,scadenza\n051 234 5678,Anna,Gomorra,lunedì\n12,Lia,Emma,lunedì\n"
PLAN = {"name": "ritiri", "flow": "promemoria_ritiro", "line": "libreria", "purpose": "service"}


@dataclass
class Place:
    house: Any
    outbound: Outbound


@pytest.fixture
async def place(house_of: Any, tmp_path: Path) -> AsyncIterator[Place]:
    book = load_flowbook(Path(samples.__file__).parent / "bookshop/flowbook.yaml")
    line = Line("libreria", "+390510000001", "it", Voice("pyttsx3", "it"), book, cast(Any, None))
    database = await OutboundDatabase.open(tmp_path / "outbound.db")
    outbound = Outbound.of(database, lambda: Lines([line]), None)
    yield Place(house_of(outbound=outbound), outbound)
    await database.close()


# ---------------------------------------------------------------------------------------------------------- call-backs


async def test_an_operator_takes_a_call_back_and_the_others_see_who(place: Place) -> None:
    call = await place.house.a_callback_call()
    _, anna = await place.house.member("anna", "operator")
    _, bruno = await place.house.member("bruno", "operator")
    path = f"/api/callbacks/{call}/2"
    assert (await anna.post(f"{path}/take")).status_code == 204
    seen = (await bruno.get("/api/callbacks")).json()[0]
    assert (seen["status"], seen["holder_name"], seen["mine"]) == ("taken", "Anna", False)
    assert (await anna.get("/api/callbacks")).json()[0]["mine"] is True
    taken = await bruno.post(f"{path}/take")
    assert (taken.status_code, taken.json()["detail"]["code"]) == (409, "callback_taken")
    assert (await bruno.post(f"{path}/give-back")).status_code == 409
    assert (await anna.post(f"{path}/give-back")).status_code == 204
    assert (await bruno.post(f"{path}/take")).status_code == 204
    assert (await bruno.post(f"{path}/done")).status_code == 204
    assert (await bruno.get("/api/callbacks")).json() == []
    assert (await bruno.post(f"{path}/take")).status_code == 409


async def test_who_dealt_with_a_call_back_is_told_to_who_may_see_its_queue(place: Place) -> None:
    orders = await place.house.a_callback_call()
    returns = await place.house.a_callback_call("resi")
    _, anna = await place.house.member("anna", "operator", ("ordini",))
    _, bruno = await place.house.member("bruno", "operator", ("resi",))
    _, sara = await place.house.member("sara", "supervisor")
    assert (await anna.post(f"/api/callbacks/{orders}/2/done")).status_code == 204
    assert (await bruno.post(f"/api/callbacks/{returns}/2/done")).status_code == 204

    async def done(client: Any, **query: Any) -> list[tuple[str, str, str]]:
        answer = await client.get("/api/callbacks", params={"done": True, **query})
        return [(one["queue"], one["status"], one["done_by_name"]) for one in answer.json()]

    assert await done(sara) == [("resi", "done", "Bruno"), ("ordini", "done", "Anna")], "the latest first"
    assert await done(anna, limit=1) == [("ordini", "done", "Anna")], "others' queues take no place in the list"
    assert (await sara.get("/api/callbacks")).json() == []


async def test_of_many_who_click_at_once_one_has_it(place: Place) -> None:
    call = await place.house.a_callback_call()
    members = [await place.house.member(name, "operator") for name in ("anna", "bruno", "carla")]
    answers = await asyncio.gather(*(client.post(f"/api/callbacks/{call}/2/take") for _, client in members))
    assert sorted(answer.status_code for answer in answers) == [204, 409, 409]


# ----------------------------------------------------------------------------------------------------------- campaigns


async def test_a_campaign_from_the_list_to_the_report(place: Place) -> None:
    _, ada = await place.house.member("ada", "admin")
    made = await ada.post("/api/campaigns", params=PLAN, content=LIST.encode())
    assert made.status_code == 201, made.text
    body = made.json()
    assert body["bad_lines"] == [
        {"line": 3, "why": "no such number can exist in IT: check its length and its first digits"}
    ]
    assert body["dials"] is False
    one = body["campaign"]["id"]
    assert (await ada.post(f"/api/campaigns/{one}/start")).json()["status"] == "running"
    assert (await ada.post(f"/api/campaigns/{one}/pause")).json()["status"] == "paused"
    assert (await ada.post(f"/api/campaigns/{one}/resume")).json()["status"] == "running"
    assert [row["name"] for row in (await ada.get("/api/campaigns")).json()] == ["ritiri"]
    report = await ada.get(f"/api/campaigns/{one}/report.csv")
    assert report.headers["content-type"].startswith("text/csv")
    assert report.text.splitlines()[1].startswith("2,+390512345678,Anna,waiting")
    assert "12,Lia,Emma" in (await ada.get(f"/api/campaigns/{one}/bad-lines.csv")).text
    assert (await ada.post(f"/api/campaigns/{one}/stop")).json()["status"] == "stopped"
    assert (await ada.post(f"/api/campaigns/{one}/start")).status_code == 409


@pytest.mark.parametrize(
    ("change", "content", "told"),
    [
        ({"flow": "welcome"}, LIST, "no flow 'welcome' can begin a call"),
        ({"line": "nessuna"}, LIST, "no line 'nessuna'"),
        ({}, "number\n0512345678\n", "no column 'scadenza', 'titolo'"),
        ({}, "number,titolo,scadenza\n1,x,y\n", "nobody in the list can be called; line 2"),
        ({"purpose": "marketing"}, LIST, "when and how did this person agree"),
        ({"flow": "sondaggio_consegna", "on_machine": "leave_message"}, "number\n0512345678\n", "has no message"),
    ],
)
async def test_a_campaign_that_cannot_be_is_told(place: Place, change: Any, content: str, told: str) -> None:
    _, ada = await place.house.member("ada", "admin")
    answer = await ada.post("/api/campaigns", params={**PLAN, **change}, content=content.encode())
    assert answer.status_code == 422
    assert told in answer.json()["detail"]["message"]
    assert (await ada.get("/api/campaigns")).json() == []


async def test_campaigns_are_for_admins(place: Place) -> None:
    _, anna = await place.house.member("anna", "operator")
    assert (await anna.get("/api/campaigns")).status_code == 403
    assert (await anna.post("/api/campaigns", params=PLAN, content=LIST.encode())).status_code == 403
    assert (await anna.post("/api/opt-outs", json={"numbers": ["0512345678"]})).status_code == 403


async def test_a_long_list_is_taken_and_other_bodies_stay_short(place: Place) -> None:
    _, ada = await place.house.member("ada", "admin")
    rows = "".join(f"051 23{n:05},{'x' * 100},lunedì\n" for n in range(2000))
    made = await ada.post("/api/campaigns", params=PLAN, content=f"number,titolo,scadenza\n{rows}".encode())
    assert made.status_code == 201, made.text
    assert (await ada.post("/api/opt-outs", content=b" " * 100_000)).status_code == 413


async def test_opt_outs_and_the_register(place: Place) -> None:
    _, ada = await place.house.member("ada", "admin")
    assert (await ada.post("/api/opt-outs", json={"numbers": ["051 2345678"]})).json() == {"added": 1, "all": 1}
    assert await place.outbound.opt_outs.has("+390512345678")
    assert (await ada.delete("/api/opt-outs/0512345678")).status_code == 204
    assert (await ada.delete("/api/opt-outs/0512345678")).status_code == 404
    assert (await ada.post("/api/opt-outs", json={"numbers": ["ciao"]})).status_code == 422
    told = {"numbers": ["0512345678"], "checked_at": "2026-11-27T09:00:00+01:00", "listed": False}
    assert (await ada.post("/api/register-answers", json=told)).json() == {"kept": 1}
