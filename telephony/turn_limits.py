"""What is in force for a caller's turn: the step's settings, else the line's, else the defaults."""

from __future__ import annotations

from dataclasses import replace

from dialogs.events import TurnSettings
from voice.listening.endpointing import Endpointing
from voice.speaking.barge_in import BargeIn

_SILENCES = ("settled_ms", "answerable_ms", "silence_ms", "slow_ms", "unfinished_ms")


def endpointing_with(usual: Endpointing, turns: TurnSettings | None) -> Endpointing:
    """`usual` with what `turns` sets. Raises ValueError when the two contradict each other."""
    given = {name: value for name in _SILENCES if (value := getattr(turns, name, None)) is not None}
    return replace(usual, **given) if given else usual


def barge_in_with(usual: BargeIn, turns: TurnSettings | None) -> BargeIn:
    """`usual` with what `turns` sets."""
    if turns is None:
        return usual
    return replace(
        usual,
        speech_ms=usual.speech_ms if turns.barge_in_ms is None else turns.barge_in_ms,
        protected_ms=usual.protected_ms if turns.protected_ms is None else turns.protected_ms,
    )
