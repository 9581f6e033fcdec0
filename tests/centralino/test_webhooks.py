"""Webhooks over real sockets: receivers that fail, hang and talk without end; the command line; a server killed."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog
import uvicorn
from fastapi import FastAPI
from typer.testing import CliRunner

from centralino.cli import app
from centralino.webhook_posting import posting
from console import Accounts, Tickets
from console.app import create_console, protect
from console.command_token import CommandToken
from history import Entry, Journal, Timeline, new_id
from history.webhooks import dispatching
from history.webhooks.dispatching import Dispatcher
from history.webhooks.message import message_id
from history.webhooks.redacting import redacted
from history.webhooks.store import Webhooks

STARTED = Entry("call.started", {"line": "it", "caller": "+39051"})


class Receiver:
    """A server that answers each request with the next of `answers`: bytes, or None for silence."""

    def __init__(self) -> None:
        self.answers: list[bytes | None] = []
        self.requests: asyncio.Queue[tuple[dict[str, str], bytes]] = asyncio.Queue()
        self.port = 0

    @property
    def inside(self) -> list[str]:
        return [f"127.0.0.1:{self.port}"]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?of=us"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)
        }
        body = await reader.readexactly(int(headers["content-length"]))
        await self.requests.put(({"": lines[0], **headers}, body))
        answer = self.answers.pop(0) if self.answers else b"HTTP/1.1 204 No Content\r\n\r\n"
        if answer is None:
            await reader.read()  # until the other side gives up
        else:
            writer.write(answer)
            if b"endless" in answer:
                await reader.read()
        writer.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    yield receiver
    server.close()


async def test_messages_go_out_and_answers_of_every_kind_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as receiver:
        post = posting(receiver.inside)
        receiver.answers = [
            b"HTTP/1.1 500 Broken\r\ncontent-length: 0\r\n\r\n",
            b"HTTP/1.1 429 Slow down\r\nretry-after: 17\r\ncontent-length: 0\r\n\r\n",
            b"HTTP/1.1 302 Elsewhere\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nx-body: endless\r\ncontent-length: 999999999\r\n\r\nand so on",
            b"no HTTP at all\r\n\r\n",
        ]
        answers = [await post(receiver.url, {"webhook-id": "msg_1"}, b"{}") for _ in range(5)]
        assert [answer.status for answer in answers] == [500, 429, 302, 200, 0]
        assert [answer.accepted for answer in answers] == [False, False, False, True, False]
        assert answers[1].retry_after_s == 17.0
        headers, body = receiver.requests.get_nowait()
        assert (headers[""], headers["host"], headers["webhook-id"]) == (
            "POST /hook?of=us HTTP/1.1", f"127.0.0.1:{receiver.port}", "msg_1",
        )  # fmt: skip
        assert body == b"{}"


async def test_only_addresses_that_were_named_or_are_public_are_reached() -> None:
    async with receiving() as receiver:
        outside, wrong = posting([]), posting(["localhost"])
        told = [
            await outside(receiver.url, {}, b""),
            await wrong(receiver.url, {}, b""),
            await outside(receiver.url.replace("http:", "https:"), {}, b""),
            await outside("https://169.254.169.254/latest", {}, b""),
            await posting(["169.254.169.254"])("http://169.254.169.254/latest", {}, b""),
            await outside("https://[::ffff:127.0.0.1]/", {}, b""),
            await outside("https://no-such-host.invalid/", {}, b""),
        ]
        assert [answer.status for answer in told] == [0] * 7
        assert ["https" in told[0].error, "[webhooks] inside" in told[2].error, "not known" in told[6].error] == [
            True
        ] * 3
        assert receiver.requests.empty()


async def test_a_receiver_that_hangs_is_left_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatching, "TRY_S", 0.1)
    journal = await Journal.open(tmp_path / "history.db", node="n1")
    timeline = Timeline(journal.path)
    async with receiving() as receiver:
        receiver.answers = [None]
        hooks = Webhooks(timeline, journal)
        await hooks.add(receiver.url, ["*"])
        await journal.append(new_id(), [STARTED])
        sending = Dispatcher(hooks, journal, posting(receiver.inside), redacted, node="n1")
        await sending.send_due()
        await sending.settled()
        (waiting,) = await hooks.deliveries()
        assert (waiting.state, waiting.status, waiting.error[:9]) == ("pending", 0, "no answer")
    await timeline.close()
    await journal.close()


async def ran(*arguments: str) -> tuple[int, str]:
    result = await asyncio.to_thread(CliRunner().invoke, app, ["webhooks", *arguments])
    structlog.reset_defaults()  # its logs go to a stream that is closed by now
    return result.exit_code, " ".join(result.output.split())


async def test_the_command_line_works_without_a_server_and_through_a_running_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CENTRALINO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CENTRALINO_WEBHOOKS__INSIDE", '["127.0.0.1"]')
    monkeypatch.setenv("COLUMNS", "240")
    async with receiving() as receiver:
        code, made = await ran("add", receiver.url, "--types", "call.started,callback.*")
        endpoint, secret = made.split()
        assert (code, endpoint[:3], secret[:6]) == (0, "ep_", "whsec_")
        accounts = await Accounts.open(tmp_path / "accounts.db")
        journal = await Journal.open(tmp_path / "history.db", node="server")
        timeline = Timeline(journal.path)
        sending = Dispatcher(Webhooks(timeline, journal), journal, posting(receiver.inside), redacted, node="server")
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            monkeypatch.setenv("CENTRALINO_PORT", str(port))
            served = FastAPI()
            protect(served)
            served.include_router(
                create_console(
                    accounts, Tickets(), timeline, journal, public_origins=[f"http://127.0.0.1:{port}"],
                    lines=lambda: (), sending=sending, commands=CommandToken.written_to(tmp_path),
                )
            )  # fmt: skip
            server = uvicorn.Server(uvicorn.Config(served, log_level="warning", lifespan="off"))
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            monkeypatch.setattr("centralino.server_api.writer_of", lambda path: 1)  # the lock is this process' own
            assert await ran("test", endpoint) == (0, "accepted, status 204")
            code, told = await ran("test", "ep_none")
            assert (code, "no endpoint 'ep_none'" in told) == (1, True)
            code, told = await ran("list")
            assert ("callback.*" in told, secret in told) == (True, False)
            server.should_exit = True
            await serving
        await timeline.close()
        await journal.close()
        await accounts.close()


DYING = """
import asyncio, os, signal, sys
from pathlib import Path
import httpx
from history import Entry, Journal, Timeline
from history.webhooks.dispatching import Dispatcher
from history.webhooks.posting import Answer
from history.webhooks.redacting import redacted
from history.webhooks.store import Webhooks

async def post(url, headers, body):
    async with httpx.AsyncClient(verify=False, trust_env=False) as client:
        return Answer((await client.post(url, content=body, headers=headers)).status_code)

async def main():
    path, url, mode = Path(sys.argv[1]), *sys.argv[2:]
    journal = await Journal.open(path, node="n1")
    hooks = Webhooks(Timeline(path), journal)
    if mode == "dies":
        await hooks.add(url, ["call.started"])
        async def settle(*args):
            os.kill(os.getpid(), signal.SIGKILL)
        hooks.settle = settle
        await journal.append("call-1", [Entry("call.started", {"line": "it"})])
    await Dispatcher(hooks, journal, post, redacted, node="n1").run()

asyncio.run(main())
"""


async def test_a_server_killed_between_delivery_and_mark_delivers_again(tmp_path: Path) -> None:
    async with receiving() as receiver:
        arguments = (sys.executable, "-c", DYING, str(tmp_path / "history.db"), receiver.url)
        dying = await asyncio.create_subprocess_exec(*arguments, "dies")
        assert await dying.wait() == -signal.SIGKILL
        second = await asyncio.create_subprocess_exec(*arguments, "lives")
        async with asyncio.timeout(240):
            ids = [(await receiver.requests.get())[0]["webhook-id"] for _ in range(2)]
        assert ids == [message_id("call-1", 1)] * 2
        second.kill()
        await second.wait()
