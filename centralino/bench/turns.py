"""How well turns are ended: scripted speech in real time, first to our ear, then to one that waits for a fixed silence.

Both hear the same sound (mu-law at 8 kHz, 16 kHz on the browser's line), one after the other, so that neither takes
the machine from the other. A turn is cut off when an ear ended it before its last word; there is dead air when the
dialog got its words later than `DEAD_AIR_MS` after the last word, or never.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from centralino.bench import talking_over
from centralino.bench.turn_script import ScriptedTurn, with_silences
from centralino.calling.sound import FRAME_MS, frame_bytes
from centralino.company import load_company
from centralino.demo import clips
from centralino.settings import Settings
from dialogs import engine
from dialogs.events import CallerSaid, CallStarted, Lookup
from dialogs.state import State
from telephony.lines import Line
from telephony.preparing import Preparing
from voice import g711
from voice.listening.endpointing import Endpointing
from voice.listening.expecting import Judge
from voice.listening.heard import Heard, ListenerEvent, SpeechStopped
from voice.listening.listener import Listener
from voice.listening.prosody import Prosody
from voice.listening.recognizer import Recognition
from voice.listening.unsure import unsure_words
from voice.listening.workers import Recognizers
from voice.models import ModelStore, choose_engine
from voice.speaking.prompts import Speaker
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer

FIXED_MS = 480
DEAD_AIR_MS = 1500
GIVE_UP_MS = 5000
LEADING_MS = 300
EARLY_MS = 120
"""The script's last voiced sample is found by level, an ear's by its voice detector: they differ by less than this."""

FIXED = Endpointing(
    settled_ms=FIXED_MS, answerable_ms=FIXED_MS, silence_ms=FIXED_MS, slow_ms=FIXED_MS, unfinished_ms=FIXED_MS
)


@dataclass(frozen=True)
class Ended:
    """One turn as one ear ended it. settled_ms: from its last voiced sample until its words were told, None: never."""

    turn: ScriptedTurn
    cut_off: bool
    settled_ms: int | None
    text: str

    @property
    def dead_air(self) -> bool:
        return not self.cut_off and (self.settled_ms is None or self.settled_ms > DEAD_AIR_MS)


@dataclass(frozen=True)
class RuleFigures:
    """Of one ear, over the turns of one kind (or all). Shares in percent; settle times in ms, of turns not cut off."""

    kind: str
    turns: int
    cut_offs: float
    dead_air: float
    settled_p50: float | None
    settled_p95: float | None


@dataclass(frozen=True)
class TurnsFigures:
    script: str
    rule: list[RuleFigures]
    fixed: list[RuleFigures]
    talking_over: talking_over.TalkingOverFigures
    faults: list[str]
    """The turns that our rule cut off or left in dead air."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


async def run(
    settings: Settings, name: str, script: Sequence[ScriptedTurn], prosody: bool, say: Callable[[str], None]
) -> TurnsFigures:
    """prosody: our ear listens to it where its model is here. Raises what a model that is missing raises."""
    ours: list[Ended] = []
    fixed: list[Ended] = []
    said = clips()
    company = load_company(settings.company)
    store = ModelStore(settings.cache_dir)
    languages = {company.lines.get(turn.line).language for turn in script}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="centralino-bench-")))
        recognizers = Recognizers(store, workers=2)
        await recognizers.start([choose_engine(code, store, company.engines.get(code)) for code in sorted(languages)])
        stack.push_async_callback(recognizers.close)
        speaker = Speaker(folder, {"pyttsx3": Pyttsx3Synthesizer()})
        stack.push_async_callback(speaker.close)
        for number, turn in enumerate(script, start=1):
            line = company.lines.get(turn.line)
            state = _after(line, turn.before)
            clip = said[turn.clip].at(16_000 if line.language == "ko" else 8_000)
            pcm, last_voiced_ms = with_silences(clip, turn.pauses)
            preparing = Preparing(line, speaker, lambda language, line=line: line.voice, lambda: 0, 16_000)  # type: ignore[misc]
            judge = _judge(preparing, state)
            for rule, asked, results in ((line.endpointing, judge, ours), (FIXED, None, fixed)):
                told = recognizers.prosody(line.language) if asked and prosody else None
                ear = await _Ear.open(recognizers, line.language, clip.rate_hz, state, rule, asked, told)
                await _in_real_time(ear, pcm, clip.rate_hz, LEADING_MS + last_voiced_ms - EARLY_MS)
                results.append(ear.result(turn, LEADING_MS + last_voiced_ms))
                await ear.listener.close()
            say(f"{number} of {len(script)}: {turn.kind} {turn.name}: {_told(ours[-1])} (fixed: {_told(fixed[-1])})")
    say("calls in which the caller speaks over an answer")
    over = await talking_over.run(settings, say)
    faults = [f"{e.turn.kind} {e.turn.name}: {_told(e)}: {e.text!r}" for e in ours if e.cut_off or e.dead_air]
    return TurnsFigures(name, _figures(ours), _figures(fixed), over, faults)


class _Ear:
    """A listener with a clock of its own."""

    def __init__(self) -> None:
        self.listener: Listener
        self.began_s = 0.0
        self.told: list[tuple[int, ListenerEvent]] = []

    @classmethod
    async def open(
        cls,
        recognizers: Recognizers,
        language: str,
        rate_hz: int,
        state: State,
        rule: Endpointing,
        judge: Judge | None,
        prosody: Prosody | None,
    ) -> _Ear:
        ear = cls()
        ear.listener = Listener(
            await recognizers.open(language),
            rate_hz=rate_hz,
            emit=ear.hear,
            endpointing=rule,
            judge=judge,
            prosody=prosody,
        )
        if state.listen:
            ear.listener.expect(state.listen.phrases)
        return ear

    def now_ms(self) -> int:
        return round((time.monotonic() - self.began_s) * 1000)

    def hear(self, event: ListenerEvent) -> None:
        self.told.append((self.now_ms(), event))

    def finished(self, last_voiced_ms: float) -> bool:
        """The words of a turn that ended after the sound's last word were told."""
        return any(
            isinstance(event, Heard) and event.is_final and event.ended_ms >= last_voiced_ms for _, event in self.told
        )

    def result(self, turn: ScriptedTurn, last_voiced_ms: float) -> Ended:
        stops = [event.at_ms for _, event in self.told if isinstance(event, SpeechStopped)]
        finals = [(at, event) for at, event in self.told if isinstance(event, Heard) and event.is_final]
        cut_off = any(stop < last_voiced_ms - EARLY_MS for stop in stops)
        last = next((at for at, event in finals if event.ended_ms >= last_voiced_ms - EARLY_MS), None)
        text = " | ".join(event.text for _, event in finals)
        return Ended(turn, cut_off, None if last is None else round(last - last_voiced_ms), text)


async def _in_real_time(ear: _Ear, pcm: bytes, rate_hz: int, last_voiced_ms: float) -> None:
    """The sound, a frame each 20 ms, and silence after it until the ear has told all or it takes too long."""
    size = frame_bytes(rate_hz)
    sound = bytes(LEADING_MS * rate_hz // 500) + pcm
    if rate_hz == 8_000:
        sound = g711.mulaw_to_pcm(g711.pcm_to_mulaw(sound))
    spoken_ms = len(sound) * 500 / rate_hz
    began_s = time.monotonic()
    ear.began_s = began_s
    for number in range(round((spoken_ms + GIVE_UP_MS) / FRAME_MS)):
        await asyncio.sleep(max(0.0, began_s + (number + 1) * FRAME_MS / 1000 - time.monotonic()))
        frame = sound[number * size : (number + 1) * size].ljust(size, b"\0")
        ear.listener.feed(frame, (number + 1) * FRAME_MS)
        if number * FRAME_MS > last_voiced_ms and ear.finished(last_voiced_ms):
            return


def _judge(preparing: Preparing, state: State) -> Judge:
    async def judge(said: Recognition) -> Any:
        return await preparing.consider(state, said.text, unsure_words(said.words))

    return judge


def _after(line: Line, said: Sequence[str]) -> State:
    """The dialog after the caller said these things."""
    state, _ = engine.step(line.book, engine.start(line.book, line.language), CallStarted(0, line.id, line.language))
    for text in said:
        state, actions = engine.step(line.book, state, CallerSaid(0, text))
        while lookups := [action for action in actions if isinstance(action, Lookup)]:
            state, actions = engine.step(line.book, state, line.understanding.lookup(lookups[0], 0))
    return state


def _told(ended: Ended) -> str:
    settled = "never told" if ended.settled_ms is None else f"{ended.settled_ms} ms"
    return "cut off" if ended.cut_off else settled


def _figures(all_ended: Sequence[Ended]) -> list[RuleFigures]:
    kinds = [*dict.fromkeys(ended.turn.kind for ended in all_ended), "all"]
    return [_of_kind(kind, [e for e in all_ended if kind in (e.turn.kind, "all")]) for kind in kinds]


def _of_kind(kind: str, ended: Sequence[Ended]) -> RuleFigures:
    settled = sorted(e.settled_ms for e in ended if not e.cut_off and e.settled_ms is not None)
    return RuleFigures(
        kind=kind,
        turns=len(ended),
        cut_offs=round(100 * sum(e.cut_off for e in ended) / len(ended), 1),
        dead_air=round(100 * sum(e.dead_air for e in ended) / len(ended), 1),
        settled_p50=statistics.median(settled) if settled else None,
        settled_p95=settled[min(len(settled) - 1, int(0.95 * len(settled)))] if settled else None,
    )
