"""Search and notes over HTTP."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from history.deriving.worker import Deriving


async def test_who_is_signed_in_finds_what_was_said_and_noted(house: Any) -> None:
    call = await house.an_answered_call(said=f"A che ora aprite? {house.xss}")
    account, client = await house.member("anna", "operator")
    made = await client.post(f"/api/interactions/{call}/notes", json={"text": "richiamare giovedì"})
    assert made.status_code == 201
    await Deriving(house.journal, house.timeline, ZoneInfo("Europe/Rome")).catch_up()
    page = (await client.get("/api/search", params={"q": '"che ora" apritte'})).json()
    [hit] = page["hits"]
    assert (hit["id"], page["meant"], page["before"]) == (call, {"apritte": ["aprite"]}, "")
    [snippet] = hit["snippets"]
    assert [snippet["text"][begin:end] for begin, end in snippet["marks"]] == ["che", "ora", "aprite"]
    [noted] = (await client.get("/api/search", params={"q": "giovedi"})).json()["hits"][0]["snippets"]
    assert noted["speaker"] == "note"
    assert (await house.timeline.events(call))[-1].actor == account.id


async def test_what_cannot_be_looked_for_is_said(house: Any) -> None:
    _, client = await house.member("anna", "operator")
    for wrong in ({"q": "..."}, {"q": "a " * 90}, {"q": "x", "before": "y"}):
        answer = await client.get("/api/search", params=wrong)
        assert (answer.status_code, answer.json()["detail"]["code"]) == (422, "bad_search"), wrong
    assert (await client.post("/api/interactions/none/notes", json={"text": "x"})).status_code == 404
    assert (await house.browser().get("/api/search", params={"q": "x"})).status_code == 401
