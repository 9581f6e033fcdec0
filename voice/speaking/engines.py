"""Which synthesizers there are, and how one is found by its name.

To add one, write a class like those in `pyttsx3.py` and `kokoro.py` and register what makes it (a function, or the
class itself, that takes a `ModelStore`) under the entry point group `centralino.synthesizers`, in your own package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.metadata import entry_points

from voice.models import ModelStore
from voice.speaking.synthesizer import Synthesizer

GROUP = "centralino.synthesizers"
DEFAULT = "pyttsx3"
"""The one that needs no model and no extra: it speaks where no other was asked for."""
_OWN = {
    "pyttsx3": "voice.speaking.pyttsx3:from_models",
    "kokoro": "voice.speaking.kokoro:KokoroSynthesizer",
    "piper": "voice.speaking.piper:PiperSynthesizer",
}


def known_synthesizers() -> tuple[str, ...]:
    """The names of all engines, installed third parties' among them."""
    return tuple(dict.fromkeys([*_OWN, *(entry.name for entry in entry_points(group=GROUP))]))


def load_synthesizers(names: Iterable[str], models: ModelStore) -> dict[str, Synthesizer]:
    """These engines by name, behind the default one, which is always there. Nothing is started before its first text.

    Raises LookupError naming the engines there are.
    """
    return {name: _factory(name)(models) for name in dict.fromkeys([DEFAULT, *names])}


def _factory(name: str) -> Callable[[ModelStore], Synthesizer]:
    if name in _OWN:
        module, _, attribute = _OWN[name].partition(":")
        make: Callable[[ModelStore], Synthesizer] = getattr(import_module(module), attribute)
        return make
    for entry in entry_points(group=GROUP, name=name):
        found: Callable[[ModelStore], Synthesizer] = entry.load()
        return found
    raise LookupError(f"no voice engine is called {name!r}; there are {', '.join(known_synthesizers())}")
