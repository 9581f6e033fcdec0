from __future__ import annotations

from collections.abc import Sequence

import pytest

from voice.speaking.barge_in import BargeIn, should_stop

RULE = BargeIn()


@pytest.mark.parametrize(
    ("what", "speech_ms", "words", "interruptible", "played_ms", "stops"),
    [
        ("a cough", 200, None, True, 3_000, False),
        ("a caller who speaks, by a recognizer without partials", 300, None, True, 3_000, True),
        ("the end of the caller's own sentence", 500, None, True, 390, False),
        ("a prompt that must be heard", 2_000, ["operatore", "subito"], False, 3_000, False),
        ("a word that means something", 320, ["operatore"], True, 3_000, True),
        ("a listener's yes", 500, ["Sì"], True, 3_000, False),
        ("two of them", 700, ["sì,", "certo"], True, 3_000, False),
        ("three are no backchannel any more", 700, ["sì", "sì", "bene"], True, 3_000, True),
        ("yes and a wish", 700, ["sì", "operatore"], True, 3_000, True),
        ("a Korean yes", 500, ["네"], True, 3_000, False),
        ("no word yet: noise, or recognition that lags", 600, [], True, 3_000, False),
        ("no word for long", 1_200, [], True, 3_000, True),
        ("an empty partial", 600, [""], True, 3_000, False),
    ],
)
def test_what_stops_a_prompt(
    what: str, speech_ms: int, words: Sequence[str] | None, interruptible: bool, played_ms: int, stops: bool
) -> None:
    assert should_stop(RULE, speech_ms, words, interruptible, played_ms) is stops, what


def test_the_rule_can_be_set() -> None:
    assert not should_stop(BargeIn(speech_ms=800), 500, None, True, 3_000)
    assert should_stop(BargeIn(protected_ms=0), 300, None, True, 0)
