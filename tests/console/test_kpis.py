"""KPIs over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from history.deriving.worker import Deriving


async def test_an_admin_reads_kpis_as_json_and_csv(house: Any) -> None:
    await house.an_answered_call()
    await house.a_callback_call()
    await Deriving(house.journal, house.timeline, ZoneInfo("Europe/Rome")).catch_up()
    _, client = await house.member("paola", "admin")
    today = datetime.now(UTC).date()
    asked = {"from": str(today - timedelta(days=1)), "to": str(today + timedelta(days=1))}
    page = (await client.get("/api/kpis", params=asked)).json()
    [whole] = page["rows"]
    assert (whole["calls"], whole["values"]["calls"]) == (2, {"value": 2.0, "n": 2})
    assert {one["name"] for one in page["definitions"]} == set(whole["values"])
    by_line = (await client.get("/api/kpis", params={**asked, "by": "line"})).json()["rows"]
    assert [row["key"] for row in by_line] == ["it"]
    answer = await client.get("/api/kpis", params={**asked, "by": "article", "format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert [line.split(",")[:3] for line in answer.text.splitlines()] == [
        ["article", "calls", "calls_n"], ["orari", "1.0", "1"]]  # fmt: skip


async def test_kpis_are_for_admins_and_say_what_they_do_not_know(house: Any) -> None:
    _, operator = await house.member("anna", "operator")
    asked = {"from": "2026-05-01", "to": "2026-05-31"}
    assert (await operator.get("/api/kpis", params=asked)).status_code == 403
    _, admin = await house.member("paola", "admin")
    for wrong in ({"by": "operator"}, {"within": 17}, {"to": "2026-04-01"}):
        answer = await admin.get("/api/kpis", params={**asked, **wrong})
        assert (answer.status_code, answer.json()["detail"]["code"]) == (422, "bad_kpis"), wrong
