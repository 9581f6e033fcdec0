"""Whole calls whose history is in PostgreSQL, and what becomes of them when it cannot be reached."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio

from centralino.calling import (
    CallRefused,
    ExpectHangUp,
    HangUp,
    Happening,
    Keys,
    Say,
    Silence,
    WaitFor,
    WaitForQuiet,
)  # fmt: skip
from centralino.history_settings import HistorySettings
from centralino.webhook_settings import WebhookSettings
from tests.cable import Cable, cable_to
from tests.calls.conftest import Exchange, exchange_in, new_caller, one_line
from tests.conftest import NewDatabase

HUMAN = "+390519999999"
KO = "seojeom"
"""A line heard by Vosk, which is there sooner than Whisper, for calls in which nothing is said."""


class Told:
    """A receiver of webhooks: which events it was told, how often."""

    def __init__(self) -> None:
        self.messages: Counter[tuple[str, str]] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        size = int(head.partition("content-length:")[2].partition("\r\n")[0])
        body = json.loads(await reader.readexactly(size))
        self.messages[body["type"], body["data"]["interaction_id"]] += 1
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()


@dataclass
class Wired:
    """A server, the cable to its database, the database itself, and who is told of events."""

    exchange: Exchange
    cable: Cable
    url: str
    told: Told
    hook: str


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def wired(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> AsyncIterator[Wired]:
    folder = tmp_path_factory.mktemp("postgres")
    told = Told()
    receiver = await asyncio.start_server(told.serve, "127.0.0.1", 0)
    at = f"127.0.0.1:{receiver.sockets[0].getsockname()[1]}"
    with new_database("calls") as url:
        async with cable_to(url) as cable:
            settings = {
                "company": one_line(folder),
                "history": HistorySettings(url=cable.url, node="bologna-1"),
                "webhooks": WebhookSettings(inside=(at,)),
                "human_number": HUMAN,
            }
            async with exchange_in(folder, **settings) as exchange:
                yield Wired(exchange, cable, url, told, at)
            assert "Traceback" not in exchange.log_text(), exchange.log_text()


async def test_a_spoken_call_from_article_to_operator_is_in_postgresql(wired: Wired) -> None:
    exchange, said, caller = wired.exchange, wired.exchange.said, new_caller()
    connected = asyncio.Event()

    def watch(happening: Happening) -> None:
        if happening.kind == "connected":
            connected.set()

    operator = asyncio.create_task(exchange.operator("Rina", (Say(said["op_it_1"]), Silence(1500)), watch))
    moves = (
        WaitForQuiet(), Say(said["it_orari"]), WaitForQuiet(), Say(said["it_operatore"]),
        WaitFor(connected.is_set, "an operator was connected"), ExpectHangUp(60_000),
    )  # fmt: skip
    _, record = await exchange.call("libreria", moves, caller=caller)
    taken = await operator

    assert "opening-hours" in record.articles
    assert any(turn.text and turn.speaker == "caller" for turn in taken.offer.transcript)
    assert record.said_by("operator")
    assert [event.seq for event in record.events] == list(range(1, len(record.events) + 1))
    assert (record.detail.interaction.outcome, record.detail.interaction.end_reason) == ("handed_off", "operator_ended")
    async with exchange.reader() as console:
        contact = (await console.get("/api/contacts", params={"value": caller})).json()
        [shown] = (await console.get(f"/api/contacts/{contact['id']}/interactions")).json()["interactions"]
        assert shown["id"] == record.id
        day = datetime.now().astimezone().date().isoformat()
        async with asyncio.timeout(20):
            while True:
                rows = (await console.get("/api/kpis", params={"from": day, "to": day})).json()["rows"]
                if rows and rows[0]["calls"] == 1:
                    break
                await asyncio.sleep(0.2)
        assert rows[0]["values"]["transfer"]["value"] == 1.0
        word = max(record.said_by("caller").split(), key=len)
        [hit] = (await console.get("/api/search", params={"q": word})).json()["hits"]
        assert hit["id"] == record.id


async def test_a_database_that_is_cut_in_mid_call_sends_the_caller_to_the_human_number(wired: Wired) -> None:
    """Nobody is at the desk. Meanwhile no call is taken and nothing read; afterwards all is as before."""
    exchange, cable, caller = wired.exchange, wired.cable, new_caller()
    broken = asyncio.Event()

    def cut() -> bool:
        cable.cut()
        broken.set()
        return True

    moves = (WaitForQuiet(), WaitFor(cut, "the cable"), Keys("9"), ExpectHangUp(20_000))
    async with asyncio.timeout(90), exchange.reader() as console:
        call = asyncio.create_task(exchange.dial("libreria", moves, caller=caller))
        await broken.wait()
        try:
            with pytest.raises(CallRefused, match=f"Dial.*{HUMAN[1:]}"):
                await exchange.dial("libreria", (ExpectHangUp(),))
            ready, listed = await asyncio.gather(console.get("/ready"), console.get("/api/interactions"))
            assert (ready.status_code, listed.status_code) == (503, 503)
            assert [reason["why"] for reason in ready.json()["reasons"]] == ["history"]
            result = await call
        finally:
            await cable.mend()
        assert [verb for verb in result.afterwards if HUMAN in verb], result.afterwards
        record = await exchange.record_of(caller)
        assert "failure" in record.keys, "a spoken word"
        assert [event.seq for event in record.events] == list(range(1, len(record.events) + 1))
        assert record.detail.interaction.end_reason == "history_unavailable"
        assert (await console.get("/ready")).status_code == 200
        assert (await console.get("/api/interactions")).status_code == 200


async def test_a_database_that_gives_no_answer_sends_the_caller_to_an_operator(wired: Wired) -> None:
    """And it comes back while they talk; what was said meanwhile is in the history then, too."""
    exchange, cable, caller, said = wired.exchange, wired.cable, new_caller(), wired.exchange.said
    connected = asyncio.Event()

    def silence() -> bool:
        cable.silence()
        return True

    def watch(happening: Happening) -> None:
        if happening.kind == "connected":
            connected.set()

    async with asyncio.timeout(90):
        talk = (Say(said["op_it_1"]), Silence(3000))
        operator = asyncio.create_task(exchange.operator("Rina", talk, watch))
        moves = (
            WaitForQuiet(), WaitFor(silence, "the cable"), Say(said["it_orari"]),
            WaitFor(connected.is_set, "an operator was connected"), ExpectHangUp(30_000),
        )  # fmt: skip
        call = asyncio.create_task(exchange.dial("libreria", moves, caller=caller))
        try:
            await connected.wait()
        finally:
            await cable.mend()
        result, taken = await asyncio.gather(call, operator)
        record = await exchange.record_of(caller)
    assert result.dead_air_ms < 10_000, "however long the database is silent"
    assert taken.offer.reason == "failure"
    assert taken.wrapped_up
    assert record.keys.index("one_moment") < record.keys.index("failure"), "the silence is filled"
    assert record.said_by("operator")
    assert [event.seq for event in record.events] == list(range(1, len(record.events) + 1))
    order = ["handoff.queued", "offer.made", "offer.accepted", "operator.joined", "call.ended"]
    assert [event.type for event in record.events if event.type in order] == order


async def test_of_two_servers_the_survivor_ends_the_calls_of_the_other(wired: Wired, tmp_path: Path) -> None:
    """Callers on both, one of whom calls both; whatever both could do is done once."""
    first, told, caller = wired.exchange, wired.told, new_caller()
    history = HistorySettings(url=wired.url, node="roma-1")
    settings = {
        "history": history,
        "webhooks": WebhookSettings(inside=(wired.hook,)),
        "company": one_line(tmp_path, KO),
    }
    brief, over, living = (WaitForQuiet(), HangUp()), asyncio.Event(), new_caller()
    async with exchange_in(tmp_path, **settings) as other, first.reader() as here, other.reader() as there:
        asked = {"url": f"http://{wired.hook}/hook", "types": ["call.started", "call.ended"]}
        assert (await here.post("/api/webhooks", json=asked)).status_code == 201
        async with asyncio.timeout(60):
            await asyncio.gather(first.dial("libreria", brief, caller=caller), other.dial(KO, brief, caller=caller))
            shown = await _until_both_are_over(here, caller)
            assert await _until_both_are_over(there, caller) == shown, "either shows both"
        async with asyncio.timeout(90):
            moves = (WaitForQuiet(), WaitFor(over.is_set, "the end of the other", 80_000), Keys("1"), HangUp())
            lives = asyncio.create_task(first.dial("libreria", moves, caller=living))
            cut = (await other.record_of(await _hanging(other, new_caller()), ended=False)).id
            running = (await first.record_of(living, ended=False)).id
            other.process.kill()
            await other.process.wait()
            while not (ended := (await here.get(f"/api/interactions/{cut}")).json()["interaction"])["ended_at"]:
                await asyncio.sleep(0.3)
            assert ended["end_reason"] == "node_lost"
            assert (await here.get(f"/api/interactions/{running}")).json()["interaction"]["ended_at"] is None, (
                "it lives"
            )
            over.set()
            await lives
            record = await first.record_of(living)
            assert record.detail.interaction.end_reason == "caller_hung_up"
            ids = {*(one["id"] for one in shown), cut, running}
            while {one for kind, one in told.messages if kind == "call.ended"} != ids or await _marked(wired.url):
                await asyncio.sleep(0.2)
            day = datetime.now().astimezone().date().isoformat()
            rows = (await here.get("/api/kpis", params={"from": day, "to": day})).json()["rows"]
    wanted = {(kind, one) for kind in ("call.started", "call.ended") for one in ids}
    assert told.messages == Counter(wanted), "each is sent once"
    with psycopg.connect(wired.url) as history_of:
        [(calls, ends, elsewhere)] = history_of.execute(
            "SELECT (SELECT count(*) FROM interaction),"
            " (SELECT count(*) FROM interaction_event WHERE type = 'call.ended'),"
            " (SELECT count(*) FROM interaction_event_default)"
        ).fetchall()
    assert (rows[0]["calls"], ends, elsewhere) == (calls, calls, 0), "each is counted once, ended once, in its month"
    assert "Traceback" not in other.log_text()


async def _until_both_are_over(console: httpx.AsyncClient, caller: str) -> list[dict[str, Any]]:
    contact = (await console.get("/api/contacts", params={"value": caller})).json()
    while True:
        page = (await console.get(f"/api/contacts/{contact['id']}/interactions")).json()["interactions"]
        if len(page) == 2 and all(one["status"] == "ended" for one in page):
            return list(page)
        await asyncio.sleep(0.3)


async def _marked(url: str) -> list[Any]:
    """What is still to be derived."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        return await (await connection.execute("SELECT interaction_id FROM to_derive")).fetchall()


async def _hanging(exchange: Exchange, caller: str) -> str:
    """A call that is not going to end by itself; returns its caller once it talks."""
    talking = asyncio.Event()

    def greeted() -> bool:
        talking.set()
        return True

    async def call() -> None:
        with suppress(CallRefused, OSError):
            await exchange.dial(KO, (WaitForQuiet(), WaitFor(greeted, "nothing"), Silence(90_000)), caller=caller)

    task = asyncio.create_task(call())
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    await talking.wait()
    return caller
