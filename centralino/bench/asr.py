"""How well, and how fast, Vosk reads recorded speech: wideband, through a telephone line, and with its band put back.

DIR holds 16 kHz mono PCM16 files and `transcripts.tsv` (file, tab, text). Errors are counted in letters (CER): the
letters to insert, leave out or exchange, for each letter of the transcript; punctuation and spaces do not count.
Throughput is sound decoded for each second of the clock, as fast as it goes, N streams at once: by recognizers in our
workers, and by a plain loop over as many `KaldiRecognizer`s with a thread for each core and the same graph, in the same
run.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import statistics
import time
import wave
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import vosk

from centralino.bench.phone_channel import LINE_HZ, WIDE_HZ, through_the_phone
from centralino.calling import BadClip
from voice.audio import resample
from voice.listening.narrowband import INSIDE_MS, BandExtension
from voice.listening.vosk import for_free_speech
from voice.listening.workers import Recognizers
from voice.models import EngineChoice, ModelStore, choose_engine

TRANSCRIPTS = "transcripts.tsv"
_CHUNK_MS = 160
"""What the listener gives at once to a recognizer."""
_PACKET_BYTES = LINE_HZ // 50 * 2
"""20 ms, as carriers send them."""


@dataclass(frozen=True)
class Clip:
    """pcm: PCM16 mono at 16 kHz."""

    name: str
    pcm: bytes
    text: str


@dataclass(frozen=True)
class FileFigures:
    """Letter error rates of one file: as recorded, through the phone with plain upsampling, and with its band back."""

    file: str
    seconds: float
    wide: float
    phone: float
    repaired: float


@dataclass(frozen=True)
class StreamsFigures:
    """Seconds of sound decoded in a second: by our workers and by the bare loop (medians of the runs)."""

    streams: int
    seconds_each: float
    runs: int
    ours: float
    bare: float

    @property
    def ratio(self) -> float:
        return round(self.ours / self.bare, 3)


@dataclass(frozen=True)
class AsrFigures:
    """stage_delay_ms: sound kept inside the band extension, at most. stage_core: its share of a core, for one call."""

    model: str
    files: tuple[FileFigures, ...]
    stage_delay_ms: int
    stage_core: float
    streams: StreamsFigures

    def median(self, kind: str) -> float:
        """kind: 'wide', 'phone' or 'repaired'."""
        return float(statistics.median(getattr(file, kind) for file in self.files))

    def to_json(self) -> dict[str, Any]:
        medians = {kind: round(self.median(kind), 4) for kind in ("wide", "phone", "repaired")}
        return {**asdict(self), "medians": medians, "ratio": self.streams.ratio}


def run(
    store: ModelStore,
    folder: Path,
    *,
    language: str,
    streams: int,
    seconds: float,
    runs: int,
    say: Callable[[str], None],
) -> AsrFigures:
    """Measure. Raises BadClip for a folder that is not as it should be, ModelMissing without a Vosk model."""
    clips = read(folder)
    choice = choose_engine(language, store, "vosk")
    vosk.SetLogLevel(-1)
    model, about = for_free_speech(store.path(choice.model), vosk.Model(str(store.path(choice.model))))
    say(about)
    files = []
    spent_s = narrow_s = 0.0
    for clip in clips:
        say(clip.name)
        narrow = through_the_phone(clip.pcm)
        began_s = time.process_time()
        repaired = _repaired(narrow)
        spent_s += time.process_time() - began_s
        narrow_s += len(narrow) / 2 / LINE_HZ
        sounds = (clip.pcm, resample(narrow, LINE_HZ, WIDE_HZ), repaired)
        errors = [round(letter_errors(clip.text, _bare_text(model, sound)), 4) for sound in sounds]
        files.append(FileFigures(clip.name, round(len(clip.pcm) / 2 / WIDE_HZ, 1), *errors))
    return AsrFigures(
        model=choice.model,
        files=tuple(files),
        stage_delay_ms=INSIDE_MS,
        stage_core=round(spent_s / narrow_s, 4),
        streams=_streams(model, store, choice, endless(clips, streams, seconds), seconds, runs, say),
    )


def read(folder: Path) -> list[Clip]:
    """The clips that `transcripts.tsv` names. Raises BadClip naming the file or line that is wrong."""
    listed = folder / TRANSCRIPTS
    if not listed.is_file():
        raise BadClip(f"{listed} is missing; it has a line for each file: NAME.wav, tab, what is said in it")
    clips = []
    for number, line in enumerate(listed.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        name, tab, text = line.partition("\t")
        if not tab or not letters(text):
            raise BadClip(f"{listed}, line {number}: not 'NAME.wav, tab, what is said in it': {line[:60]!r}")
        try:
            with wave.open(str(folder / name)) as file:
                if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, WIDE_HZ):
                    raise BadClip(f"{folder / name} is not 16 kHz mono PCM16")
                clips.append(Clip(name, file.readframes(file.getnframes()), text))
        except (OSError, EOFError, wave.Error) as error:
            raise BadClip(f"{folder / name} (line {number} of {listed}): {error}") from error
    if not clips:
        raise BadClip(f"{listed} names no file")
    return clips


def letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


def letter_errors(said: str, heard: str) -> float:
    """Edits from `heard` to `said` for each letter of `said`, 0..; above 1 when far more was heard than said."""
    truth, guess = letters(said), letters(heard)
    row = list(range(len(guess) + 1))
    for number, letter in enumerate(truth, start=1):
        before, row[0] = row[0], number
        for place, other in enumerate(guess, start=1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != other))
    return row[-1] / len(truth)


def endless(clips: Sequence[Clip], streams: int, seconds: float) -> list[bytes]:
    """Continuous speech for each stream, all the clips over and over, each stream beginning elsewhere."""
    spoken = b"".join(clip.pcm for clip in clips)
    size = int(seconds * WIDE_HZ) * 2
    many = spoken * (size // len(spoken) + 2)
    starts = [len(spoken) // 2 * number // streams * 2 for number in range(streams)]
    return [many[start : start + size] for start in starts]


def _repaired(narrow: bytes) -> bytes:
    stage = BandExtension()
    ready = [stage.feed(packet) for packet in _cut(narrow, _PACKET_BYTES)]
    return b"".join([*ready, stage.flush()])


def _cut(pcm: bytes, size: int) -> list[bytes]:
    return [pcm[start : start + size] for start in range(0, len(pcm), size)]


def _chunks(pcm: bytes) -> list[bytes]:
    return _cut(pcm, WIDE_HZ * _CHUNK_MS // 1000 * 2)


def _bare_text(model: vosk.Model, pcm: bytes) -> str:
    recognizer = vosk.KaldiRecognizer(model, WIDE_HZ)
    ended = [recognizer.Result() for chunk in _chunks(pcm) if recognizer.AcceptWaveform(chunk)]
    return " ".join(json.loads(result)["text"] for result in [*ended, recognizer.FinalResult()])


def _streams(
    model: vosk.Model,
    store: ModelStore,
    choice: EngineChoice,
    sounds: list[bytes],
    seconds: float,
    runs: int,
    say: Callable[[str], None],
) -> StreamsFigures:
    total_s = seconds * len(sounds)
    bare, ours = [], []
    for number in range(runs):
        say(f"{len(sounds)} streams at once, run {number + 1} of {runs}")
        bare.append(total_s / _bare_s(model, sounds))
        ours.append(total_s / asyncio.run(_our_s(store, choice, sounds)))
    return StreamsFigures(
        streams=len(sounds),
        seconds_each=seconds,
        runs=runs,
        ours=round(statistics.median(ours), 2),
        bare=round(statistics.median(bare), 2),
    )


def _bare_s(model: vosk.Model, sounds: list[bytes]) -> float:
    cores = os.cpu_count() or 1

    def decode(mine: list[bytes]) -> None:
        recognizers = [vosk.KaldiRecognizer(model, WIDE_HZ) for _ in mine]
        for chunks in zip(*map(_chunks, mine), strict=True):
            for recognizer, chunk in zip(recognizers, chunks, strict=True):
                if recognizer.AcceptWaveform(chunk):
                    recognizer.Result()
        for recognizer in recognizers:
            recognizer.FinalResult()

    with ThreadPoolExecutor(cores) as threads:
        began_s = time.perf_counter()
        list(threads.map(decode, [sounds[core::cores] for core in range(cores)]))
        return time.perf_counter() - began_s


async def _our_s(store: ModelStore, choice: EngineChoice, sounds: list[bytes]) -> float:
    recognizers = Recognizers(store)
    await recognizers.start([choice])
    try:

        async def decode(sound: bytes) -> None:
            recognizer = await recognizers.open(choice.language)
            for chunk in _chunks(sound):
                await recognizer.accept(chunk)
            await recognizer.final()
            await recognizer.close()

        began_s = time.perf_counter()
        await asyncio.gather(*(decode(sound) for sound in sounds))
        return time.perf_counter() - began_s
    finally:
        await recognizers.close()
