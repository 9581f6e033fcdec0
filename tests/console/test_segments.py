"""Journeys and segments over HTTP, with who looked at them; a segment becomes a campaign."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

import samples
from console.command_token import CommandToken
from dialogs import load_flowbook
from history import Entry, new_id
from history.deriving.worker import Deriving
from history.journeys.named import named_rules
from telephony.lines import Line, Lines
from telephony.outbound.database import OutboundDatabase
from telephony.outbound.office import Outbound
from voice.speaking.synthesizer import Voice

ANNA, BRUNO = "+390512345678", "+390512345679"


@pytest.fixture
async def place(house_of: Any, tmp_path: Path) -> AsyncIterator[Any]:
    """Anna wrote, then called twice about a return; Bruno called once; rules in a company's folder."""
    company = tmp_path / "company"
    (company / "segments").mkdir(parents=True)
    rule = 'title = "Due volte per un reso"\nwithin_days = 7\nat_least = 2\nchannel = ["voice"]\ntopic = ["returns"]\n'
    (company / "segments/twice.toml").write_text(rule)
    (company / "segments/all.toml").write_text("within_days = 7\n")
    (company / "segments/odd.toml").write_text("within_days = 0\n")
    book = load_flowbook(Path(samples.__file__).parent / "bookshop/flowbook.yaml")
    line = Line("libreria", "+390510000001", "it", Voice("pyttsx3", "it"), book, cast(Any, None))
    database = await OutboundDatabase.open(tmp_path / "outbound.db")
    outbound = Outbound.of(database, lambda: Lines([line]), None)
    commands = CommandToken("secret")
    house = house_of(outbound=outbound, segment_rules=lambda: named_rules(company), commands=commands)
    for caller in (ANNA, ANNA, BRUNO):
        log = [
            Entry("call.started", {"line": "it", "door": "browser", "language": "it", "caller": caller}),
            Entry("transcript", {"speaker": "caller", "text": "vorrei fare un reso", "start_ms": 0, "end_ms": 900}),
            Entry("call.ended", {"reason": "bot_ended", "outcome": "answered"}, 2000),
        ]
        await house.journal.append(new_id(), log)
    await Deriving(house.journal, house.timeline, ZoneInfo("Europe/Rome")).catch_up()
    yield house
    await database.close()


async def audited(house: Any) -> list[dict[str, Any]]:
    _, officer = await house.member("olga", "privacy-officer")
    return cast("list[dict[str, Any]]", (await officer.get("/api/audit")).json())


async def test_journeys_as_json_and_csv(place: Any) -> None:
    account, client = await place.member("paola", "flow-admin")
    page = (await client.get("/api/journeys", params={"topic": "returns"})).json()
    call = {"channel": "voice", "topic": "returns", "outcome": "answered"}
    name = "voice returns answered"
    same = {"source": name, "target": name, "came_from": call, "went_to": call, "contacts": 1}
    assert page["links"] == [{"step": step, **same} for step in (-1, 0)]
    assert page["left_off"] == 0
    today = datetime.now(UTC).date()
    days = {"from": str(today - timedelta(days=1)), "to": str(today + timedelta(days=1))}
    some = (await client.get("/api/journeys", params={**days, "ends": True, "limit": 1})).json()
    assert [(one["step"], one["target"], one["contacts"]) for one in some["links"]] == [(-1, name, 2)]
    assert (some["links"][0]["source"], some["left_off"]) == ("nothing", 5)
    assert (await client.get("/api/journeys", params={"from": days["from"]})).status_code == 422
    assert (await client.get("/api/journeys", params={"channel": "email"})).json()["links"] == []
    table = await client.get("/api/journeys", params={"format": "csv", "line": "it"})
    assert table.text.splitlines()[0] == "step,source,target,contacts"
    assert "0,voice returns answered,voice returns answered,1" in table.text.splitlines()
    wrong = await client.get("/api/journeys", params={"since": "2026-05-02T00:00:00Z", "until": "2026-05-01T00:00:00Z"})
    assert (wrong.status_code, wrong.json()["detail"]["code"]) == (422, "bad_journeys")
    rows = [row for row in await audited(place) if row["action"] == "journeys.viewed"]
    assert [row["actor"] for row in rows] == [account.id] * 4


async def test_who_is_in_a_segment_is_paged_and_each_look_is_written_down(place: Any) -> None:
    account, client = await place.member("sara", "supervisor")
    listed = (await client.get("/api/segments")).json()
    assert [(one["name"], one["title"], bool(one["fault"])) for one in listed] == [
        ("all", "", False), ("odd", "", True), ("twice", "Due volte per un reso", False)]  # fmt: skip
    [anna] = (await client.get("/api/segments/twice")).json()["members"]
    assert (anna["number"], anna["times"]) == (ANNA, 2)
    first = (await client.get("/api/segments/all", params={"limit": 1})).json()
    second = (await client.get("/api/segments/all", params={"limit": 1, "after": first["next"]})).json()
    third = (await client.get("/api/segments/all", params={"limit": 1, "after": second["next"]})).json()
    assert [page["members"][0]["number"] for page in (first, second)] == [ANNA, BRUNO]
    assert (first["contacts"], second["contacts"], third["members"], third["next"]) == (2, None, [], "")
    assert first["at"] == second["at"]
    rows = [row for row in await audited(place) if row["action"] == "segment.viewed"]
    assert {row["actor"] for row in rows} == {account.id}
    assert [len(json.loads(row["detail"])["shown"]) for row in rows] == [0, 1, 1, 1]
    assert json.loads(rows[-1]["detail"])["shown"] == [anna["contact_id"]]
    for path, status, code in (
        ("nobody", 404, "unknown_segment"), ("odd", 409, "bad_segment"), ("all?after=x", 422, "bad_page")):  # fmt: skip
        answer = await client.get(f"/api/segments/{path}")
        assert (answer.status_code, answer.json()["detail"]["code"]) == (status, code)
    assert (await client.get("/api/segments/..%2Fcompany")).status_code in (404, 422)


async def test_a_list_of_a_segment_is_for_spreadsheets_and_campaigns(place: Any) -> None:
    [anna] = (await place.timeline.read(
        lambda connection: connection.exec_driver_sql(
            "SELECT contact_id FROM contact_point WHERE value = '+390512345678'").all()))  # fmt: skip
    await place.journal.change(
        lambda connection, now: connection.exec_driver_sql(
            "UPDATE contact SET name = '=HYPERLINK(1)' WHERE id = '" + anna.contact_id + "'"
        )
    )
    _, client = await place.member("sara", "supervisor")
    answer = await client.get("/api/segments/all", params={"format": "csv"})
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows == [["number", "name"], ["00390512345678", "'=HYPERLINK(1)"], ["00390512345679", ""]]
    # A rule without a name, as the command asks.
    command = place.browser()
    command.headers["Authorization"] = "Bearer secret"
    del command.headers["Origin"], command.headers["Sec-Fetch-Site"]
    same = await command.post("/api/segments/export", json={"within_days": 7, "at_least": 2})
    assert list(csv.reader(io.StringIO(same.text)))[1:] == rows[1:2]
    assert (same.headers["X-Contacts"], same.headers["X-Numbers"]) == ("1", "1")
    exports = [row for row in await audited(place) if row["action"] == "segment.exported"]
    told = [(row["actor"], row["subject_id"], json.loads(row["detail"])["contacts"]) for row in exports]
    assert told[0] == ("command line", "", 1)
    assert (exports[1]["subject_id"], exports[1]["role"]) == ("all", "supervisor")


async def test_a_segment_becomes_a_campaign(place: Any) -> None:
    _, client = await place.member("sara", "supervisor")
    plan = {"name": "resi", "flow": "promemoria_ritiro", "line": "libreria", "purpose": "service"}
    lacking = await client.post("/api/segments/twice/campaign", json=plan)
    assert (lacking.status_code, lacking.json()["detail"]["code"]) == (422, "bad_campaign")
    said = {"slots": {"titolo": "Gomorra", "scadenza": "lunedì"}}
    made = await client.post("/api/segments/twice/campaign", json=plan | said)
    assert made.status_code == 201, made.text
    campaign = made.json()["campaign"]
    assert (campaign["status"], campaign["figures"]["contacts"], made.json()["bad_lines"]) == ("ready", 1, [])
    report = await client.get(f"/api/campaigns/{campaign['id']}/report.csv")
    assert "390512345678" in report.text
    assert "390512345679" not in report.text
    advertising = await client.post(
        "/api/segments/all/campaign", json=plan | said | {"name": "a", "purpose": "marketing"}
    )
    assert "consent" in advertising.json()["detail"]["message"]
    called = [row for row in await audited(place) if row["action"] == "segment.called"]
    assert [(row["subject_id"], json.loads(row["detail"])["numbers"]) for row in called] == [
        ("all", 2), ("twice", 1), ("twice", 1)]  # fmt: skip


async def test_segments_are_for_supervisors(place: Any) -> None:
    for role in ("operator", "flow-admin", "privacy-officer", "sysadmin"):
        _, client = await place.member(f"ugo{role}", role)
        for answer in (
            await client.get("/api/segments"),
            await client.get("/api/segments/all"),
            await client.post("/api/segments/export", json={"within_days": 7}),
            await client.post("/api/segments/all/campaign", json={}),
        ):
            assert (role, answer.status_code) == (role, 403)
    _, operator = await place.member("anna", "operator")
    assert (await operator.get("/api/journeys")).status_code == 403
