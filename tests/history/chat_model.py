"""The far end of `POST /v1/chat/completions` on a real socket of this machine, as its documentation describes it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

HANGS = b""
"""In place of an answer: the connection stays open, and nothing comes."""


def http(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def completion(content: object, finish_reason: str = "stop") -> bytes:
    """A whole answer."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content, "refusal": None}, "logprobs": None}
    usage = {"prompt_tokens": 212, "completion_tokens": 31, "total_tokens": 243}
    told = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1_780_000_000, "model": "tiny",
            "choices": [{**choice, "finish_reason": finish_reason}], "usage": usage}  # fmt: skip
    return http(json.dumps(told).encode())


@dataclass
class ChatModel:
    """answers: for each request, the last one again and again. before: done before the next answer is sent."""

    answers: list[bytes]
    port: int = 0
    heads: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    before: Callable[[], Awaitable[object]] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length"))
            self.heads.append(head)
            self.bodies.append(json.loads(await reader.readexactly(length)))
            if self.before is not None:
                await self.before()
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if answer == HANGS:
                await reader.read()  # until the other side has enough
            writer.write(answer)
            await writer.drain()
        except ConnectionError:
            pass  # the other side went while it was answered
        finally:
            writer.close()


@asynccontextmanager
async def chat_model(*answers: bytes) -> AsyncIterator[ChatModel]:
    there = ChatModel(list(answers))
    server = await asyncio.start_server(there.serve, "127.0.0.1", 0)
    there.port = server.sockets[0].getsockname()[1]
    async with server:
        yield there
