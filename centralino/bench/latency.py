"""How long a caller waits for a cached answer, one call at a time, and what the event loop pays for it.

Server-side latency: from the arrival of the caller's last voiced sample to the first sample of the answer that is
sent. Heard latency: the same as the far end measures it, with the socket between. The baseline is what a server needs
that waits for a fixed silence (480 ms) and then decodes: Whisper as faster-whisper does it by itself (30 s window), or
Vosk's `FinalResult`; it is timed in the same run on the same clip.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from centralino.bench.turns import FIXED_MS
from centralino.calling import Clip, Move, Say, Script, WaitForQuiet, place_call
from centralino.demo import clips
from centralino.own_server import own_server, settings_beside
from centralino.settings import Settings
from history import Timeline
from voice.audio import pcm_to_float
from voice.models import ModelStore, choose_engine

QUESTIONS = {"libreria": ("twilio", "it_orari", "it_spedizione"), "seojeom": ("browser", "ko_hours", "ko_shipping")}
"""line: (door, clips to say one after the other)."""


@dataclass(frozen=True)
class LineFigures:
    """Of one line, over all runs. Milliseconds; loop_*: lateness of the server's event loop while its calls ran."""

    line: str
    engine: str
    turns: int
    server_p50: float
    server_worst: float
    heard_p50: float
    baseline_p50: float
    loop_p99: float
    loop_worst: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


async def run(settings: Settings, runs: int, say: Callable[[str], None]) -> list[LineFigures]:
    """Place `runs` calls on each line, one at a time, on a server of its own. Raises what a server or a call raises."""
    said = clips()
    figures = []
    with tempfile.TemporaryDirectory(prefix="centralino-bench-") as folder:
        own = settings_beside(settings, Path(folder))
        for line, (door, *names) in QUESTIONS.items():
            log = Path(folder) / "server.log"
            async with own_server(own, log):
                heard: list[float] = []
                for number in range(runs):
                    say(f"{line}: call {number + 1} of {runs}")
                    heard += await _call(own, line, door, [said[name] for name in names])
                async with httpx.AsyncClient(base_url=own.own_url, trust_env=False) as client:
                    loop = (await client.get("/health")).json()["event_loop"]
            served, engine = await _served(own, line)
            say(f"{line}: the baseline")
            baseline = _baseline(settings, engine, [said[name] for name in names], runs)
            figures.append(
                LineFigures(
                    line=line,
                    engine=engine,
                    turns=len(served),
                    server_p50=statistics.median(served),
                    server_worst=max(served),
                    heard_p50=round(statistics.median(heard)),
                    baseline_p50=round(statistics.median(baseline)),
                    loop_p99=loop["p99_ms"],
                    loop_worst=loop["worst_ms"],
                )
            )
    return figures


async def _call(settings: Settings, line: str, door: str, questions: list[Clip]) -> list[float]:
    moves: list[Move] = []
    for question in questions:
        moves += [WaitForQuiet(), Say(question)]
    result = await place_call(
        settings.own_url,
        door=door,
        line=line,
        script=Script((*moves, WaitForQuiet(timeout_ms=60_000))),
        twilio_auth_token=settings.auth_token(),
    )
    return list(result.turn_latency_ms)


async def _served(settings: Settings, line: str) -> tuple[list[int], str]:
    """The latencies of answers read from an article, which are all cached, as the history has them; the engine."""
    timeline = Timeline(settings.history_database())
    try:
        latencies: list[int] = []
        engine = ""
        for row in await timeline.list_interactions(limit=500, line=line):
            engine = row.recognizer
            detail = await timeline.get(row.id)
            latencies += [t.latency_ms for t in detail.transcript if t.article and t.latency_ms is not None]
        return latencies, engine
    finally:
        await timeline.close()


def _baseline(settings: Settings, engine: str, questions: list[Clip], runs: int) -> list[float]:
    store = ModelStore(settings.cache_dir)
    decode = _whisper(store) if engine == "whisper" else _vosk(store)
    return [FIXED_MS + decode(question.at(16_000)) for _ in range(runs) for question in questions]


def _whisper(store: ModelStore) -> Callable[[Clip], float]:
    from faster_whisper import WhisperModel

    model = WhisperModel(str(store.path(choose_engine("it", store, "whisper").model)), compute_type="int8")

    def decode(clip: Clip) -> float:
        began_s = time.perf_counter()
        segments, _ = model.transcribe(np.asarray(pcm_to_float(clip.pcm)), language="it", beam_size=1)
        list(segments)
        return (time.perf_counter() - began_s) * 1000

    return decode


def _vosk(store: ModelStore) -> Callable[[Clip], float]:
    import vosk

    vosk.SetLogLevel(-1)
    model = vosk.Model(str(store.path(choose_engine("ko", store, "vosk").model)))

    def decode(clip: Clip) -> float:
        recognizer = vosk.KaldiRecognizer(model, 16_000)
        recognizer.AcceptWaveform(clip.pcm)
        began_s = time.perf_counter()
        recognizer.FinalResult()
        return (time.perf_counter() - began_s) * 1000

    return decode
