"""Real engines with real models, fetched once into the user's cache, and callers' clips."""

from __future__ import annotations

import json
import wave
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from voice.listening.workers import Recognizers
from voice.models import ModelStore, choose_engine

CALLERS = Path(__file__).parents[3] / "samples" / "bookshop" / "callers"


@dataclass(frozen=True)
class Clip:
    pcm: bytes
    rate_hz: int
    text: str


@pytest.fixture(scope="session")
def clip() -> Callable[[str], Clip]:
    texts = {entry["file"]: entry["text"] for entry in json.loads((CALLERS / "manifest.json").read_text())}

    def read(name: str) -> Clip:
        with wave.open(str(CALLERS / f"{name}.wav")) as file:
            return Clip(file.readframes(file.getnframes()), file.getframerate(), texts[f"{name}.wav"])

    return read


@pytest.fixture(scope="session")
def korean_phrases() -> list[str]:
    manifest = json.loads((CALLERS / "manifest.json").read_text())
    return [entry["text"] for entry in manifest if entry["language"] == "ko"]


@pytest.fixture(scope="session")
def store() -> ModelStore:
    models = ModelStore()
    for name in ("whisper-base", "vosk-model-small-ko-0.22"):
        models.fetch(name)
    return models


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def recognizers(store: ModelStore) -> AsyncIterator[Recognizers]:
    """Korean on two Vosk workers, Italian and English on one Whisper worker."""
    pool = Recognizers(store, workers=2, answer_within_s=30)
    choices = [choose_engine("ko", store), *(choose_engine(code, store, engine="whisper") for code in ("it", "en"))]
    await pool.start(choices)
    yield pool
    await pool.close()


def words(text: str) -> set[str]:
    return set("".join(letter if letter.isalnum() else " " for letter in text.lower()).split())


def pid_of(recognizer: object) -> int:
    pid = recognizer._link.pid  # type: ignore[attr-defined]
    assert isinstance(pid, int)
    return pid
