"""A speech engine in a child process of its own, asked over its pipes.

espeak-ng keeps globals and crashes when two threads use it, and a neural voice must not slow the server's loop: so each
engine lives alone in a child that may die or hang without harm. A message is a JSON object and, behind it, raw bytes:
`>II` (length of the JSON, length of the bytes), the JSON, the bytes. The child answers each request in order and ends
when its standard input does, so none outlives the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import struct
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

_LENGTHS = struct.Struct(">II")
_PACKAGE_ROOT = str(Path(__file__).resolve().parents[2])
_MOST_JSON = 1 << 20
_MOST_BYTES = 1 << 26

Message = tuple[dict[str, Any], bytes]


class WorkerLost(RuntimeError):
    """The child died, hung or spoke nonsense; it was ended. The next request starts a new one."""


class WorkerRefused(RuntimeError):
    """The child works but could not do what was asked; says why. Asking again would not help."""


def _packed(head: Mapping[str, Any], body: bytes = b"") -> bytes:
    text = json.dumps(head).encode()
    return _LENGTHS.pack(len(text), len(body)) + text + body


class Worker:
    """module: the child's program, run with this Python; it calls `serve`. One request at a time, in order of arrival.

    start_s: the longest that loading may take; reply_s: the longest that an answer may take.
    """

    def __init__(self, module: str, arguments: Sequence[str] = (), *, start_s: float, reply_s: float) -> None:
        self._module = module
        self._arguments = tuple(arguments)
        self._start_s = start_s
        self._reply_s = reply_s
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._complaints: deque[bytes] = deque(maxlen=8)
        self._listening: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Process id of the child, None while there is none."""
        return self._process.pid if self._process else None

    async def ask(self, request: Mapping[str, Any]) -> Message:
        """The child's answer. Raises WorkerLost (worth another try) or WorkerRefused (not worth one)."""
        async with self._turn:
            if self._closed:
                raise WorkerRefused(f"{self._module} was closed")
            try:
                if self._process is None:
                    await self._start()
                assert self._process is not None
                assert self._process.stdin is not None
                self._process.stdin.write(_packed(request))
                await self._process.stdin.drain()
                head, body = await asyncio.wait_for(self._read(), self._reply_s)
            except BaseException as error:
                # Cancelled in the middle, too: an answer that nobody read would be taken for that of the next request.
                await self._end()
                if isinstance(error, TimeoutError):
                    raise WorkerLost(f"{self._module} gave no answer within {self._reply_s:g} s") from error
                if isinstance(error, (OSError, EOFError, ValueError)):
                    raise WorkerLost(f"{self._module} died{self._last_words()}") from error
                raise
            if "error" in head:
                raise WorkerRefused(str(head["error"]))
            return head, body

    async def close(self) -> None:
        """End the child. Idempotent; waits for a request under way."""
        async with self._turn:
            self._closed = True
            await self._end()

    async def _start(self) -> None:
        paths = [_PACKAGE_ROOT, os.environ.get("PYTHONPATH", "")]
        self._complaints.clear()
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", self._module, *self._arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
            # Ctrl-C on the terminal is for the server, which lets calls end first.
            process_group=0,
        )
        assert self._process.stderr is not None
        self._listening = asyncio.create_task(self._keep_complaints(self._process.stderr))
        try:
            head, _ = await asyncio.wait_for(self._read(), self._start_s)
        except TimeoutError as error:
            await self._end()
            raise WorkerLost(f"{self._module} did not start within {self._start_s:g} s") from error
        if "error" in head:
            await self._end()
            raise WorkerRefused(str(head["error"]))

    async def _read(self) -> Message:
        assert self._process is not None
        assert self._process.stdout is not None
        stream = self._process.stdout
        json_length, body_length = _LENGTHS.unpack(await stream.readexactly(_LENGTHS.size))
        if json_length > _MOST_JSON or body_length > _MOST_BYTES:
            raise ValueError("an answer of impossible length")
        head = json.loads(await stream.readexactly(json_length))
        return head, await stream.readexactly(body_length)

    async def _keep_complaints(self, stderr: asyncio.StreamReader) -> None:
        while piece := await stderr.read(1024):
            self._complaints.append(piece)

    def _last_words(self) -> str:
        lines = b"".join(self._complaints).decode(errors="replace").strip().splitlines()
        return f": {lines[-1]}" if lines else ""

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        # Shielded: a cancelled request must still leave no zombie and no open pipe behind.
        await asyncio.shield(process.wait())
        if self._listening is not None:
            await asyncio.shield(self._listening)
        if process.stdin is not None:
            process.stdin.close()


def serve(load: Callable[[], Callable[[dict[str, Any]], Message]]) -> None:
    """The child's side: `load` once, then answer requests until standard input ends.

    Whatever the engine prints goes nowhere, so that it cannot corrupt the answers. What `load` or a request raises is
    sent as the answer's `error`.
    """
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        answer = load()
    except Exception as error:
        _send(answers, {"error": _reason(error)})
        return
    _send(answers, {"ready": True})
    while len(lengths := requests.read(_LENGTHS.size)) == _LENGTHS.size:
        json_length, body_length = _LENGTHS.unpack(lengths)
        request = json.loads(requests.read(json_length))
        requests.read(body_length)
        try:
            head, body = answer(request)
        except Exception as error:
            head, body = {"error": _reason(error)}, b""
        _send(answers, head, body)


def _send(stream: BinaryIO, head: Mapping[str, Any], body: bytes = b"") -> None:
    stream.write(_packed(head, body))
    stream.flush()


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
