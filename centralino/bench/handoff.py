"""From a caller's wish for a person to two people who talk: how long each step of a handoff takes.

One call at a time on a server of its own, through the caller's and the operator's real sockets. What the caller says
is speech; once an operator was offered the call, both send a tone each, so that the first sound that passes can be
told from everything else that is heard.

offer: from the last voiced sample of the caller's wish to the offer at the operator's console; its parts: recognised,
until the words of the whole turn are known, the silence that ends it included; queued, until the caller is in the
queue; shown, until the console has the offer. voices: from the
operator's click to the moment at which both hear each other. words: from a turn that is recognised, when its commit
begins, to its text at the console. resumed: from the operator's new connection to the whole transcript of the call.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from centralino.bench.calls_report import Spread
from centralino.bench.console_ends import Arrived, OperatorEnd, at_their_consoles, people
from centralino.calling import Clip, Move, Say, Script, WaitFor, WaitForQuiet, place_call
from centralino.calling.pacing import CallClock, beats
from centralino.calling.scene import Scene
from centralino.calling.script import Sent
from centralino.calling.sound import FRAME_MS
from centralino.demo import clips
from centralino.own_server import own_server, settings_beside
from centralino.settings import Settings
from history import StoredEvent, Timeline

WISHES = {"libreria": "it_operatore", "seojeom": "ko_operator"}
"""line: the clip that asks for a person."""
STEPS = ("offer", "recognised", "queued", "shown", "voices", "words", "resumed")
CALLER_HZ, OPERATOR_HZ = 500.0, 800.0
OPERATOR_RATE_HZ = 16_000
PURE = 0.5
"""Share of a frame's energy that must be at the tone's pitch."""
PATIENCE_MS = 60_000
LOOK_S, MOST_LOOKS = 0.1, 300


@dataclass(frozen=True)
class HandoffFigures:
    """Of one line, milliseconds. gaps: turns that an operator lacked who was cut off and came back. unnamed: operators
    who accepted too late and were not told who has the call."""

    line: str
    runs: int
    offer: Spread
    recognised: Spread
    queued: Spread
    shown: Spread
    voices: Spread
    words: Spread
    resumed: Spread
    gaps: int
    unnamed: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class _Measured:
    offer: list[float] = field(default_factory=list)
    recognised: list[float] = field(default_factory=list)
    queued: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)
    voices: list[float] = field(default_factory=list)
    words: list[float] = field(default_factory=list)
    resumed: list[float] = field(default_factory=list)
    gaps: int = 0
    unnamed: int = 0


async def run(settings: Settings, runs: int, say: Callable[[str], None]) -> list[HandoffFigures]:
    """Hand `runs` calls of each line over. Raises what the server, a call or a console raises."""
    figures = []
    with tempfile.TemporaryDirectory(prefix="centralino-bench-") as folder:
        own = settings_beside(settings, Path(folder))
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(own_server(own, Path(folder) / "server.log"))
            sessions = await people(own, ("anna", "bruno"), ["operator"])
            anna, bruno = await stack.enter_async_context(at_their_consoles(own, sessions))
            for line, wish in WISHES.items():
                measured = _Measured()
                for number in range(runs):
                    say(f"{line}: call {number + 1} of {runs}")
                    await _Handoff(own, line, clips()[wish], anna, bruno, measured).go()
                spreads = {name: Spread.of(getattr(measured, name)) for name in STEPS}
                figures.append(HandoffFigures(line, runs, **spreads, gaps=measured.gaps, unnamed=measured.unnamed))
    return figures


@dataclass
class _Timed:
    """Says a clip, and notes when its last voiced sample was sent."""

    clip: Clip
    said_s: float = 0.0

    def sends(self, scene: Scene) -> Iterator[Sent]:
        doing = None
        for frame in Say(self.clip).sends(scene):
            doing = doing or scene.doings[-1]
            if doing.last_voiced_ms == scene.now_ms:
                self.said_s = time.time() + FRAME_MS / 1000
            yield frame


@dataclass
class _Tone:
    """Sends a tone until the other's is heard, and notes when that was."""

    until_both: Callable[[], bool]
    heard_s: float = 0.0

    def sends(self, scene: Scene) -> Iterator[Sent]:
        began_ms = scene.now_ms
        for frame in _tone(CALLER_HZ, scene.rate_hz):
            heard = scene.playout.samples(scene.now_ms - 2 * FRAME_MS, scene.now_ms)
            if not self.heard_s and _is_tone(heard, OPERATOR_HZ, scene.rate_hz):
                self.heard_s = time.time()
            if (self.heard_s and self.until_both()) or scene.now_ms - began_ms > PATIENCE_MS:
                return
            yield frame


def _tone(hz: float, rate_hz: int) -> Iterator[bytes]:
    at = np.arange(rate_hz * FRAME_MS // 1000)
    while True:
        yield (8000 * np.sin(2 * np.pi * hz * at / rate_hz)).astype("<i2").tobytes()
        at = at + at.size


def _is_tone(samples: np.ndarray[Any, np.dtype[np.int16]], hz: float, rate_hz: int) -> bool:
    """Most of what sounds is at this pitch."""
    sound = samples.astype(np.float64)
    energy = float(np.sum(sound**2))
    if energy < sound.size * 100.0**2:
        return False
    turning = np.exp(-2j * np.pi * hz * np.arange(sound.size) / rate_hz)
    return bool(2 * abs(np.sum(sound * turning)) ** 2 / sound.size / energy > PURE)


@dataclass
class _Handoff:
    """One call."""

    settings: Settings
    line: str
    wish: Clip
    anna: OperatorEnd
    bruno: OperatorEnd
    measured: _Measured

    async def go(self) -> None:
        offered, cut, over = asyncio.Event(), asyncio.Event(), asyncio.Event()
        heard_by_operator: list[float] = []
        wish, tone = _Timed(self.wish), _Tone(lambda: bool(heard_by_operator))
        again = clips()["it_mi_chiamo"] if self.line == "libreria" else clips()["ko_shipping"]
        moves: tuple[Move, ...] = (
            *(WaitForQuiet(), wish, WaitFor(offered.is_set, "an offer", PATIENCE_MS), tone, Say(again)),
            *(WaitFor(cut.is_set, "the cut", PATIENCE_MS), Say(again), WaitFor(over.is_set, "the end", PATIENCE_MS)),
        )
        since, sounds = len(self.anna.arrived), len(self.anna.sound)
        await self.anna.say("available")
        call = asyncio.create_task(
            place_call(
                self.settings.own_url, door="twilio", line=self.line, script=Script(moves),
                twilio_auth_token=self.settings.auth_token(),
            )
        )  # fmt: skip
        try:
            offer = await self.anna.until("offer", since=since)
            offered.set()
            await self._note_offer(offer, wish.said_s)
            accepted_s = await self._accept(offer.message["offer"], since)
            speaking = asyncio.create_task(self._speak_tone(tone))
            while not heard_by_operator:
                await asyncio.sleep(FRAME_MS / 4000)
                for at_s, pcm in self.anna.sound[sounds:]:
                    if _is_tone(np.frombuffer(pcm, "<i2"), CALLER_HZ, OPERATOR_RATE_HZ):
                        heard_by_operator.append(at_s)
                        break
            await speaking
            self.measured.voices.append((max(tone.heard_s, heard_by_operator[0]) - accepted_s) * 1000)
            call_id = offer.message["call_id"]
            before = len(self.anna.arrived)
            await self.anna.until("transcript", _final_of("caller"), before)
            await self._cut_and_come_back(call_id, cut)
            self._note_words(await self._turns(call_id), since)
        finally:
            over.set()
            await call
        await self.anna.until("state", lambda message: message["state"] == "wrap_up", since)
        back = len(self.anna.arrived)
        await self.anna.say("wrapped_up", then="away")
        await self.anna.until("state", lambda message: message["state"] == "away", back)

    async def _note_offer(self, offer: Arrived, said_s: float) -> None:
        events = await self._events(offer.message["call_id"])
        queued = next(at for at, event in enumerate(events) if event.type == "handoff.queued")
        before = (event for event in reversed(events[:queued]) if event.type == "transcript")
        wish = next(event for event in before if event.payload["speaker"] == "caller")
        known_s, queued_s = wish.occurred_at.timestamp(), events[queued].occurred_at.timestamp()
        self.measured.offer.append((offer.at_s - said_s) * 1000)
        self.measured.recognised.append((known_s - said_s) * 1000)
        self.measured.queued.append((queued_s - known_s) * 1000)
        self.measured.shown.append((offer.at_s - queued_s) * 1000)

    async def _accept(self, offer: str, since: int) -> float:
        """Both operators click at once; the one at whose seat it rings gets it, and the other hears who that is."""
        before = len(self.bruno.arrived)
        accepted_s = time.time()
        await self.anna.say("accept", offer=offer)
        await self.bruno.say("accept", offer=offer)
        gone = await self.bruno.until("offer_gone", since=before)
        self.measured.unnamed += gone.message.get("by") != self.anna.name
        await self.anna.until("connected", since=since)
        return accepted_s

    async def _speak_tone(self, heard: _Tone) -> None:
        frames = _tone(OPERATOR_HZ, OPERATOR_RATE_HZ)
        async for _ in beats(CallClock(), FRAME_MS):
            if heard.heard_s:
                return
            await self.anna.speak(next(frames))

    async def _cut_and_come_back(self, call_id: str, cut: asyncio.Event) -> None:
        """The console's connection breaks while the caller speaks; what it is told afterwards must be all there is."""
        known = len(await self._turns(call_id))
        self.anna.cut()
        cut.set()
        turns = await self._turns(call_id)
        for _ in range(MOST_LOOKS):
            if len(turns) > known:
                break
            await asyncio.sleep(LOOK_S)
            turns = await self._turns(call_id)
        back, began_s = len(self.anna.arrived), time.time()
        await self.anna.connect()
        await self.anna.until("transcript", lambda message: message["text"] == turns[-1].payload["text"], back)
        told = self.anna.of("transcript", back)
        self.measured.resumed.append((told[-1].at_s - began_s) * 1000)
        texts = [one.message["text"] for one in told]
        self.measured.gaps += sum(turn.payload["text"] not in texts for turn in turns)

    async def _turns(self, call_id: str) -> list[StoredEvent]:
        return [event for event in await self._events(call_id) if event.type == "transcript"]

    async def _events(self, call_id: str) -> list[StoredEvent]:
        timeline = await asyncio.to_thread(Timeline, self.settings.history_database())
        try:
            return list(await timeline.events(call_id))
        finally:
            await timeline.close()

    def _note_words(self, turns: list[StoredEvent], since: int) -> None:
        recognised_s = {turn.seq: turn.occurred_at.timestamp() for turn in turns if turn.payload["speaker"] != "bot"}
        for one in self.anna.of("transcript", since):
            if one.message.get("seq") in recognised_s:
                self.measured.words.append((one.at_s - recognised_s[one.message["seq"]]) * 1000)


def _final_of(speaker: str) -> Callable[[dict[str, Any]], bool]:
    return lambda message: bool(message.get("is_final")) and message["speaker"] == speaker
