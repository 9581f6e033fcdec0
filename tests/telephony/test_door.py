"""One connection and its call, without a server around them."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from telephony.door import Door
from telephony.protocols.browser import Browser


class Line:
    """A wire whose far end starts a call and then says nothing more."""

    def __init__(self) -> None:
        self._said = [json.dumps({"type": "start", "line": "libreria", "rate_hz": 16000})]
        self.closed: list[int] = []

    async def receive(self) -> str:
        if not self._said:
            await asyncio.Event().wait()
        return self._said.pop()

    async def send(self, message: str | bytes) -> None: ...

    async def close(self, code: int, reason: str) -> None:
        self.closed.append(code)


async def test_a_door_that_is_cancelled_takes_its_leave_while_the_call_still_runs() -> None:
    wire, answered = Line(), asyncio.Event()

    async def run() -> str:
        answered.set()
        await asyncio.Event().wait()
        return "never"

    async def admit(started: object) -> SimpleNamespace:
        return SimpleNamespace(call_id="c1", line=SimpleNamespace(id="libreria", language="it"), recognizer="whisper")

    reception = SimpleNamespace(answer=lambda *given: (SimpleNamespace(), asyncio.create_task(run())))
    serving = asyncio.create_task(Door(wire, Browser(), reception, admit).serve())  # type: ignore[arg-type]
    await answered.wait()
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    assert wire.closed == [1000]
