"""FreeSWITCH's event socket, inbound mode: commands and their replies, and what becomes of jobs in the background.

Wire format: FreeSWITCH's documentation "mod_event_socket": blocks of `Name: value` lines that end with an empty one, a
body of `Content-Length` bytes behind them. One connection, opened when it is needed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

import structlog

log = structlog.get_logger()

LARGEST_BODY = 256 * 1024
MOST_HEADERS = 200
ANSWER_S = 5.0
MOST_EARLY = 100
"""Results of jobs that nobody waits for yet."""


class EslError(RuntimeError):
    """FreeSWITCH did not do it, could not be reached, or said what it never says."""


@dataclass(frozen=True)
class Block:
    headers: Mapping[str, str]
    body: str

    @property
    def kind(self) -> str:
        return self.headers.get("Content-Type", "")


class EventSocket:
    def __init__(self, host: str, port: int, password: str) -> None:
        self._host, self._port, self._password = host, port, password
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._replies: asyncio.Queue[Block | None] = asyncio.Queue()
        self._jobs: dict[str, asyncio.Future[str]] = {}
        self._early: OrderedDict[str, str] = OrderedDict()
        self._turn = asyncio.Lock()

    async def api(self, command: str) -> str:
        """What a command answers; its words must have no line breaks. Raises EslError for `-ERR …` too."""
        said = (await self._ask(f"api {command}")).body.strip()
        if said.startswith("-"):
            raise EslError(said[:200])
        return said

    async def background(self, command: str) -> asyncio.Future[str]:
        """Begin it; the future has what it answers in the end, or EslError."""
        reply = await self._ask(f"bgapi {command}")
        job = reply.headers.get("Job-UUID") or reply.headers.get("Reply-Text", "").rpartition("Job-UUID: ")[2]
        if not job:
            raise EslError(f"no job: {reply.headers.get('Reply-Text', '')[:100]}")
        job = job.strip()
        waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        if job in self._early:
            waiting.set_result(self._early.pop(job))
        else:
            self._jobs[job] = waiting
        return waiting

    async def close(self) -> None:
        if self._reading:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        self._lost("closed")

    async def _ask(self, line: str) -> Block:
        if "\n" in line or "\r" in line:
            raise EslError("a command is one line")
        async with self._turn:
            try:
                async with asyncio.timeout(ANSWER_S):
                    if self._writer is None:
                        await self._connect()
                    return await self._say(line)
            except (OSError, TimeoutError) as error:
                self._lost(repr(error))
                raise EslError(f"{self._host}:{self._port}: {error or 'no answer'}") from None

    async def _connect(self) -> None:
        reader, self._writer = await asyncio.open_connection(self._host, self._port, limit=LARGEST_BODY)
        self._replies = asyncio.Queue()
        self._reading = asyncio.create_task(self._read(reader))
        hello = await self._replies.get()
        if hello is None or hello.kind != "auth/request":
            raise EslError("this is no event socket")
        answer = await self._say(f"auth {self._password}")
        if not answer.headers.get("Reply-Text", "").startswith("+OK"):
            self._lost("wrong password")
            raise EslError("the password is wrong; it is in event_socket.conf.xml")
        await self._say("event plain BACKGROUND_JOB")

    async def _say(self, line: str) -> Block:
        if self._writer is None:
            raise EslError("the connection broke")
        self._writer.write(f"{line}\n\n".encode())
        await self._writer.drain()
        reply = await self._replies.get()
        if reply is None:
            raise EslError("the connection broke")
        return reply

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                block = await read_block(reader)
                if block.kind == "text/event-plain":
                    self._event(block)
                elif block.kind in ("auth/request", "command/reply", "api/response"):
                    self._replies.put_nowait(block)
                elif block.kind == "text/disconnect-notice":
                    break
        except (EslError, OSError, asyncio.IncompleteReadError, ValueError) as error:
            log.warning("freeswitch.event_socket_lost", error=str(error) or type(error).__name__)
        self._lost("the connection broke")

    def _event(self, block: Block) -> None:
        head, _, body = block.body.partition("\n\n")
        headers = dict(_headers(head.split("\n")))
        job = headers.get("Job-UUID", "")
        if headers.get("Event-Name") == "BACKGROUND_JOB" and job:
            waiting = self._jobs.pop(job, None)
            if waiting is None:  # of another program, or told before we have read what our job is called
                self._early[job] = body.strip()
                while len(self._early) > MOST_EARLY:
                    self._early.popitem(last=False)
            elif not waiting.done():
                waiting.set_result(body.strip())

    def _lost(self, why: str) -> None:
        if self._writer:
            with contextlib.suppress(OSError):
                self._writer.close()
        self._writer = None
        self._replies.put_nowait(None)
        jobs, self._jobs = self._jobs, {}
        for job in jobs.values():
            if not job.done():
                job.set_result(f"-ERR {why}")


async def read_block(reader: asyncio.StreamReader) -> Block:
    """The next one. Raises EslError for what no FreeSWITCH sends, IncompleteReadError at the end."""
    lines: list[str] = []
    while True:
        line = (await reader.readuntil(b"\n")).decode("utf-8", "replace").rstrip("\r\n")
        if not line and lines:
            break
        if line:
            lines.append(line)
        if len(lines) > MOST_HEADERS:
            raise EslError("too many headers")
    headers = dict(_headers(lines))
    length = headers.get("Content-Length", "0")
    if not length.isdigit() or int(length) > LARGEST_BODY:
        raise EslError(f"Content-Length {length[:20]!r}")
    body = await reader.readexactly(int(length)) if int(length) else b""
    return Block(headers, body.decode("utf-8", "replace"))


def _headers(lines: list[str]) -> list[tuple[str, str]]:
    found = [line.partition(":") for line in lines]
    return [(name.strip(), unquote(value.strip())) for name, colon, value in found if colon]
