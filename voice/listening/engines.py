"""What a recognition engine looks like inside a worker process, and how one is found by its name.

To add one, write a class like those in `vosk.py` and `whisper.py` and register it under the entry point group
`centralino.recognizers`, in your own package.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from voice.listening.recognizer import Recognition

_OWN = {"vosk": "voice.listening.vosk:VoskEngine", "whisper": "voice.listening.whisper:WhisperEngine"}


class EngineRecognizer(Protocol):
    """One caller's recognizer, in the worker that owns it: used by one thread at a time. Sound is PCM16 mono."""

    def accept(self, pcm: bytes) -> None: ...

    def partial(self) -> Recognition: ...

    def look(self) -> Recognition: ...

    def glance(self, pressed: Callable[[], bool]) -> Recognition | None:
        """The words so far, only to be shown; given up (None) between two steps of the work once `pressed`."""
        ...

    def final(self) -> Recognition: ...

    def expect(self, phrases: Sequence[str]) -> list[str]:
        """Constrain the next utterance; returns the words that the model does not know."""
        ...

    def close(self) -> None: ...


class Engine(Protocol):
    """A loaded model. Made once in the nursery, before the fork: `start` is called in each worker, after it."""

    rate_hz: int
    streaming: bool
    parallel: bool
    """Two of its recognizers may work at the same moment, in two threads; else its decodes are quick by themselves."""
    step_ms: float
    """The longest work of the latest decode that could not be broken off; 0 where that is never long."""
    about: str
    """How it was loaded, for the log; empty when there is nothing to say."""

    def __init__(self, model: Path, threads: int) -> None:
        """Load what workers can share. Raises RuntimeError when the files are no such model."""
        ...

    def start(self) -> None:
        """Load what cannot live through a fork (thread pools)."""
        ...

    def open(self, language: str) -> EngineRecognizer: ...

    def unknown(self, words: Sequence[str]) -> list[str]:
        """Those of `words` that it can never write; none where it writes letter by letter."""
        ...


def load_engine(name: str) -> type[Engine]:
    """The engine's class. Raises LookupError naming the engines there are."""
    others = {entry.name: entry for entry in entry_points(group="centralino.recognizers")}
    if name in _OWN:
        module, _, attribute = _OWN[name].partition(":")
        engine: type[Engine] = getattr(import_module(module), attribute)
        return engine
    if name in others:
        found: type[Engine] = others[name].load()
        return found
    raise LookupError(f"no recognition engine is called {name!r}; there are {', '.join([*_OWN, *others])}")
