"""KPIs over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from history.deriving.worker import Deriving
from tests.history.calls import ANSWERED, entries, handed, said


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


async def test_the_funnel_and_the_topics_as_json_and_csv(house: Any) -> None:
    calls = (*ANSWERED[:1], said("caller", "che orari fate"), *ANSWERED[1:]), handed("desk", 12, 100)
    for n, call in enumerate(calls):
        await house.journal.append(f"call-{n}", entries(*call, began=datetime.now(UTC)))
    await Deriving(house.journal, house.timeline, ZoneInfo("Europe/Rome")).catch_up()
    _, client = await house.member("fabio", "flow-admin")
    today = datetime.now(UTC).date()
    asked = {"from": str(today - timedelta(days=1)), "to": str(today + timedelta(days=1))}
    stages = (await client.get("/api/funnel", params=asked)).json()["stages"]
    assert [one["stage"] for one in stages] == ["arrived", "spoke", "understood", "served", "solved"]
    assert [one["sessions"] for one in stages] == [2, 2, 2, 1, 0]  # who was answered called again at once
    assert [one["passed"] for one in stages] == [0, 0, 1, 0, 0]
    table = await client.get("/api/funnel", params={**asked, "line": "it", "format": "csv"})
    assert table.headers["content-disposition"].startswith('attachment; filename="funnel-')
    assert table.text.splitlines()[0] == "stage,sessions,passed_to_people,lost,definition"
    assert table.text.splitlines()[3].startswith("understood,2,1,0,")
    page = (await client.get("/api/topics", params=asked)).json()
    assert sum(one["interactions"] for one in page["told"]) == 2
    table = await client.get("/api/topics", params={**asked, "channel": "voice", "format": "csv"})
    assert table.text.splitlines()[0] == "topic,urgency,mood,interactions,handed"
    assert len(table.text.splitlines()) == 1 + len(page["told"])
    _, operator = await house.member("anna", "operator")
    for path in ("/api/funnel", "/api/topics"):
        assert (await operator.get(path, params=asked)).status_code == 403
        wrong = await client.get(path, params={"from": "2026-05-02", "to": "2026-05-01"})
        assert (wrong.status_code, wrong.json()["detail"]["code"]) == (422, "bad_days")
