"""Keys pressed while the caller's words are still on their way: in which order the dialog gets the two.

"Tre quattro", a pause, keys 5 and 6 are one answer, 3456; words take longer than keys, so the keys wait. Who reads a
number aloud while typing it says it twice: then the keys count, and the words are only written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from dialogs import engine
from dialogs.events import CallerTyped
from dialogs.flowbook import Flowbook
from dialogs.state import State
from telephony.preparing import missed


class KeyMeans(Enum):
    """What a key alone would be to the dialog."""

    COMPLETE = "complete"
    """It answers what was asked, begins the answer again, or is a command."""
    MORE = "more"
    """It is part of an answer that needs more keys or words."""
    NOTHING = "nothing"
    """It has no use here."""


def key_means(book: Flowbook, state: State, key: str) -> KeyMeans:
    """Tried on the dialog, which is pure: nothing of it is kept."""
    after, actions = engine.step(book, state, CallerTyped(0, key))
    collects = state.listen is not None and state.listen.expects in ("digits", "number")
    if after.so_far or (key == "#" and collects and missed(actions)):  # '#' ends what is being said, too
        return KeyMeans.MORE
    return KeyMeans.NOTHING if missed(actions) else KeyMeans.COMPLETE


@dataclass(frozen=True)
class Pressed:
    """now: the dialog gets the key at once, not after the words before it. ends_turn: the caller's turn is over."""

    now: bool
    ends_turn: bool = False


class Keys:
    """One call's. Told what the listener tells, it knows whether words are on their way."""

    def __init__(self) -> None:
        self._speaking = False
        self._awaited = False
        self._lost = False
        self._void = False
        self._waiting: list[str] = []

    def voice_started(self) -> None:
        self._speaking = True

    def voice_stopped(self) -> None:
        """The turn is over; its words follow."""
        self._speaking, self._awaited, self._lost = False, not self._lost, False

    def words_came(self) -> bool:
        """The words of a turn were told. Whether the dialog is to get them."""
        void, self._void, self._awaited = self._void, False, False
        return not void

    def words_lost(self) -> None:
        """The recognizer died: the words of the turn under way will never be told."""
        self._lost = self._speaking
        self._awaited = self._void = False

    def press(self, key: str, means: KeyMeans, sounding: bool) -> Pressed:
        """sounding: the caller's voice is heard at this moment."""
        under_way = self._awaited or (self._speaking and not self._lost)
        if not self._waiting and (not under_way or means is KeyMeans.NOTHING):
            return Pressed(now=True)
        if not self._waiting and (means is KeyMeans.COMPLETE or (sounding and not self._awaited)):
            self._void = True
            return Pressed(now=True, ends_turn=not sounding)
        self._waiting.append(key)
        return Pressed(now=False, ends_turn=not sounding)

    def due(self) -> list[str]:
        """The keys that waited for words, as soon as no words are on their way any more."""
        if self._awaited or (self._speaking and not self._lost):
            return []
        keys, self._waiting = self._waiting, []
        return keys
