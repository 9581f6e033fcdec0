"""How soon a prompt is heard, for each voice engine that this machine has, in a real call.

A caller types digits; the last one makes the dialog say something. *First sound* is the time from that key until the
first frame is handed to the door: the dialog's decision, the commit of it to the history, and the voice, whose share is
shown apart (*after the commit*): a commit waits for the disk. Cached prompts are in memory, or on disk as after a
restart; an uncached one has four sentences that nobody said before. *Whole* is how long the engine takes for all of
such a text: the first sound of a server that does not stream. *Dead air* is silence between its sentences beyond the
pauses.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from centralino.bench.calls_report import Spread
from centralino.bench.reciting_company import ALWAYS, TEXTS, write_company
from centralino.company import Company, load_company
from centralino.settings import Settings
from dialogs.rendering import render
from history import Entry, Journal, Timeline
from telephony.late_writing import LateWriting
from telephony.media import Command, Pacing, SoundOut, Tell
from telephony.operators.desk import Desk
from telephony.parts import Parts
from telephony.reception import Reception
from telephony.speaking import FILLER_MS
from voice.listening.workers import Recognizers
from voice.models import ModelStore, choose_engine
from voice.speaking.engines import known_synthesizers, load_synthesizers
from voice.speaking.prompts import HOT_BYTES, Speaker
from voice.speaking.synthesizer import SynthesisFailed, Synthesizer, Voice

RATE_HZ = 8_000
CACHED_RUNS = 60
SETTLED_S = 0.15
"""Between two turns: what is still being sent of the last prompt has stopped."""


@dataclass(frozen=True)
class EngineFigures:
    """Milliseconds. *_voice: what of it comes after the commit. filled: the first sound of an uncached prompt where the
    flowbook has a filler; None where none is ever needed."""

    engine: str
    language: str
    memory: Spread
    memory_voice: Spread
    disk: Spread
    disk_voice: Spread
    uncached: Spread
    whole: Spread
    dead_air: Spread
    filled: Spread | None

    def spreads(self) -> dict[str, Spread]:
        """By what they are of, for people."""
        spreads = {
            "first sound, cached in memory": self.memory,
            "  after the commit": self.memory_voice,
            "first sound, cached on disk": self.disk,
            "  after the commit ": self.disk_voice,
            "first sound, uncached": self.uncached,
            "whole text, uncached": self.whole,
            "dead air between its sentences": self.dead_air,
        }
        return spreads | ({"first sound, uncached, with a filler": self.filled} if self.filled else {})

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class SpeakingFigures:
    """missing: why an engine was not measured."""

    engines: tuple[EngineFigures, ...]
    missing: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


async def run(
    settings: Settings, engines: Sequence[str], runs: int, rng: random.Random, say: Callable[[str], None]
) -> SpeakingFigures:
    """engines: their names; none: all there are. runs: uncached prompts of each. Raises LookupError for a name that no
    engine has, and what a recognizer or the history raises."""
    store = ModelStore(settings.cache_dir)
    figures: list[EngineFigures] = []
    missing: list[str] = []
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="centralino-bench-")))
        recognizers = Recognizers(store)
        stack.push_async_callback(recognizers.close)
        await recognizers.start([choose_engine(language, store, "whisper") for language in TEXTS])
        for name in engines or known_synthesizers():
            synthesizer = load_synthesizers([name], store)[name]
            stack.push_async_callback(synthesizer.close)
            voice, why = await _voice(synthesizer)
            if voice is None:
                missing.append(why)
                continue
            bench = _Bench(folder / name, synthesizer, voice, recognizers, rng, say)
            figures.append(await bench.run(runs))
    return SpeakingFigures(tuple(figures), tuple(missing))


async def _voice(synthesizer: Synthesizer) -> tuple[Voice | None, str]:
    """The engine's own in the first language of `TEXTS` that it speaks here, started; or why there is none."""
    why = f"{synthesizer.engine} speaks none of {', '.join(TEXTS)}"
    for language in (code for code in TEXTS if code in synthesizer.languages):
        voice = Voice(synthesizer.engine, language)
        try:
            await synthesizer.synthesize("1.", voice)
        except SynthesisFailed as error:
            why = str(error)
        else:
            return voice, ""
    return None, why


@dataclass
class _Bench:
    folder: Path
    synthesizer: Synthesizer
    voice: Voice
    recognizers: Recognizers
    rng: random.Random
    say: Callable[[str], None]

    async def run(self, runs: int) -> EngineFigures:
        self.say(f"{self.voice.engine}: cached prompts")
        async with self._caller("memory") as caller:
            memory = [await caller.first_sound(ALWAYS) for _ in range(CACHED_RUNS + 1)][1:]
        async with self._caller("disk", hot_bytes=0) as caller:
            disk = [await caller.first_sound(ALWAYS) for _ in range(CACHED_RUNS)]
        self.say(f"{self.voice.engine}: uncached prompts, played to their end")
        async with self._caller("uncached") as caller:
            uncached = []
            for _ in range(runs):
                uncached.append((await caller.first_sound(self._number())).ms)
                await caller.until_asked_again()
        dead_air = await self._between_sentences(caller.call_id, uncached)
        self.say(f"{self.voice.engine}: the same without streaming")
        whole = [await self._whole_ms(number) for number in range(runs)]
        filled = None
        if max(uncached) > FILLER_MS:
            self.say(f"{self.voice.engine}: uncached prompts, with a filler")
            async with self._caller("filled", filler=True) as caller:
                filled = Spread.of([(await caller.first_sound(self._number())).ms for _ in range(runs)])
        return EngineFigures(
            engine=self.voice.engine,
            language=self.voice.language,
            memory=Spread.of([sound.ms for sound in memory]),
            memory_voice=Spread.of([sound.voice_ms for sound in memory]),
            disk=Spread.of([sound.ms for sound in disk]),
            disk_voice=Spread.of([sound.voice_ms for sound in disk]),
            uncached=Spread.of(uncached),
            whole=Spread.of(whole),
            dead_air=Spread.of(dead_air),
            filled=filled,
        )

    def _number(self) -> str:
        """Never heard before."""
        return "".join(self.rng.sample("23456789", 6))

    async def _whole_ms(self, number: int) -> float:
        text = render(TEXTS[self.voice.language]["changing"], lambda field: self._number())
        speaker = Speaker(self.folder / f"whole-{number}", {self.voice.engine: self.synthesizer})
        began_s = time.perf_counter()
        await speaker.speak(text, self.voice)
        return (time.perf_counter() - began_s) * 1000

    async def _between_sentences(self, call_id: str, first_sounds: Sequence[float]) -> list[float]:
        timeline = Timeline(self.folder / "uncached.db")
        try:
            said = [event.payload for event in await timeline.events(call_id) if event.payload.get("key") == "changing"]
        finally:
            await timeline.close()
        told = [event["dead_air_ms"] for event in said if event.get("speaker") == "bot"]
        return [max(0.0, ms - first_ms) for ms, first_ms in zip(told, first_sounds, strict=True)]

    @contextlib.asynccontextmanager
    async def _caller(self, name: str, filler: bool = False, hot_bytes: int = HOT_BYTES) -> AsyncIterator[_Caller]:
        """A caller on a line of their own, who has heard the question."""
        write_company(self.folder / name, self.voice, filler)
        company = load_company(self.folder / name)
        speaker = Speaker(self.folder / "prompts", {self.voice.engine: self.synthesizer}, hot_bytes)
        await speaker.prerender(company.prompts())
        journal = await _Clocked.open(self.folder / f"{name}.db", node="bench")
        assert isinstance(journal, _Clocked)
        try:
            desk = Desk(journal, lambda: int(time.monotonic() * 1000))
            caller = _Caller(TEXTS[self.voice.language]["ask_number"], journal)
            await caller.call(company, Parts(journal, LateWriting(journal), self.recognizers, speaker, desk))
            yield caller
            await caller.hang_up()
        finally:
            await journal.close()


class _Clocked(Journal):
    """A history that knows when its last commit was done."""

    committed_s = 0.0

    async def append(self, interaction_id: str, entries: Sequence[Entry]) -> int:
        last = await super().append(interaction_id, entries)
        self.committed_s = time.perf_counter()
        return last


@dataclass(frozen=True)
class _FirstSound:
    """ms: since the last key. voice_ms: since what the dialog decided was committed."""

    ms: float
    voice_ms: float


class _Caller:
    """The far end of one call: hears when sound comes, types digits."""

    def __init__(self, question: str, journal: _Clocked) -> None:
        self._question, self._journal = question, journal
        self._sound = asyncio.Event()
        self._sound_s = self._committed_s = 0.0
        self._asked = asyncio.Event()

    async def call(self, company: Company, parts: Parts) -> None:
        """Until the question was heard."""
        reception = Reception(company.lines, parts, most_calls=2)
        expected = await reception.expect("bench", "", "bench", "")
        reception.claim(expected.token)
        self.call_id = expected.call_id
        self._call, self._over = reception.answer(expected, RATE_HZ, self._take, Pacing(confirms=False))
        await self._asked.wait()

    async def first_sound(self, digits: str) -> _FirstSound:
        """Type them; from the last one to the first sound."""
        for key in digits[:-1]:
            self._call.press(key)
        await asyncio.sleep(SETTLED_S)
        self._sound.clear()
        self._asked.clear()
        began_s = time.perf_counter()
        self._call.press(digits[-1])
        await self._sound.wait()
        return _FirstSound((self._sound_s - began_s) * 1000, (self._sound_s - self._committed_s) * 1000)

    async def until_asked_again(self) -> None:
        """Until the answer and the question behind it were played."""
        await self._asked.wait()

    async def hang_up(self) -> None:
        self._call.hung_up("caller_hung_up")
        await self._over

    async def _take(self, command: Command) -> None:
        if isinstance(command, SoundOut) and not self._sound.is_set():
            self._sound_s, self._committed_s = time.perf_counter(), self._journal.committed_s
            self._sound.set()
        elif isinstance(command, Tell) and command.message.get("text") == self._question:
            self._asked.set()
