"""What was understood, over HTTP."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from history.deriving.worker import Deriving


async def test_who_reads_calls_reads_what_was_understood(house: Any) -> None:
    call = await house.an_answered_call(said="A che ora aprite? È urgente")
    _, client = await house.member("anna", "operator")
    assert (await client.get(f"/api/interactions/{call}/analyses")).json() == []
    await Deriving(house.journal, house.timeline, ZoneInfo("Europe/Rome")).catch_up()
    found = {one["type"]: one for one in (await client.get(f"/api/interactions/{call}/analyses")).json()}
    assert found["urgency"]["body"] == {"urgency": "high"}
    assert found["urgency"]["why"]["words"] == [{"turn": 3, "words": "urgente"}]
    assert (await house.browser().get(f"/api/interactions/{call}/analyses")).status_code == 401
    _, officer = await house.member("olga", "privacy-officer")
    rows = (await officer.get("/api/audit", params={"subject": call})).json()
    assert [row["action"] for row in rows] == ["audit.read", "analyses.viewed", "analyses.viewed"]
