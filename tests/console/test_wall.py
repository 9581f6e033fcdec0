"""The wall over HTTP and as it happens: for supervisors, whatever other readers do."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import text

from centralino.app import Server
from centralino.serving import serving
from console import wall_board
from dialogs.frame import Queue
from history import Entry, HistoryUnavailable, new_id
from history.deriving.report import KpiReport
from history.deriving.worker import Deriving
from telephony.lines import Line, Lines
from telephony.operators.desk import Desk
from telephony.operators.presence import Presence
from telephony.operators.queue import WaitingCall
from telephony.wall import Wall
from tests.telephony.test_desk import Caller, Console

FREE_MS = 1_000_000


@pytest.fixture
def desk(journal: Any) -> Desk:
    return Desk(journal, lambda: FREE_MS)


@pytest.fixture
def house(house_of: Any, desk: Desk) -> Any:
    calls = [("it", "bot"), ("it", "queue")]
    queues = {"ordini": Queue(), "resi": Queue(join_empty=True)}
    line = SimpleNamespace(id="it", number="", title="", book=SimpleNamespace(queues=queues))
    return house_of(wall=Wall(desk, lambda: Lines([cast(Line, line)]), lambda: calls), zone=UTC)


def waits(desk: Desk, call_id: str, **more: Any) -> None:
    facts = {"queue": "ordini", "priority": 0, "since_ms": FREE_MS - 65_000, "max_wait_ms": 180_000, "line": "it"}
    told = {"caller": "+39021234", "language": "it", "reason": "asked"}
    desk.enqueue(WaitingCall(call_id, **{**facts, **told, **more}), Caller(call_id))


async def test_a_supervisor_sees_who_waits_and_who_works(house: Any, desk: Desk) -> None:
    desk.sit("acc_1", "Anna", frozenset({"ordini"}), Console())
    waits(desk, "c1")
    waits(desk, "c2", since_ms=FREE_MS - 5000, urgency="high")
    _, client = await house.member("sara", "supervisor")
    told = (await client.get("/api/wall")).json()
    queue, other = told["queues"]
    assert (other["queue"], other["waiting"]) == ("resi", 0)
    since = queue.pop("since")
    assert queue == {
        "queue": "ordini", "waiting": 2, "promised": 0, "high": 1, "normal": 1, "low": 0, "free": 0,
        "service_level": None,
    }  # fmt: skip
    [operator] = told["operators"]
    assert (operator["name"], operator["state"], operator["queues"]) == ("Anna", "away", ["ordini"])
    assert datetime.fromisoformat(operator["since"]) - datetime.fromisoformat(since) == timedelta(seconds=65)
    shown = [(one["call_id"], one["place"], one["urgency"], one["queues"]) for one in told["waiting"]]
    assert shown == [("c1", 1, "normal", ["resi"]), ("c2", 2, "high", ["resi"])]
    assert told["lines"] == [{"line": "it", "title": "it", "bot": 1, "queue": 1, "person": 0}]


async def test_todays_service_level_comes_with_its_formula(house: Any) -> None:
    for wait_ms in (5_000, 60_000):
        queued = Entry("handoff.queued", {"queue": "ordini", "reason": "asked", "slots": {}}, 1000)
        joined = Entry("operator.joined", {"operator": "op"}, 1000 + wait_ms)
        began = Entry("call.started", {"line": "it", "door": "browser", "language": "it", "caller": "+39021234"})
        over = Entry("call.ended", {"reason": "caller_hung_up", "outcome": "handed_off"}, 90_000)
        await house.journal.append(new_id(), [began, queued, joined, over])
    await Deriving(house.journal, house.timeline, ZoneInfo("UTC")).catch_up()
    _, client = await house.member("sara", "supervisor")
    told = (await client.get("/api/wall")).json()["service_level"]
    assert (told["whole"], told["within_s"], told["known"]) == ({"value": 0.5, "n": 2}, 20, True)
    assert told["formula"].startswith("SL2 = (answered within T + abandoned within T) ÷")


async def test_a_history_that_cannot_be_read_takes_only_the_figures(
    house: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: Any, **__: Any) -> Any:
        raise HistoryUnavailable("no answer")

    monkeypatch.setattr(KpiReport, "rows", silent)
    waits(desk, "c1")
    _, client = await house.member("sara", "supervisor")
    told = (await client.get("/api/wall")).json()
    assert (told["service_level"]["known"], told["queues"][0]["waiting"]) == (False, 1)


async def test_nobody_else_sees_it_or_forces_anything(house: Any, desk: Desk) -> None:
    desk.sit("acc_1", "Anna", frozenset(), Console())
    for role in ("operator", "flow-admin", "privacy-officer", "sysadmin"):
        _, client = await house.member(role.replace("-", ""), role)
        for path in ("/api/wall", "/api/wall/events"):
            assert (await client.get(path)).status_code == 403, role
        answer = await client.post("/api/operators/acc_1/state", json={"state": "available", "why": "x"})
        assert answer.status_code == 403, role
        assert (await client.post("/api/waiting/c1/move", json={"to": "front"})).status_code == 403, role
    assert desk.now().operators[0].presence is Presence.AWAY


async def test_a_state_is_forced_with_a_reason_that_is_written_down(house: Any, desk: Desk) -> None:
    anna, _ = await house.member("anna", "operator")
    console = Console()
    desk.sit(anna.id, "Anna", frozenset(), console)
    _, client = await house.member("sara", "supervisor")
    answer = await client.post("/api/operators/anna/state", json={"state": "available", "why": "La coda è lunga"})
    assert (answer.status_code, answer.json()) == (200, {"done": "now"})
    assert desk.now().operators[0].presence is Presence.AVAILABLE
    assert console.of("forced") == [{"type": "forced", "state": "available", "why": "La coda è lunga"}]
    query = text("SELECT action, subject_id, detail FROM audit_log WHERE action = 'operator.forced'")
    [row] = await house.timeline.read(lambda connection: connection.execute(query).all())
    assert (row.subject_id, json.loads(row.detail)) == (anna.id, {"state": "available", "why": "La coda è lunga"})
    for name, body, status in (
        ("nessuno", {"state": "away", "why": "x"}, 404),
        ("anna", {"state": "away", "why": ""}, 422),
        ("anna", {"state": "on_call", "why": "x"}, 422),
    ):
        assert (await client.post(f"/api/operators/{name}/state", json=body)).status_code == status, (name, body)


async def begins(house: Any, desk: Desk, *call_ids: str) -> None:
    for call_id in call_ids:
        await house.journal.append(call_id, [Entry("call.started", {"line": "it", "caller": "+39021234"})])
        waits(desk, call_id)


async def test_who_waits_is_moved_and_that_is_written_down_twice(house: Any, desk: Desk) -> None:
    await begins(house, desk, "c1", "c2", "c3")
    anna, _ = await house.member("anna", "operator")
    sara, client = await house.member("sara", "supervisor")
    console = Console()
    desk.sit(anna.id, "Anna", frozenset({"altro"}), console)
    desk.choose(anna.id, Presence.AVAILABLE)

    async def move(call_id: str, **wanted: str) -> tuple[int, str]:
        answer = await client.post(f"/api/waiting/{call_id}/move", json=wanted)
        return answer.status_code, answer.json()["detail"]["code"] if answer.content else ""

    assert await move("c2", to="front") == (204, "")
    assert await move("c2", to="front") == (409, "already_there")
    assert await move("c3", to="queue", name="resi") == (204, "")
    assert await move("c1", to="queue", name="nessuna") == (404, "unknown_queue")
    assert await move("c1", to="operator", name="nessuno") == (404, "not_at_work")
    assert await move("c1", to="operator", name="anna") == (204, "")
    assert await move("c2", to="operator", name=anna.id) == (409, "not_free")
    assert await move("c9", to="front") == (404, "not_waiting")
    told = (await client.get("/api/wall")).json()["waiting"]
    assert [(one["call_id"], one["queue"], one["place"], one["rings_at"]) for one in told] == [
        ("c2", "ordini", 1, ""), ("c1", "ordini", 2, anna.id), ("c3", "resi", 1, ""),
    ]  # fmt: skip
    assert console.of("offer")[-1]["call_id"] == "c1"
    for call_id in ("c1", "c2", "c3"):
        event = (await house.timeline.events(call_id))[1]
        assert (event.type, event.actor) == ("handoff.moved", sara.id)
    query = text("SELECT subject_id, detail FROM audit_log WHERE action = 'call.moved' ORDER BY seq")
    rows = await house.timeline.read(lambda connection: connection.execute(query).all())
    assert (rows[0].subject_id, json.loads(rows[0].detail)) == ("c2", {"to": "front", "name": ""})
    assert json.loads(rows[3].detail) == {"to": "operator", "name": anna.id}


@pytest.fixture
async def url(house: Any) -> AsyncIterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))

    async def drain() -> None:
        pass

    async with serving(cast(Server, SimpleNamespace(app=house.app, drain=drain)), listening):
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


async def until(events: AsyncIterator[str], wanted: Sequence[str]) -> None:
    """The queues have these callers, as text; the time makes a silent stream fail."""
    async with asyncio.timeout(20):
        async for line in events:
            if line.startswith("data: "):
                told = json.loads(line[6:])
                if [f"{one['queue']} {one['waiting']}" for one in told["queues"]] == wanted:
                    return
    raise AssertionError("the stream ended")


async def test_it_is_told_as_it_changes_while_another_reader_takes_nothing(
    house: Any, desk: Desk, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wall_board, "STILL_MAY_S", 0.0)
    session = await house.session("sara", "supervisor")
    cookies = {"centralino": session.token}
    stalled = socket.create_connection((url.split("/")[2].split(":")[0], int(url.rsplit(":", 1)[1])))
    stalled.sendall(f"GET /api/wall/events HTTP/1.1\r\nHost: x\r\nCookie: centralino={session.token}\r\n\r\n".encode())
    async with (
        httpx.AsyncClient(base_url=url, cookies=cookies, timeout=20) as client,
        client.stream("GET", "/api/wall/events") as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        await until(lines, ["ordini 0", "resi 0"])
        waits(desk, "c1")
        await until(lines, ["ordini 1", "resi 0"])
        desk.leave("c1", "caller_hung_up")
        await until(lines, ["ordini 0", "resi 0"])
        await house.accounts.sessions.end(session.token)  # signed out elsewhere: the stream ends
        async with asyncio.timeout(20):
            assert [line async for line in lines if line.startswith("data:")] == []
    stalled.close()
