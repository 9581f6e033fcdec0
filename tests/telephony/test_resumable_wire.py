"""The wire of a call that may be resumed, in any order of events."""

from __future__ import annotations

import asyncio
import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.media import Complained, Held, MediaEvent
from telephony.resuming import Resumable, ResumableWire
from telephony.wire import WireClosed


class Connection:
    """A connection that does what a test says."""

    def __init__(self) -> None:
        self.sent: list[str | bytes] = []
        self.incoming: asyncio.Queue[str | WireClosed] = asyncio.Queue()

    async def receive(self) -> str:
        message = await self.incoming.get()
        if isinstance(message, WireClosed):
            raise message
        return message

    async def send(self, message: str | bytes) -> None:
        self.sent.append(message)

    async def close(self, code: int, reason: str) -> None:
        self.incoming.put_nowait(WireClosed(code))


Deeds = st.lists(st.sampled_from(["say", "break", "back"]), max_size=12)


@settings(deadline=None)
@given(Deeds)
def test_whatever_happens_holds_and_returns_alternate_and_every_word_arrives(deeds: list[str]) -> None:
    heard, words = asyncio.run(_played(deeds))
    holds = [event.held for event in heard if isinstance(event, Held)]
    assert holds == [n % 2 == 0 for n in range(len(holds))]
    assert [word for word in heard if isinstance(word, str)] == words
    assert all(isinstance(event, str | Held | Complained) for event in heard)


async def _played(deeds: list[str]) -> tuple[list[str | bytes | MediaEvent], list[str]]:
    """What the call hears, and what was said to it on connections that stood."""
    connection: Connection | None = Connection()
    wire, running = ResumableWire(connection), Resumable()
    running.add(wire)
    wire.keep()
    words: list[str] = []
    serving: list[asyncio.Task[None]] = []
    for number, deed in enumerate(deeds):
        if deed == "say" and connection:
            connection.incoming.put_nowait(str(number))
            words.append(str(number))
        elif deed == "break" and connection:
            connection.incoming.put_nowait(WireClosed(1006))
            connection = None
        elif deed == "back":
            connection = Connection()
            shown = wire.token
            assert running.claim(shown) is wire
            assert running.claim(shown) is None
            serving.append(asyncio.create_task(wire.take_over(connection)))
        for _ in range(8):
            await asyncio.sleep(0)
    heard = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.005):
            while True:
                heard.append(await wire.receive())
    with contextlib.suppress(WireClosed):
        await wire.close(1000, "")
    await asyncio.gather(*serving)
    return heard, words
