"""Callers who are far too loud are turned down; everybody else is left as they are."""

from __future__ import annotations

import numpy as np
import pytest

from voice.audio import float_to_pcm, level_db, pcm_to_float
from voice.listening.conditioning import Conditioner, Conditioning
from voice.listening.levelling import Level, Levelling


def voice(db: float, seconds: float = 0.5) -> bytes:
    at_s = np.arange(round(8000 * seconds)) / 8000
    return float_to_pcm((10 ** ((db + 3) / 20) * np.sin(400 * np.pi * at_s)).astype(np.float32))


@pytest.mark.parametrize(
    ("caller_db", "gain_db"),
    [(None, 0), (-20, 0), (-16, 0), (-10, -6), (0, -12), (-40, 0), (-50, 10), (-80, 15)],
)
def test_by_how_much(caller_db: float | None, gain_db: float) -> None:
    assert Level(soft_db=-40, loud_db=-16, up_db=15, down_db=12).gain_db(caller_db) == gain_db


def test_by_default_nobody_is_turned_up() -> None:
    assert Level().gain_db(-60) == 0
    assert Level().gain_db(-6) == -10


@pytest.mark.parametrize("level", [{"soft_db": -10, "loud_db": -20}, {"loud_db": 3}, {"up_db": -1}, {"down_db": 31}])
def test_what_contradicts_itself_is_refused(level: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="need"):
        Level(**level)


def test_a_usual_voice_passes_as_it_is() -> None:
    said = voice(-22)
    assert Levelling().feed(said, -22) is said


def test_the_gain_comes_without_a_jump_and_goes_the_same_way() -> None:
    levelling, said = Levelling(), voice(-6)
    first, second, third = (levelling.feed(said, caller_db) for caller_db in (-6.0, -6.0, None))
    assert pcm_to_float(first)[:40] == pytest.approx(pcm_to_float(said)[:40], abs=0.02)
    assert level_db(second) == pytest.approx(level_db(said) - 10, abs=0.1)
    steps = np.abs(np.diff(pcm_to_float(first + second + third)))
    assert steps.max() <= np.abs(np.diff(pcm_to_float(said))).max() + 0.001


def test_a_line_may_leave_every_caller_as_they_are() -> None:
    conditioner = Conditioner(8000, Conditioning(noise=False, level=None))
    conditioner.caller_db = -3.0
    assert conditioner.feed(voice(-3)) + conditioner.flush() == voice(-3)
