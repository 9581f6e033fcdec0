"""How many calls at once a machine answers well: callers over the real protocol, in real time, for minutes.

The server is a process of its own with the bench's company; the callers are processes of their own. Nothing is skipped
on the way: webhook, signature, frames, voice detection, recognition, search, dialog, history, prompt.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import sys
import tempfile
import time
import wave
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from centralino.bench import caller_speech, process_usage
from centralino.bench.answering_company import write_company
from centralino.bench.callers import Plan
from centralino.bench.calls_report import CallsFigures, Costs, Spread, observed
from centralino.calling import BadClip, Clip
from centralino.calling.sound import FRAME_MS
from centralino.company import load_company
from centralino.own_server import own_server, settings_beside
from centralino.settings import Settings, SettingsError
from voice import g711
from voice.listening.heard import Heard
from voice.listening.listener import Listener
from voice.listening.workers import Recognizers
from voice.models import EngineChoice, ModelStore, choose_engine

DOORS_HZ = {"twilio": 8000, "browser": 16_000}
CALLERS_A_PROCESS = 12
RAMP_S = 1.0
"""From one caller's first call to the next caller's."""
HEALTH_S = 1.0
MEMORY_S = 5.0
"""Reading a process's memory map holds it up for a moment, so it is done seldom."""
SETTLE_S = 2.0
TRIALS = 2
"""How often each clip is heard beforehand."""


@dataclass(frozen=True)
class Wanted:
    """A run. speech: folder of recordings, None for the sample callers; seed: decides what the callers do."""

    calls: int
    line: str
    minutes: float
    door: str = "twilio"
    speech: Path | None = None
    seed: int = 1


async def run(settings: Settings, wanted: Wanted, say: Callable[[str], None]) -> CallsFigures:
    """Measure once. Raises SettingsError, BadClip, and what the server or its models raise."""
    if wanted.door not in DOORS_HZ:
        raise SettingsError(f"no door {wanted.door!r}; one of: {', '.join(DOORS_HZ)}")
    if not process_usage.AVAILABLE:
        raise SettingsError(
            "this bench reads processor time and memory from /proc, which Linux has and this system lacks"
        )
    company = load_company(settings.company)
    language = company.lines.get(wanted.line).language
    choice = choose_engine(language, ModelStore(settings.cache_dir), company.engines[language])
    said = caller_speech.recorded(wanted.speech) if wanted.speech else caller_speech.sampled(language)
    clips = [clip.at(DOORS_HZ[wanted.door]) for clip in said]
    say(f"{len(clips)} utterances, {choice.engine} listens")
    heard = await _heard(settings, choice, clips, wanted.door)
    clips = [clip for clip, texts in zip(clips, heard, strict=True) if texts]
    if not clips:
        raise BadClip("the recognizer understands nothing of the callers' clips")
    with tempfile.TemporaryDirectory(prefix="centralino-bench-") as temporary:
        folder = Path(temporary)
        phrasings = [text for texts in heard for text in texts]
        write_company(folder / "company", wanted.line, language, choice.engine, phrasings)
        bench = settings.model_copy(update={"company": folder / "company"})
        own = settings_beside(bench, folder / "data").model_copy(update={"most_calls": wanted.calls + 1})
        names = _write_clips(folder, clips)
        async with own_server(own, folder / "server.log") as server:
            return await _measure(own, wanted, choice, names, server.pid, say)


async def _heard(settings: Settings, choice: EngineChoice, clips: Sequence[Clip], door: str) -> list[list[str]]:
    """What the line's own ear makes of each clip after the door's codec, more than once: no two times are the same."""
    recognizers = Recognizers(ModelStore(settings.cache_dir))
    await recognizers.start([choice])
    try:
        told: list[Heard] = []
        listener = Listener(
            await recognizers.open(choice.language),
            rate_hz=DOORS_HZ[door],
            emit=lambda event: told.append(event) if isinstance(event, Heard) and event.is_final else None,
        )
        texts: list[list[str]] = [[] for _ in clips]
        at_ms = 0
        for _ in range(TRIALS):
            for clip, text in zip(clips, texts, strict=True):
                silence = Clip("", bytes(clip.rate_hz), clip.rate_hz)  # half a second
                for frame in [*silence.frames(), *clip.frames(), *silence.frames()]:
                    at_ms += FRAME_MS
                    listener.feed(g711.mulaw_to_pcm(g711.pcm_to_mulaw(frame)) if door == "twilio" else frame, at_ms)
                await listener.finish(at_ms)
                text += [heard.text for heard in told if heard.text]
                told.clear()
        await listener.close()
        return texts
    finally:
        await recognizers.close()


def _write_clips(folder: Path, clips: Sequence[Clip]) -> list[str]:
    names = []
    for number, clip in enumerate(clips):
        path = folder / f"{number}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(clip.rate_hz)
            file.writeframes(clip.pcm)
        names.append(str(path))
    return names


async def _measure(
    own: Settings, wanted: Wanted, choice: EngineChoice, clips: Sequence[str], server: int, say: Callable[[str], None]
) -> CallsFigures:
    await asyncio.sleep(SETTLE_S)
    idle = process_usage.total(map(process_usage.memory, [server, *process_usage.descendants(server)]))
    async with httpx.AsyncClient(base_url=own.own_url, trust_env=False, timeout=30) as client:
        watch = _Watch(client, server)
        watching = asyncio.create_task(watch.watch())
        placed = await _call(own, wanted, clips, watch, say)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        loop = (await client.get("/health")).json()["event_loop"]
    seen = observed(placed)
    return CallsFigures(
        calls=wanted.calls,
        line=wanted.line,
        door=wanted.door,
        engine=f"{choice.engine} ({choice.model})",
        minutes=wanted.minutes,
        cores=os.cpu_count() or 1,
        recognizer_ms=Spread.of(watch.recognizer_ms),
        loop_p99_ms=loop["p99_ms"],
        loop_worst_ms=loop["worst_ms"],
        costs=watch.costs(idle),
        **vars(seen),
    )


async def _call(
    own: Settings, wanted: Wanted, clips: Sequence[str], watch: _Watch, say: Callable[[str], None]
) -> list[dict[str, Any]]:
    """All callers, in as many processes as they need to be on time; they begin when all of these are ready."""
    async with AsyncExitStack() as stack:
        count = math.ceil(wanted.calls / CALLERS_A_PROCESS)
        processes = await asyncio.gather(*(stack.enter_async_context(_callers(watch)) for _ in range(count)))
        began_s = time.monotonic() + 1.0
        starts_s = [began_s + number * RAMP_S for number in range(wanted.calls)]
        until_s = starts_s[-1] + wanted.minutes * 60
        say(f"{wanted.calls} callers for {until_s - began_s:.0f} s")
        plans = [
            Plan(
                own.own_url, wanted.door, wanted.line, own.auth_token(), clips, part * 1000, wanted.seed,
                starts_s[part::count], until_s,
            )
            for part in range(count)
        ]  # fmt: skip
        results = await asyncio.gather(*map(_carried_out, processes, plans))
    return [call for calls in results for call in calls]


@asynccontextmanager
async def _callers(watch: _Watch) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that waits for its plan."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "centralino.bench.callers"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    watch.generators.append(process.pid)
    try:
        assert process.stdout
        await process.stdout.readline()
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _carried_out(process: asyncio.subprocess.Process, plan: Plan) -> list[dict[str, Any]]:
    told, _ = await process.communicate(json.dumps(vars(plan)).encode())
    if process.returncode:
        raise RuntimeError(f"the callers ended with code {process.returncode}; their words are above")
    calls: list[dict[str, Any]] = json.loads(told)
    return calls


class _Watch:
    """Looks at the server while the calls run. Processes are the server, its recognizers, and those that speak."""

    def __init__(self, client: httpx.AsyncClient, server: int) -> None:
        self.generators: list[int] = []
        self.recognizer_ms: list[float] = []
        self._client, self._server = client, server
        self._recognizers: set[int] = set()
        self._first: tuple[float, float, dict[int, float]] | None = None
        self._last: tuple[float, float, dict[int, float]] | None = None
        self._peak = process_usage.Usage(0.0)

    async def watch(self) -> None:
        looked_s = 0.0
        while True:
            health = (await self._client.get("/health")).json()
            workers = health["recognizers"]
            self.recognizer_ms.append(max((worker["waiting_ms"] for worker in workers), default=0))
            self._recognizers |= {worker["pid"] for worker in workers if worker["pid"]}
            processes = [self._server, *process_usage.descendants(self._server)]
            used = {pid: process_usage.cpu_s(pid) for pid in [*processes, *self.generators]}
            self._last = (time.monotonic(), process_usage.machine_cpu_s(), used)
            self._first = self._first or self._last
            if time.monotonic() - looked_s >= MEMORY_S:
                looked_s = time.monotonic()
                now = process_usage.total(map(process_usage.memory, processes))
                if now.pss_mb > self._peak.pss_mb:
                    self._peak = now
            await asyncio.sleep(HEALTH_S)

    def costs(self, idle: process_usage.Usage) -> Costs:
        if self._first is None or self._last is None:
            raise RuntimeError("the server was never looked at")
        (began_s, machine_s, before), (ended_s, machine_end_s, after) = self._first, self._last
        lasted_s = max(0.001, ended_s - began_s)
        cores = {pid: max(0.0, used - before.get(pid, 0.0)) / lasted_s for pid, used in after.items()}
        generator = sum(cores.get(pid, 0.0) for pid in self.generators)
        server, recognizer = cores.get(self._server, 0.0), sum(cores.get(pid, 0.0) for pid in self._recognizers)
        speech = sum(cores.values()) - generator - server - recognizer
        others = (machine_end_s - machine_s) / lasted_s - sum(cores.values())
        return Costs(
            server_cores=round(server, 3),
            recognizer_cores=round(recognizer, 3),
            speech_cores=round(speech, 3),
            generator_cores=round(generator, 3),
            others_cores=round(max(0.0, others), 2),
            idle_pss_mb=round(idle.pss_mb, 1),
            peak_pss_mb=round(self._peak.pss_mb, 1),
            peak_rss_mb=round(self._peak.rss_mb, 1),
        )
