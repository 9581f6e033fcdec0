"""A call as it happens, read over real sockets: from any event on, by fast readers, slow ones, and nobody else."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from centralino.app import Server
from centralino.serving import serving
from console.following import QUEUED_EVENTS, Following, Over, Ping
from history import Entry, Journal, StoredEvent, Timeline, UnknownInteraction, new_id
from telephony.partials import Partials


@dataclass
class Live:
    """A console on a real port, a program's token, and a call that is going on."""

    house: Any
    url: str
    token: str
    partials: Partials
    call: str

    @property
    def path(self) -> str:
        return f"/api/calls/{self.call}/events"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def says(self, *texts: str) -> int:
        entries = [
            Entry("transcript", {"speaker": "caller", "text": text, "start_ms": 0, "end_ms": 1}, 1, "caller")
            for text in texts
        ]
        return int(await self.house.journal.append(self.call, entries))

    async def ends(self) -> None:
        await self.house.journal.append(self.call, [Entry("call.ended", {"reason": "bot_ended"}, 9)])

    @asynccontextmanager
    async def reading(self, last_event_id: str = "") -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """Server-sent events, as dicts."""
        headers = self.headers | ({"Last-Event-ID": last_event_id} if last_event_id else {})
        async with (
            httpx.AsyncClient(timeout=20) as client,
            client.stream("GET", self.url + self.path, headers=headers) as answer,
        ):
            assert answer.status_code == 200, await answer.aread()
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield _events(answer)

    def socket(self, query: str = "", **options: Any) -> Any:
        return connect(self.url.replace("http", "ws", 1) + self.path + query, compression=None, **options)


async def _events(answer: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    found: dict[str, str] = {}
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if line.startswith(":"):
            continue
        if line:
            found[name] = value
        elif found:
            message = json.loads(found["data"])
            assert found["event"] == message["type"]
            assert found.get("id", "") == str(message.get("seq", ""))
            yield message
            found = {}


def seqs(messages: list[dict[str, Any]]) -> list[int]:
    return [message["seq"] for message in messages if "seq" in message]


@pytest_asyncio.fixture
async def live(house_of: Any) -> AsyncIterator[Live]:
    partials = Partials()
    house = house_of(partials=partials)
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    call = new_id()
    await house.journal.append(call, [Entry("call.started", {"line": "it"})])

    async def drain() -> None:
        pass

    async with serving(cast(Server, SimpleNamespace(app=house.app, drain=drain)), listening):
        yield Live(house, url, await house.accounts.api_tokens.create("crm", None), partials, call)


async def until_end(events: AsyncIterator[dict[str, Any]]) -> list[dict[str, Any]]:
    async with asyncio.timeout(20):
        return [event async for event in events]


async def test_nobody_reads_who_may_not(live: Live) -> None:
    async with httpx.AsyncClient(base_url=live.url) as client:
        assert (await client.get(live.path)).status_code == 401
        for wrong in ("centralino_no", "x" * 5000):
            answer = await client.get(live.path, headers={"Authorization": f"Bearer {wrong}"})
            assert (answer.status_code, answer.json()["detail"]["code"]) == (401, "bad_token")
        unknown = await client.get("/api/calls/nope/events", headers=live.headers)
        assert unknown.status_code == 404
        short = await live.house.accounts.api_tokens.create("short", 1)
        live.house.clock.pass_by(86_401)
        assert (await client.get(live.path, headers={"Authorization": f"Bearer {short}"})).status_code == 401
        assert await live.house.accounts.api_tokens.revoke("crm")
        assert (await client.get(live.path, headers=live.headers)).status_code == 401
    for query, headers in (("", {}), ("?ticket=no", {}), ("", live.headers)):
        with pytest.raises(InvalidStatus) as refused:
            async with live.socket(query, additional_headers=headers):
                pass
        assert refused.value.response.status_code == 403


async def test_what_was_is_read_first_then_what_happens_until_the_end(live: Live) -> None:
    await live.says("uno", "due")
    async with live.reading() as events:
        first = [await anext(events) for _ in range(3)]
        assert [event["type"] for event in first] == ["call.started", "transcript", "transcript"]
        live.partials.publish(live.call, {"speaker": "caller", "text": "tr", "at_ms": 5, "is_final": False})
        assert await anext(events) == {"type": "partial", "speaker": "caller", "text": "tr", "at_ms": 5}
        await live.says("tre")
        assert (await anext(events))["payload"]["text"] == "tre"
        await live.ends()
        rest = await until_end(events)
    assert [event["type"] for event in rest] == ["call.ended", "end"]
    stored = await live.house.timeline.events(live.call)
    assert [event.seq for event in stored] == [1, 2, 3, 4, 5]
    async with httpx.AsyncClient(base_url=live.url) as client:
        over = await client.get(live.path, headers=live.headers | {"Last-Event-ID": "5"})
        assert over.status_code == 204  # a page's EventSource stops asking


async def test_a_page_is_told_that_there_is_news_and_nothing_of_what_was_said(live: Live) -> None:
    _, page = await live.house.member("ugo", "flow-admin")
    path, raw = f"/api/calls/{live.call}/news", b""
    async with (
        httpx.AsyncClient(base_url=live.url, cookies=page.cookies, timeout=20) as client,
        client.stream("GET", path, params={"after": 1}) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        live.partials.publish(live.call, {"speaker": "caller", "text": "il mio codice", "at_ms": 5, "is_final": False})
        await live.says("il mio codice è RSSMRA80A01H501U")
        await live.ends()
        async with asyncio.timeout(20):
            raw = b"".join([part async for part in answer.aiter_raw()])
    told = [line for line in raw.decode().splitlines() if line.startswith(("id", "event", "data"))]
    assert told == [
        "id: 2", 'data: {"last_seq": 2}', "id: 3", 'data: {"last_seq": 3}', "event: end", 'data: {"last_seq": 3}',
    ]  # fmt: skip
    async with httpx.AsyncClient(base_url=live.url, cookies=page.cookies) as client:
        assert (await client.get(path, params={"after": 3})).status_code == 204
        assert (await client.get("/api/calls/nope/news")).status_code == 404
        refused = await client.get(live.path)  # to whom words are shown redacted only
        assert (refused.status_code, refused.json()["detail"]["code"]) == (403, "redacted_only")
    assert (await page.post(f"/api/calls/{live.call}/event-tickets")).status_code == 403
    async with httpx.AsyncClient(base_url=live.url) as stranger:
        assert (await stranger.get(path)).status_code == 401


async def test_a_reader_who_comes_back_has_no_gap_and_nothing_twice(live: Live) -> None:
    async def talks() -> None:
        for number in range(60):
            await live.says(f"{number}")
            await asyncio.sleep(0.005)
        await live.ends()

    talking = asyncio.create_task(talks())
    read: list[dict[str, Any]] = []
    async with asyncio.timeout(20):
        while not read or read[-1]["type"] != "end":
            last = str(seqs(read)[-1]) if read else ""
            async with live.reading(last) as events:
                async for event in events:
                    read.append(event)
                    if event.get("seq", 0) % 7 == 3:
                        break  # the connection is lost
    await talking
    assert seqs(read) == list(range(1, 63))


async def test_two_readers_and_a_websocket_read_the_same(live: Live) -> None:
    _, page = await live.house.member("ada", "supervisor")
    ticket = (await page.post(f"/api/calls/{live.call}/event-tickets")).json()

    async def over_websocket(query: str, **options: Any) -> list[dict[str, Any]]:
        read = []
        async with asyncio.timeout(20), live.socket(query, **options) as ws:
            async for message in ws:
                read.append(json.loads(message))
        assert (ws.close_code, ws.close_reason) == (1000, "the call has ended")
        return read

    async def over_http() -> list[dict[str, Any]]:
        async with live.reading() as events:
            return await until_end(events)

    reading = [
        asyncio.create_task(work)
        for work in (
            over_http(),
            over_http(),
            over_websocket("?ticket=" + ticket["ticket"]),
            over_websocket("?after=0", additional_headers=live.headers),
        )
    ]
    for number in range(20):
        await live.says(str(number))
    await live.ends()
    read = await asyncio.gather(*reading)
    assert all(one == read[0] for one in read)
    assert seqs(read[0]) == list(range(1, 23))
    with pytest.raises(InvalidStatus):  # a ticket opens one socket
        async with live.socket("?ticket=" + ticket["ticket"]):
            pass


async def test_a_reader_who_stalls_is_told_what_they_missed_and_delays_nobody(live: Live) -> None:
    port = int(live.url.rsplit(":", 1)[1])
    stalled = socket.create_connection(("127.0.0.1", port))
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    lines = [f"GET {live.path} HTTP/1.1", "Host: x", f"Authorization: Bearer {live.token}", "", ""]
    stalled.sendall("\r\n".join(lines).encode())
    await asyncio.sleep(0.2)
    count, text = 900, "x" * 16_000  # 14 MB: more than all buffers of the machine
    read: list[dict[str, Any]] = []

    async def read_briskly(events: AsyncIterator[dict[str, Any]]) -> None:
        async for event in events:
            read.append(event)

    async with live.reading() as events, asyncio.timeout(60):
        brisk = asyncio.create_task(read_briskly(events))
        for written in range(0, count, 50):
            await live.says(*([text] * 50))
            while len(read) < written:  # A brisk reader is never further behind than its queue is long.
                await asyncio.sleep(0.005)
        # The stalled one's queue is full since long; the other reader has all, and so has the history.
        await live.ends()
        await brisk
    assert seqs(read) == list(range(1, count + 3))

    def read_all() -> str:
        stalled.settimeout(15)
        received = b""
        while b"event: end" not in received[-400:] and (more := stalled.recv(1 << 20)):
            received += more
        return received.decode()

    received = await asyncio.to_thread(read_all)
    stalled.close()
    (gap,) = [json.loads(line[6:]) for line in received.splitlines() if line.startswith('data: {"type": "gap"')]
    told = [int(line[4:]) for line in received.splitlines() if line.startswith("id: ")]
    assert told == sorted(set(told))
    assert set(told) == set(range(1, count + 3)) - set(range(gap["first_seq"], gap["last_seq"] + 1))
    assert gap["last_seq"] - gap["first_seq"] > 50


async def test_a_quiet_stream_pings_and_a_call_that_ended_in_a_gap_is_over(
    journal: Journal, timeline: Timeline
) -> None:
    call = new_id()
    await journal.append(call, [Entry("call.started", {"line": "it"})])
    items = Following(journal, timeline, Partials(), ping_s=0.02).items(call, 0)
    assert isinstance(await anext(items), StoredEvent)
    assert await anext(items) == Ping()
    for _ in range(QUEUED_EVENTS + 5):
        await journal.append(call, [Entry("something", {})])
    await journal.append(call, [Entry("call.ended", {"reason": "bot_ended"})])
    rest = [item async for item in items]
    assert rest[-1] == Over(QUEUED_EVENTS + 7)
    with pytest.raises(UnknownInteraction):
        await anext(Following(journal, timeline, Partials()).items("nope", 0))
