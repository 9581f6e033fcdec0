"""Calls at once through the SIP door, signalling and keys only: nobody listens, so nothing but the door is loaded."""

from __future__ import annotations

import asyncio
import ipaddress
import math
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import samples
from centralino.bench.sip_callers import Callers, call
from centralino.loop_lag import LoopLag
from dialogs.loading import read_flowbook
from dialogs.understanding import Understanding
from history import Journal, Timeline
from knowledge.search import KnowledgeBase
from telephony.doors.house import House
from telephony.late_writing import LateWriting
from telephony.lines import Line, Lines
from telephony.operators.desk import Desk
from telephony.parts import Parts
from telephony.reception import Reception
from telephony.sip.port import SipPort
from telephony.sip.settings import SipSettings
from voice.listening.recognizer import Recognition
from voice.listening.vad import VoiceDetector
from voice.listening.workers import Recognizers
from voice.models import EngineChoice, ModelStore
from voice.speaking.prompts import Speaker
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer
from voice.speaking.synthesizer import Voice

KEYS = "1234"
LONGEST_S = 60.0
FLOWBOOK = """
flowbook: 1
id: keys
languages: {default: it}
start: welcome
disclosure: disclosure
queues: {nobody: {max_wait: 1s}}
repair:
  no_input: [{say: again, handoff: nobody}]
  no_match: [{say: again, handoff: nobody}]
always:
  operator: {handoff: nobody, say: again}
flows:
  welcome:
    - fill: {code: {type: digits, length: 4}}
      timeout: 600s
    - say: bye
    - end: answered
texts:
  disclosure: {it: Automatico.}
  ask_code: {it: Il codice?}
  again: {it: Scusi.}
  bye: {it: Ciao.}
  hearing_lost: {it: Ripeta.}
  failure: {it: Un guasto.}
  nobody_available: {it: La richiamiamo.}
  queue_place: {it: "Numero {place}."}
"""


@dataclass(frozen=True)
class SipFigures:
    """calls: placed; half of the callers hang up, the others wait until they are hung up on. keys: that the history
    has; ends: reasons of the calls' ends. complaints: what the callers did not get. loop, late: of the event loop and
    of the pacing of sound; cores: processors busy with the door."""

    calls: int
    keys: int
    keys_pressed: int
    ends: dict[str, int]
    complaints: tuple[str, ...]
    seconds: float
    cores: float
    loop_p99_ms: float
    loop_worst_ms: float
    pacing_worst_ms: float

    @property
    def good(self) -> bool:
        """Every key and every hang-up was seen."""
        half = self.calls // 2
        ends = {"bot_ended": half, "caller_hung_up": self.calls - half}
        return self.keys == self.keys_pressed and self.ends == ends and not self.complaints

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "good": self.good}


async def run(calls: int, speaker: Speaker | None = None) -> SipFigures:
    """Place them. speaker: a running one, default one of its own. Raises SippMissing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own = speaker or Speaker(folder / "prompts", {"pyttsx3": Pyttsx3Synthesizer()})
        try:
            async with _port(folder, calls, own) as (port, journal):
                return await _measured(port, journal, folder, calls)
        finally:
            if speaker is None:
                await own.close()


async def _measured(port: SipPort, journal: Journal, folder: Path, calls: int) -> SipFigures:
    half, at = calls // 2, port.agent.address[1]
    lag = LoopLag()
    watching = asyncio.create_task(lag.watch())
    port.pacer.worst_late_ms = 0.0
    began_s, cpu_s = time.monotonic(), time.process_time()
    waiting, leaving = Callers(half, KEYS, hang_up=False), Callers(calls - half, KEYS[:2], hang_up=True)
    told = await asyncio.gather(
        *(
            call(callers, "keys", at, folder / str(callers.hang_up), LONGEST_S)
            for callers in (waiting, leaving)
            if callers.calls
        )
    )
    seconds, used_s = time.monotonic() - began_s, time.process_time() - cpu_s
    watching.cancel()
    keys, ends = await _recorded(journal, calls)
    figures = lag.figures()
    return SipFigures(
        calls=calls,
        keys=keys,
        keys_pressed=half * len(waiting.keys) + (calls - half) * len(leaving.keys),
        ends=dict(ends),
        complaints=tuple(filter(None, told)),
        seconds=round(seconds, 1),
        cores=round(used_s / seconds, 3),
        loop_p99_ms=figures["p99_ms"],
        loop_worst_ms=figures["worst_ms"],
        pacing_worst_ms=round(port.pacer.worst_late_ms, 1),
    )


async def _recorded(journal: Journal, calls: int) -> tuple[int, Counter[str]]:
    """Keys and reasons of ends in the history, once all calls have ended or after a moment's wait."""
    timeline = Timeline(journal.path)
    try:
        for _ in range(50):
            rows = await timeline.list_interactions(limit=calls + 100)
            if sum(row.ended_at is not None for row in rows) >= calls:
                break
            await asyncio.sleep(0.1)
        keys, ends = 0, Counter[str]()
        for row in rows:
            ends[row.end_reason or "not ended"] += 1
            events = [event.payload for event in await timeline.events(row.id) if event.type == "dialog.event"]
            keys += sum(payload.get("kind") == "CallerTyped" for payload in events)
        return keys, ends
    finally:
        await timeline.close()


@asynccontextmanager
async def _port(folder: Path, calls: int, speaker: Speaker) -> AsyncIterator[tuple[SipPort, Journal]]:
    book = read_flowbook(FLOWBOOK)
    articles = Path(samples.__file__).parent / "bookshop" / "articles"  # nobody asks
    understanding = Understanding(book, KnowledgeBase.load(articles, embedder=None))
    line = Line("keys", "", "it", Voice("pyttsx3", "it"), book, understanding)
    await speaker.prerender([(text, line.voice) for text in book.spoken_texts("it")])
    await asyncio.to_thread(VoiceDetector)  # the first one loads its network, as a server does before its first call
    journal = await Journal.open(folder / "history.db", node="bench")
    desk = Desk(journal, lambda: int(time.monotonic() * 1000))
    reception = Reception(Lines([line]), Parts(journal, LateWriting(journal), _NobodyListens(), speaker, desk), calls)
    settings = SipSettings(
        port=0,
        trusted=[ipaddress.ip_network("127.0.0.0/8")],
        first_rtp_port=20_000,
        last_rtp_port=20_000 + 4 * math.ceil(calls) + 200,
    )
    running = asyncio.create_task(desk.run())
    try:
        async with SipPort(House(reception, ""), settings) as port:
            yield port, journal
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await reception.close(0)
        await journal.close()


class _NobodyListens(Recognizers):
    """In the place of all recognizers."""

    def __init__(self) -> None:
        super().__init__(ModelStore())

    def choice(self, language: str) -> EngineChoice:
        return EngineChoice(language, "none", "", "signalling load only")

    def prosody(self, language: str) -> None:
        """Nobody listens to how a voice ends, either."""

    async def open(self, language: str) -> Any:
        return _Deaf()


class _Deaf:
    engine, rate_hz, streaming = "none", 16_000, False

    async def accept(self, pcm: bytes) -> None:
        """Heard by nobody."""

    async def partial(self) -> Recognition:
        return Recognition("", False)

    async def glance(self) -> Recognition | None:
        return Recognition("", False)

    async def look(self, pcm: bytes = b"") -> Recognition:
        return Recognition("", False)

    async def final(self, pcm: bytes = b"") -> Recognition:
        return Recognition("", True)

    async def expect(self, phrases: Any) -> None:
        """Nothing is."""

    async def close(self) -> None:
        """Nothing to free."""
