"""Many consoles open while calls run: how far behind the words are that each of them shows.

On a server of its own every call talks to an operator, whose console has the call's sound and words. Other consoles
read along (`/api/calls/{id}/events`), as supervisors do, and the rest are operators who wait. Callers say a clip now
and then; a turn's way is measured from the moment at which it is recognised, when its commit begins, to its text at
each console that shows the call. Half of the turns are said while some consoles have stopped reading.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from centralino.bench.calls_report import Spread
from centralino.bench.console_ends import OperatorEnd, at_their_consoles, people
from centralino.calling import CallResult, Clip, Keys, Say, Script, Silence, WaitFor, WaitForQuiet, place_call
from centralino.calling.pacing import CallClock, beats
from centralino.calling.scene import Scene
from centralino.calling.script import Sent
from centralino.calling.sound import FRAME_MS
from centralino.demo import clips
from centralino.own_server import own_server, settings_beside
from centralino.settings import Settings, SettingsError
from console.accounts import Accounts
from history import Timeline

LINE = "seojeom"
"""Heard by Vosk: 20 calls with Whisper are more than two cores recognise."""
SAID = ("ko_hours", "ko_location", "ko_phone", "ko_receipt", "ko_shipping")
EVERY_MS = 8000
"""From one clip of a caller to their next."""
STUCK_SHARE = 0.1
"""Of the consoles that show a call, those that stop reading for the second half."""
PATIENCE_MS = 300_000
LONGEST_CALL_MS = 1_200_000
SETTLE_S = 3.0


@dataclass(frozen=True)
class ConsolesFigures:
    """Milliseconds. told: turns times the consoles that showed them. all_read: while every console read; some_stuck: at
    the others, while `stuck` did not. lost: what a console that read was never told. server_late_p99_ms, own_late: how
    late the event loops of server and bench ran; the bench's is in these figures."""

    calls: int
    consoles: int
    stuck: int
    told: int
    all_read: Spread
    some_stuck: Spread
    lost: int
    server_late_p99_ms: float
    own_late: Spread

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


async def run(
    settings: Settings, calls: int, consoles: int, seconds: float, say: Callable[[str], None]
) -> ConsolesFigures:
    """Measure for `seconds` with all consoles reading, and as long again with some that do not."""
    readers = (consoles - calls) // 2
    if readers < calls:
        raise SettingsError(f"{consoles} consoles are too few for {calls} calls: three for each are the least")
    with tempfile.TemporaryDirectory(prefix="centralino-bench-") as folder:
        own = settings_beside(settings, Path(folder)).model_copy(update={"most_calls": calls + 1})
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(own_server(own, Path(folder) / "server.log"))
            return await _Room(own, calls, consoles, readers, say, stack).measure(seconds)


@dataclass
class _Beside:
    """A console that reads along with a call."""

    call_id: str
    told: dict[int, float] = field(default_factory=dict)
    """When each turn came, by its seq."""
    stuck: bool = False
    _reading: asyncio.Task[None] | None = None

    async def open(self, own: Settings, token: str, stack: AsyncExitStack) -> None:
        url = f"{own.own_url.replace('http', 'ws', 1)}/api/calls/{self.call_id}/events"
        headers = {"Authorization": f"Bearer {token}"}
        socket = await stack.enter_async_context(connect(url, additional_headers=headers, compression=None, proxy=None))
        self._reading = asyncio.create_task(self._read(socket))

    async def _read(self, socket: ClientConnection) -> None:
        try:
            while not self.stuck:
                event = json.loads(await socket.recv())
                if event.get("type") == "transcript":
                    self.told.setdefault(event["seq"], time.time())
        except ConnectionClosed:
            return


@dataclass
class _Talkative:
    """A caller's move: a clip now and then until it is over."""

    clips: list[Clip]
    after_ms: int
    over: asyncio.Event

    def sends(self, scene: Scene) -> Iterator[Sent]:
        yield from Silence(self.after_ms).sends(scene)
        number = 0
        while not self.over.is_set():
            yield from Say(self.clips[number % len(self.clips)]).sends(scene)
            yield from Silence(EVERY_MS).sends(scene)
            number += 1


@dataclass
class _Room:
    own: Settings
    calls: int
    consoles: int
    readers: int
    say: Callable[[str], None]
    stack: AsyncExitStack

    async def measure(self, seconds: float) -> ConsolesFigures:
        operators = self.consoles - self.readers
        ends = await self._operators([f"o{number}" for number in range(operators)])
        taking, over = ends[: self.calls], asyncio.Event()
        call_ids, placed = await self._put_through(taking, over)
        beside = await self._beside(call_ids)
        own_late: list[float] = []
        watching = asyncio.create_task(_watch_own_loop(own_late))
        await asyncio.sleep(SETTLE_S)
        self.say(f"{self.consoles} consoles read for {seconds:g} s")
        began_s = time.time()
        await asyncio.sleep(seconds)
        every = round(1 / STUCK_SHARE)
        stuck: list[OperatorEnd | _Beside] = [*taking[::every], *beside[1::every]]
        for one in stuck:
            one.stuck = True
        stuck_s = time.time()
        self.say(f"{len(stuck)} of them stop reading, for {seconds:g} s")
        await asyncio.sleep(seconds)
        ended_s = time.time()
        await asyncio.sleep(SETTLE_S)
        watching.cancel()
        async with httpx.AsyncClient(base_url=self.own.own_url, trust_env=False, timeout=30) as client:
            late_ms = (await client.get("/health")).json()["event_loop"]["p99_ms"]
        over.set()
        await asyncio.gather(*placed)
        ways = await self._ways(taking, beside, call_ids)
        first = [way for at_s, way in ways if began_s <= at_s < stuck_s]
        second = [way for at_s, way in ways if stuck_s <= at_s < ended_s]
        told = [way for way in (*first, *second) if way is not None]
        return ConsolesFigures(
            calls=self.calls, consoles=self.consoles, stuck=len(stuck), told=len(told),
            all_read=Spread.of([way for way in first if way is not None]),
            some_stuck=Spread.of([way for way in second if way is not None]),
            lost=len(first) + len(second) - len(told), server_late_p99_ms=late_ms, own_late=Spread.of(own_late),
        )  # fmt: skip

    async def _operators(self, names: list[str]) -> list[OperatorEnd]:
        self.say(f"{len(names)} consoles of operators are opened")
        sessions = await people(self.own, names, ["operator", "supervisor"])
        return await self.stack.enter_async_context(at_their_consoles(self.own, sessions))

    async def _put_through(
        self, taking: list[OperatorEnd], over: asyncio.Event
    ) -> tuple[list[str], list[asyncio.Task[CallResult]]]:
        """A call for each of these operators, who talks to it; the ids of the calls, and the callers."""
        said = [clips()[name] for name in SAID]
        call_ids, placed = [], []
        for number, end in enumerate(taking):
            await end.say("available")
            turned = number % len(said)
            talks = _Talkative([*said[turned:], *said[:turned]], number * EVERY_MS // self.calls, over)
            joined = WaitFor(end.has_connected, "an operator", PATIENCE_MS)
            moves = (WaitForQuiet(timeout_ms=PATIENCE_MS), Keys("0"), joined, talks)
            call = place_call(
                self.own.own_url, door="twilio", line=LINE, script=Script(moves, max_ms=LONGEST_CALL_MS),
                twilio_auth_token=self.own.auth_token(),
            )  # fmt: skip
            placed.append(asyncio.create_task(call))
            offer = await end.until("offer")
            await end.say("accept", offer=offer.message["offer"])
            await end.until("connected")
            call_ids.append(str(offer.message["call_id"]))
            self.say(f"{number + 1} of {self.calls} calls have an operator")
        return call_ids, placed

    async def _beside(self, call_ids: list[str]) -> list[_Beside]:
        accounts = await Accounts.open(self.own.accounts_path)
        try:
            token = await accounts.api_tokens.create("bench", None)
        finally:
            await accounts.close()
        beside = [_Beside(call_ids[number % len(call_ids)]) for number in range(self.readers)]
        for one in beside:
            await one.open(self.own, token, self.stack)
        return beside

    async def _ways(
        self, taking: list[OperatorEnd], beside: list[_Beside], call_ids: list[str]
    ) -> list[tuple[float, float | None]]:
        """Of every turn at every console that showed its call and read: when it was recognised (seconds of the epoch),
        and the milliseconds to the console; None where it never came."""
        timeline = await asyncio.to_thread(Timeline, self.own.history_database())
        try:
            ways: list[tuple[float, float | None]] = []
            for end, call_id in zip(taking, call_ids, strict=True):
                events = [event for event in await timeline.events(call_id) if event.type == "transcript"]
                heard = [event for event in events if event.payload["speaker"] == "caller"]
                shown = [one.told for one in beside if one.call_id == call_id and not one.stuck]
                if not end.stuck:
                    at_desk = end.of("transcript")
                    shown.append({one.message["seq"]: one.at_s for one in at_desk if "seq" in one.message})
                for event in heard:
                    at_s = event.occurred_at.timestamp()
                    came = [told.get(event.seq) for told in shown]
                    ways += [(at_s, None if one is None else (one - at_s) * 1000) for one in came]
            return ways
        finally:
            await timeline.close()


async def _watch_own_loop(late_ms: list[float]) -> None:
    async for beat in beats(CallClock(), FRAME_MS):
        late_ms.append(beat.late_ms)
