"""Whole calls in which the caller makes a sound over an answer: does it stop when it must, and only then?"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from centralino.calling import Clip, HangUp, Interrupt, Say, Script, Silence, WaitForQuiet, place_call
from centralino.demo import clips
from centralino.own_server import own_server, settings_beside
from centralino.settings import Settings
from history import Segment, Timeline
from voice.audio import float_to_pcm

LINE = "libreria"
QUESTION, ARTICLE = "it_orari", "opening-hours"
WISHES = ("it_bargein", "it_operatore", "it_spedizione")
AFTER_MS = (1_200, 2_100, 3_000)
"""How long the answer had been played when the caller made a sound."""


@dataclass(frozen=True)
class TalkingOverFigures:
    """false_barge_ins: answers that did not go on to their end after a cough, a 'sì', a 'mhm'. missed: wishes that did
    not stop the answer. silent_*: ms from the first voiced sample of a wish until the line was silent."""

    sounds: int
    false_barge_ins: int
    wishes: int
    missed: int
    silent_p50: float | None
    silent_worst: float | None
    faults: list[str]


async def run(settings: Settings, say: Callable[[str], None]) -> TalkingOverFigures:
    """On a server of its own, as many calls at once as there are places in the answer."""
    said = clips()
    go_on = [_cough(), _hum(), said["it_si"]]
    wishes = [said[name] for name in WISHES]
    faults: list[str] = []
    false = missed = 0
    silent: list[float] = []
    with tempfile.TemporaryDirectory(prefix="centralino-bench-") as folder:
        own = settings_beside(settings, Path(folder))
        async with own_server(own, Path(folder) / "server.log"):
            for number, clip in enumerate((*go_on, *wishes)):
                say(f"{clip.words!r} over an answer")
                calls = [_call(own, said[QUESTION], clip, after, f"+3905155{number}{after}") for after in AFTER_MS]
                for after_ms, (stopped, silent_ms) in zip(AFTER_MS, await asyncio.gather(*calls), strict=True):
                    if clip in wishes:
                        missed += not stopped
                        silent += [] if silent_ms is None else [silent_ms]
                    else:
                        false += stopped
                    if stopped != (clip in wishes):
                        faults.append(f"{clip.words!r} after {after_ms} ms")
    return TalkingOverFigures(
        sounds=len(go_on) * len(AFTER_MS),
        false_barge_ins=false,
        wishes=len(wishes) * len(AFTER_MS),
        missed=missed,
        silent_p50=round(statistics.median(silent)) if silent else None,
        silent_worst=round(max(silent)) if silent else None,
        faults=faults,
    )


async def _call(own: Settings, question: Clip, clip: Clip, after_ms: int, caller: str) -> tuple[bool, float | None]:
    """Whether the answer stopped, and how long that took."""
    moves = (
        WaitForQuiet(), Say(question), Interrupt(clip, after_ms=after_ms),
        WaitForQuiet(quiet_ms=2_500), Silence(300), HangUp(),
    )  # fmt: skip
    result = await place_call(
        own.own_url,
        door="twilio",
        line=LINE,
        script=Script(moves),
        twilio_auth_token=own.auth_token(),
        caller=caller,
    )
    if result.outcome not in ("completed", "ended_early"):  # a call for an operator, with nobody there, ends early
        raise RuntimeError(f"a call of the bench failed: {result.outcome_why or result.ended_why}")
    silent_ms = next((turn.barge_in_ms for turn in result.turns if turn.kind == "interrupted"), None)
    return (await _answer(own, caller)).interrupted, silent_ms


async def _answer(settings: Settings, caller: str) -> Segment:
    """The answer in the transcript of this caller's call."""
    timeline = Timeline(settings.history_database())
    try:
        for _ in range(50):
            for row in await timeline.list_interactions(limit=50):
                if row.caller == caller and row.ended_at:
                    detail = await timeline.get(row.id)
                    return next(turn for turn in detail.transcript if turn.article == ARTICLE)
            await asyncio.sleep(0.1)
    finally:
        await timeline.close()
    raise RuntimeError("a call of the bench has no end in the history")


def _cough() -> Clip:
    """A burst of noise, 250 ms, with the sharp onset and the formants of a cough."""
    rate_hz = 8_000
    seconds = np.arange(rate_hz // 4) / rate_hz
    noise = np.random.default_rng(7).normal(0, 1, len(seconds))
    for formant_hz in (650, 1_500):
        noise = noise + 1.5 * np.sin(2 * np.pi * formant_hz * seconds) * np.random.default_rng(8).normal(
            1, 0.3, len(noise)
        )
    loud = np.minimum(1, seconds / 0.01) * np.exp(-seconds / 0.08)
    return Clip("cough", float_to_pcm((0.2 * noise * loud).astype(np.float32)), rate_hz, "(a cough)")


def _hum() -> Clip:
    """A hummed 'mhm': 450 ms of a low voice with its mouth closed."""
    rate_hz = 8_000
    seconds = np.arange(int(rate_hz * 0.45)) / rate_hz
    pitch_hz = 120 + 30 * np.sin(2 * np.pi * 1.5 * seconds)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / rate_hz
    voice = sum(np.sin(harmonic * phase) / harmonic**1.5 for harmonic in range(1, 9))
    loud = np.sin(np.pi * seconds / seconds[-1]) ** 0.5 * (1 - 0.7 * np.exp(-(((seconds - 0.2) / 0.04) ** 2)))
    return Clip("hum", float_to_pcm((0.15 * voice * loud).astype(np.float32)), rate_hz, "(mhm)")
